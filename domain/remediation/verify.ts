import type { Verdict } from '../analysis/analysis.ts';
import { checkText, LIMITS, wordsOf } from '../analysis/verify/checks.ts';
import type { Guard } from '../analysis/verify/verify.ts';
import { visibleText } from '../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import { blockedEventAnswerSchema, type RemediationAnswer, remediationAnswerSchema } from './answer.ts';
import { checkCommandText } from './command/check.ts';
import type { BlockedEvent, Guidance, Remediation, Step } from './guidance.ts';
import { Slots } from './slots.ts';

export interface Judging {
  readonly guard: Guard;
  readonly verdict: Verdict;
}

/** The guidance with what of a model's answer stands; `fallback`: why nothing of it was used. */
export interface VerifiedGuidance {
  readonly guidance: Remediation;
  readonly dropped: readonly { readonly what: string; readonly why: string }[];
  readonly fallback?: string;
}

type Drop = (what: string, why: string) => void;
type Claim = Guidance['why'][number];

const MAX_ADDED = 20;

/**
 * Adds a model's explanations and commands to the guidance of the rules. What the rules wrote stays, in its order: a
 * model can leave nothing out and put nothing first. Its commands go through the checker everybody's go through, none of
 * them may destroy anything, and one that changes something needs a second person.
 */
export function verifyGuidance(
  answer: unknown,
  pack: EvidencePack,
  guidance: Remediation,
  judging: Judging,
): VerifiedGuidance {
  const { dropped, drop } = drops();
  const parsed = remediationAnswerSchema.safeParse(answer);
  if (!parsed.success) return { guidance, dropped, fallback: 'the answer has not the agreed shape' };
  const refused = unusable(parsed.data, judging.guard);
  if (refused !== undefined) return { guidance, dropped, fallback: refused };
  const check: Checking = {
    known: new Set(guidance.items.map(({ id }) => id)),
    slots: new Slots(pack),
    text: textCheck(pack, judging.verdict, drop),
    drop,
  };
  const explained = explanationsIn(parsed.data, check);
  const added = commandsIn(parsed.data, check);
  return { guidance: { ...guidance, items: merged(guidance.items, explained, added) }, dropped };
}

interface Checking {
  readonly known: ReadonlySet<string>;
  readonly slots: Slots;
  readonly text: (what: string, raw: string, evidence: readonly string[]) => Claim | undefined;
  readonly drop: Drop;
}

function explanationsIn({ explanations }: RemediationAnswer, { known, text, drop }: Checking): Map<string, Claim[]> {
  const explained = new Map<string, Claim[]>();
  for (const [index, one] of limited('explanations', explanations, drop).entries()) {
    const what = `explanation ${index + 1}`;
    if (!known.has(one.guidance)) drop(what, 'speaks of guidance that the rules did not give');
    const claim = known.has(one.guidance) ? text(what, one.text, one.evidence) : undefined;
    if (claim !== undefined) explained.set(one.guidance, [...(explained.get(one.guidance) ?? []), claim]);
  }
  return explained;
}

interface Added {
  readonly why: readonly Claim[];
  readonly steps: readonly Step[];
}

function commandsIn({ commands }: RemediationAnswer, { known, slots, text, drop }: Checking): Map<string, Added> {
  const added = new Map<string, Added>();
  for (const [index, one] of limited('commands', commands, drop).entries()) {
    const what = `command ${index + 1}`;
    if (!known.has(one.guidance)) drop(what, 'speaks of guidance that the rules did not give');
    const step = known.has(one.guidance) ? commandOf(what, one, slots, drop) : undefined;
    const claim = step === undefined ? undefined : text(what, one.purpose, one.evidence);
    if (step === undefined || claim === undefined) continue;
    const { why, steps } = added.get(one.guidance) ?? { why: [], steps: [] };
    added.set(one.guidance, { why: [...why, claim], steps: [...steps, { ...step, purpose: claim.text }] });
  }
  return added;
}

function merged(
  items: readonly Guidance[],
  explained: ReadonlyMap<string, readonly Claim[]>,
  added: ReadonlyMap<string, Added>,
): Guidance[] {
  return items.flatMap((one): Guidance[] => {
    const { why = [], steps = [] } = added.get(one.id) ?? {};
    const words = [...(explained.get(one.id) ?? []), ...why];
    // What a model wrote stands in a piece of its own, so that nobody takes it for the rules' word.
    return words.length === 0
      ? [one]
      : [
          one,
          {
            ...one,
            id: `model:${one.id}`,
            title: `About this, by a model: ${one.title}`,
            why: words,
            steps: [...steps],
            author: 'model',
          },
        ];
  });
}

type CommandStep = Extract<Step, { kind: 'command' }>;

function commandOf(
  what: string,
  { command }: { readonly command: string },
  slots: Slots,
  drop: Drop,
): CommandStep | undefined {
  const checked = checkCommandText(command, slots.known);
  if (!checked.ok) {
    drop(what, `the command ${checked.why}`);
    return undefined;
  }
  if (checked.effect === 'destroys') {
    drop(what, 'the command destroys something, which a model may not propose');
    return undefined;
  }
  const { argv, text, effect, needsApproval, parameters } = checked;
  return {
    kind: 'command',
    purpose: '',
    argv: [...argv],
    text,
    effect,
    needsApproval: needsApproval || effect === 'changes',
    emergency: false,
    parameters: [...parameters],
  };
}

