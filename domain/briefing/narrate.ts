import type { Claim } from '../analysis/analysis.ts';
import { Account, type Dropped, type Violation } from '../analysis/verify/claims.ts';
import type { Ground } from '../analysis/verify/ground.ts';
import type { Guard } from '../analysis/verify/rule.ts';
import { LIMITS } from '../analysis/verify/rules/v1-shape.ts';
import { toldAnswerSchema } from '../analysis/verify/told.ts';
import { foldDashes } from '../analysis/verify/words.ts';
import { faultIn } from './checks.ts';
import { type Briefing, type Figure, sentenceOf, shown } from './figures.ts';

export type Sentence = Pick<Claim, 'text' | 'evidence'> & { readonly by: 'rules' | 'model' };

/** As the prompt asks for (prompts/briefing-narrative.prompt.md). */
const MOST = 8;

/**
 * The figures as the prompt shows them, as JSON: numbered sentences, and nothing that is not a figure. A name that came with an
 * alert has `^` for its spaces, as in every prompt, so that it reads as no sentence.
 */
export function figuresView({ audience, period, figures, unknown }: Briefing): string {
  return JSON.stringify({
    audience,
    period: { from: period.from.slice(0, 10), to: period.to.slice(0, 10) },
    figures: figures.map((figure) => ({ id: figure.id, trust: trustOf(figure), text: marked(figure) })),
    unknown,
  });
}

function marked(figure: Figure): string {
  return trustOf(figure) === 'own' || figure.of === undefined
    ? sentenceOf(figure)
    : sentenceOf({ ...figure, of: figure.of.replaceAll(' ', '^') });
}

/** The name of a workload came with an alert; everything else is counted. */
function trustOf({ measure }: Figure): 'own' | 'attacker_influenced' {
  return measure === 'workload' ? 'attacker_influenced' : 'own';
}

/** The floor: every figure told by the rules, in the order of the briefing. */
export function toldByRules({ figures }: Pick<Briefing, 'figures'>): Sentence[] {
  return figures.map((figure) => ({ text: sentenceOf(figure), evidence: [figure.id], by: 'rules' }));
}

export interface VerifiedNarrative {
  readonly sentences: readonly Sentence[];
  readonly dropped: Dropped;
  readonly violations: readonly Violation[];
  /** Why nothing of the answer was used. */
  readonly refused?: string;
}

/**
 * A model's narrative over the figures: its sentences that stand, then those of the rules. A model can leave no figure out; what
 * it says is held to the rules of every text, and to the figures it cites (checks.ts).
 */
export function verifyNarrative(answer: unknown, briefing: Briefing, guard: Guard): VerifiedNarrative {
  const floor = toldByRules(briefing);
  const parsed = toldAnswerSchema.safeParse(answer);
  if (!parsed.success)
    return {
      sentences: floor,
      dropped: [],
      violations: [{ rule: 'V1', where: 'the answer' }],
      refused: 'the answer has not the agreed shape',
    };
  const account = new Account({
    ground: groundOf(briefing),
    // No sentence of a briefing may rate an incident or call for anything: nothing is recommended in it.
    judgement: { verdict: 'undetermined', severity: 'critical', techniques: [], actions: [] },
    guard,
  });
  const { outcome, claims } = parsed.data;
  const refused = account.refused(parsed.data) ?? (outcome === 'declined' ? 'the model declined to answer' : undefined);
  if (refused !== undefined)
    return { sentences: floor, dropped: account.dropped, violations: account.violations, refused };
  const byId = new Map(briefing.figures.map((figure) => [figure.id, figure]));
  const told = account
    .first(outcome === 'cannot_tell' ? [] : claims, MOST, 'claim')
    .flatMap((said, index): Sentence[] => {
      const where = `claim ${index + 1}`;
      const draft = account.claim(said, { where, max: LIMITS.text, cites: 'must' });
      if (draft === undefined) return [];
      const evidence = [...new Set(draft.evidence)];
      const fault = faultIn(
        draft.text,
        evidence.flatMap((id) => byId.get(id) ?? []),
        briefing,
      );
      if (fault === undefined) return [{ text: draft.text, evidence, by: 'model' }];
      account.drop('V8', where, fault);
      return [];
    });
  return { sentences: [...told, ...floor], dropped: account.dropped, violations: account.violations };
}

function groundOf({ figures, period }: Briefing): Ground {
  const items = new Map(
    figures.map((figure) => [
      figure.id,
      {
        trust: trustOf(figure),
        entities: [],
        words: wordsOf(figure, period),
      },
    ]),
  );
  return { items, entities: new Map(), words: [...items.values()].map(({ words }) => words).join(' \n ') };
}

function wordsOf(figure: Figure, period: Briefing['period']): string {
  const values = [figure.value, figure.before].flatMap((value) =>
    value === undefined ? [] : [shown(value, figure.unit), String(value), value.toFixed(2)],
  );
  const days = [period.from.slice(0, 10), period.to.slice(0, 10)];
  return foldDashes([sentenceOf(figure), figure.of ?? '', ...values, ...days].join(' \n ')).toLowerCase();
}
