import type { Analysis } from '../analysis.ts';
import type { AnsweredClaim } from './answer.ts';
import type { Ground } from './ground.ts';
import type { ClaimContext, Draft, Guard, Judgement, Position, RuleId, VerifierRule } from './rule.ts';
import { VERIFIER_RULES } from './verifier-rules.ts';

export type Dropped = Analysis['dropped'];

/** What an answer did against which rule, and where: nothing of its words. */
export interface Violation {
  readonly rule: RuleId;
  readonly where: string;
}

/** What is known where an answer is judged. */
export interface Setting {
  readonly ground: Ground;
  readonly judgement: Judgement;
  readonly guard: Guard;
  readonly rules?: readonly VerifierRule[];
}

/** Judges sentence by sentence and keeps account. One for each answer. */
export class Account {
  readonly dropped: { what: string; why: string; rule: RuleId }[] = [];
  /** Of what was thrown away; what was only put right is in `dropped` alone. */
  readonly violations: Violation[] = [];
  readonly #setting: Setting;
  readonly #rules: readonly VerifierRule[];

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#rules = setting.rules ?? VERIFIER_RULES;
  }

  /** Why nothing of the answer may be used. */
  refused(answer: unknown): string | undefined {
    for (const rule of this.#rules) {
      const why = rule.answer?.(answer, this.#setting.guard);
      if (why !== undefined) {
        this.violations.push({ rule: rule.id, where: 'the answer' });
        return why;
      }
    }
    return undefined;
  }

  /** A sentence as it may be used; undefined when it may not. */
  claim(said: AnsweredClaim, position: Position): Draft | undefined {
    const context = contextOf(said, position, this.#setting);
    let draft: Draft = { ...said };
    for (const rule of this.#rules) {
      const finding = rule.claim?.(draft, context);
      if (finding === undefined) continue;
      if (finding.kind === 'drop') {
        this.drop(rule.id, position.where, finding.why);
        return undefined;
      }
      draft = finding.draft;
      if (finding.why !== undefined) this.note(rule.id, `${position.where}, in part`, finding.why);
    }
    return draft;
  }

  /** A list of sentences, each by its place in it. */
  claims(all: readonly AnsweredClaim[], most: number, position: Position): Draft[] {
    return this.first(all, most, position.where).flatMap(
      (said, index) => this.claim(said, { ...position, where: `${position.where} ${index + 1}` }) ?? [],
    );
  }

  /** The part of a list that is read. */
  first<T>(all: readonly T[], limit: number, where: string): readonly T[] {
    const most = this.#rules.find((rule) => rule.most !== undefined)?.most?.(limit) ?? all.length;
    if (all.length > most) this.drop('V1', `${all.length - most} of ${where}`, `more than ${most} are not read`);
    return all.slice(0, most);
  }

  technique(id: string, where: string): boolean {
    for (const rule of this.#rules) {
      const why = rule.technique?.(id, this.#setting.judgement);
      if (why !== undefined) {
        this.drop(rule.id, where, why);
        return false;
      }
    }
    return true;
  }

  drop(rule: RuleId, where: string, why: string): void {
    this.note(rule, where, why);
    this.violations.push({ rule, where });
  }

  /** Counted and shown, but nothing to ask again for. */
  note(rule: RuleId, what: string, why: string): void {
    this.dropped.push({ what, why, rule });
  }
}

function contextOf(said: AnsweredClaim, position: Position, { ground, judgement }: Setting): ClaimContext {
  const items = said.evidence.slice(0, 100).flatMap((id) => ground.items.get(id) ?? []);
  let words: string | undefined;
  return {
    ...position,
    items,
    ground,
    judgement,
    get words() {
      words ??= position.cites === 'must' ? items.map((item) => item.words).join(' \n ') : ground.words;
      return words;
    },
  };
}

/** Sentences of any prompt against the rules: what stands, what was dropped, and what a repair turn should ask for. */
export function verifyClaims(
  all: readonly AnsweredClaim[],
  setting: Setting,
  options: Position & { readonly most: number },
): { readonly claims: readonly Draft[]; readonly dropped: Dropped; readonly violations: readonly Violation[] } {
  const account = new Account(setting);
  const claims = account.claims(all, options.most, options);
  return { claims, dropped: account.dropped, violations: account.violations };
}