/** Adds a model's words to the explanations of stopped events; the rules' own stay. */
export function verifyBlockedEvents(
  answer: unknown,
  pack: EvidencePack,
  guidance: Remediation,
  judging: Judging,
): VerifiedGuidance {
  const { dropped, drop } = drops();
  const parsed = blockedEventAnswerSchema.safeParse(answer);
  if (!parsed.success) return { guidance, dropped, fallback: 'the answer has not the agreed shape' };
  const refused = unusable(parsed.data, judging.guard);
  if (refused !== undefined) return { guidance, dropped, fallback: refused };
  const ids = new Set(guidance.blocked.map(({ id }) => id));
  const text = textCheck(pack, judging.verdict, drop);
  const claimsOf = (part: 'why' | 'change'): ReadonlyMap<string, Claim[]> => {
    const claims = new Map<string, Claim[]>();
    for (const [index, one] of limited(part, parsed.data[part], drop).entries()) {
      const what = `${part} ${index + 1}`;
      if (!ids.has(one.event)) drop(what, 'speaks of an event that the rules did not name');
      // How to get through is nothing to be told while an attack is at work.
      else if (part === 'change' && judging.verdict === 'malicious')
        drop(what, 'advises a change while an attack is at work');
      else {
        const claim = text(what, one.text, one.evidence);
        if (claim !== undefined) claims.set(one.event, [...(claims.get(one.event) ?? []), claim]);
      }
    }
    return claims;
  };
  const why = claimsOf('why');
  const change = claimsOf('change');
  const blocked = guidance.blocked.flatMap((event): BlockedEvent[] => {
    const [reasons, changes] = [why.get(event.id) ?? [], change.get(event.id) ?? []];
    return reasons.length + changes.length === 0
      ? [event]
      : [
          event,
          {
            ...event,
            id: `model:${event.id}`,
            title: `About this, by a model: ${event.title}`,
            why: reasons,
            change: changes,
            author: 'model',
          },
        ];
  });
  return { guidance: { ...guidance, blocked }, dropped };
}

function drops() {
  const dropped: { what: string; why: string }[] = [];
  const drop: Drop = (what, why) => {
    dropped.push({ what, why });
  };
  return { dropped, drop };
}

function unusable(
  answer: { readonly outcome: 'answered' | 'declined' },
  { canary, boundary }: Guard,
): string | undefined {
  const text = visibleText(JSON.stringify(answer));
  if (text.includes(canary)) return 'the answer repeats the hidden mark of the instructions';
  if (text.includes(boundary)) return 'the answer repeats the boundary of the evidence';
  return answer.outcome === 'declined' ? 'the model declined to answer' : undefined;
}

const PROTECTION =
  '(?:protection|defender|sensor|agent|scanner|monitor\\w*|rules?|polic(?:y|ies)|waas|firewall|admission|webhook|guardduty|falco|alerts?|logging|audit\\w*)';
const OFF =
  '(?:disabl\\w+|deactivat\\w+|uninstall\\w*|bypass\\w*|circumvent\\w*|(?:turn|switch|shut)\\w*\\b.{0,40}\\b(?:off|down)|allow(?:s|ing|list)? (?:all|every\\w*|any\\w*))';
/** `disable the rule`, `the rule should be disabled`, `switch the rule off`. */
const SWITCHES_OFF = new RegExp(
  [
    `\\b${OFF}\\b.{0,80}\\b${PROTECTION}\\b`,
    `\\b${PROTECTION}\\b.{0,80}\\b${OFF}\\b`,
    `\\b(?:turn|switch|shut|set)\\w*\\b.{0,60}\\b${PROTECTION}\\b.{0,60}\\b(?:off|down|aside)\\b`,
  ].join('|'),
  'i',
);

export function switchesOff(text: string): boolean {
  return SWITCHES_OFF.test(visibleText(text));
}

/** A sentence of a model as a claim: cites evidence that exists, and says nothing particular that this evidence does not hold. */
function textCheck(pack: EvidencePack, verdict: Verdict, drop: Drop) {
  return (what: string, raw: string, evidence: readonly string[]): Claim | undefined => {
    const items: EvidenceItem[] = pack.items.filter(({ id }) => evidence.includes(id));
    if (items.length === 0 || items.length < new Set(evidence).size || evidence.length > LIMITS.citations) {
      drop(what, 'cites no evidence, too much, or some that does not exist');
      return undefined;
    }
    if (switchesOff(raw)) {
      drop(what, 'advises to switch a protection off');
      return undefined;
    }
    const checked = checkText(raw, { words: wordsOf(pack, items), pack, verdict, max: LIMITS.text });
    if (!checked.ok) {
      drop(what, checked.why);
      return undefined;
    }
    return { text: checked.text, kind: 'inferred', evidence: items.map(({ id }) => id), entities: [] };
  };
}

function limited<T>(what: string, all: readonly T[], drop: Drop): readonly T[] {
  if (all.length > MAX_ADDED) drop(`${all.length - MAX_ADDED} of ${what}`, `more than ${MAX_ADDED} are not read`);
  return all.slice(0, MAX_ADDED);
}
