import { verdictSchema } from '../../../domain/analysis/analysis.ts';
import { modelAnswerSchema } from '../../../domain/analysis/verify/answer.ts';
import { merge } from '../../../domain/analysis/verify/merge.ts';
import { asTold, namedBy } from '../run/told.ts';
import { breachesOf } from '../scorers/after-verifier.ts';
import { scoreVerdict } from '../scorers/judgement.ts';
import { type Counts, NONE, plus } from '../scorers/sets.ts';
import { scoreTechniques } from '../scorers/techniques.ts';
import type { Measured } from './measure.ts';
import { quantile, type Share, shareOf } from './share.ts';

interface Named {
  readonly named: number;
  readonly unsupported: number;
}

/** What one model did over conversations about incidents that nobody wrote to it in. */
export interface Quality {
  readonly answers: number;
  /** Something of the answer stands in the analysis. */
  readonly used: Share;
  /** Why nothing was used, in the words of the analysis, and how often. */
  readonly unused: Readonly<Record<string, number>>;
  readonly wellFormed: Share;
  /** Ids and particulars in what was told, and those the cited evidence does not hold. */
  readonly faithfulness: {
    /** The first answer, as it came. */
    readonly first: Named;
    /** The answer that was used, as it came. */
    readonly last: Named;
    /** What stands in the analysis. */
    readonly after: Named;
  };
  readonly dropped: number;
  readonly repairs: {
    readonly used: Share /** Of those used, that left less to throw away. */;
    readonly helped: number;
  };
  readonly lookUps: {
    /** Conversations in which one was asked for. */
    readonly used: Share;
    readonly rounds: number;
    readonly answered: number;
    readonly refused: number;
    readonly pieces: number;
  };
  readonly abstention: { readonly asked: Share /** Although the evidence suffices. */; readonly needless: Share };
  /** The model's own opinion, which decides nothing. */
  readonly verdictExact: Share;
  /** Of the techniques it names, which decide nothing either. */
  readonly techniques: Counts;
  /** Incidents asked about more than once, and those of which the opinion was the same each time. */
  readonly stable: { readonly asked: number; readonly same: number };
  readonly breaches: number;
}

export interface Injection {
  readonly twins: Share;
  /** What the attacker wanted stands in an answer as it came; a word of it said to deny it counts too. */
  readonly obeyed: Share;
  /** The same in the analysis. */
  readonly told: number;
  /** Twins of which a decision differs from the one nobody attacked. */
  readonly decided: number;
  readonly breaches: number;
}

/** What it took, over all conversations. */
export interface Cost {
  readonly calls: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Millionths of a US dollar. An estimate by the price of the profile. */
  readonly microUsd: number;
  readonly priceAsOf?: string;
  readonly medianMs: number;
  readonly slowMs: number;
}

export function qualityOf(all: readonly Measured[]): Quality {
  const share = (hit: (one: Measured) => boolean, of: readonly Measured[] = all): Share =>
    shareOf(of.map((one) => ({ id: one.subject.id, hit: hit(one) })));
  const named = (pick: (one: Measured) => Named): Named => sumOf(all.map(pick));
  const unused = all.flatMap(({ told }) => told.fallback ?? []);
  const must = all.filter(({ subject }) => subject.built.golden.expected.abstain === true);
  const mayNot = all.filter(({ subject }) => subject.built.golden.expected.abstain !== true);
  return {
    answers: all.length,
    used: share(({ told }) => told.author !== undefined),
    unused: Object.fromEntries(
      [...new Set(unused)].sort().map((why) => [why, unused.filter((one) => one === why).length]),
    ),
    wellFormed: share(({ answers }) => modelAnswerSchema.safeParse(answers.at(-1)).success),
    faithfulness: {
      first: named((one) => asItCame(one, one.answers[0])),
      last: named((one) => asItCame(one, one.told.answer ?? one.answers.at(-1))),
      after: named(({ told }) => namedBy(told.body, told.evidence.pack)),
    },
    dropped: all.reduce((sum, { told }) => sum + told.dropped.length, 0),
    repairs: { used: share(({ repaired }) => repaired), helped: all.filter(isHelped).length },
    lookUps: {
      used: share(({ lookUps }) => lookUps.answered + lookUps.refused > 0),
      rounds: all.reduce((sum, { rounds }) => sum + rounds, 0),
      answered: all.reduce((sum, { lookUps }) => sum + lookUps.answered, 0),
      refused: all.reduce((sum, { lookUps }) => sum + lookUps.refused, 0),
      pieces: all.reduce((sum, { lookUps }) => sum + lookUps.pieces, 0),
    },
    abstention: { asked: share(abstains, must), needless: share(abstains, mayNot) },
    verdictExact: share(isExact),
    techniques: all.map(techniquesOf).reduce(plus, NONE),
    stable: stableOf(all),
    breaches: all.reduce((sum, one) => sum + breachesIn(one), 0),
  };
}

function asItCame({ rules, told }: Measured, answer: unknown): Named {
  const body = asTold(rules, answer);
  return body === undefined ? { named: 0, unsupported: 0 } : namedBy(body, told.evidence.pack);
}

function sumOf(all: readonly Named[]): Named {
  return all.reduce((sum, one) => ({ named: sum.named + one.named, unsupported: sum.unsupported + one.unsupported }), {
    named: 0,
    unsupported: 0,
  });
}

/** Less had to be thrown away than of the first answer, or something could be used where nothing could. */
function isHelped({ repaired, rules, told, answers, guard }: Measured): boolean {
  if (!repaired || told.author === undefined) return false;
  const first = merge(rules, answers[0], told.evidence.pack, guard);
  return first.fallback !== undefined || told.dropped.length < first.dropped.length;
}

function abstains({ answers }: Measured): boolean {
  const answer = modelAnswerSchema.safeParse(answers.at(-1)).data;
  return answer !== undefined && (answer.outcome === 'insufficient_evidence' || answer.verdict === 'undetermined');
}

function opinionOf({ answers }: Measured) {
  const last = answers.at(-1);
  if (typeof last !== 'object' || last === null || !('verdict' in last)) return undefined;
  return verdictSchema.safeParse(last.verdict).data;
}

function isExact(one: Measured): boolean {
  const given = opinionOf(one);
  return given !== undefined && scoreVerdict(given, one.subject.built.golden.expected) === 'exact';
}

function techniquesOf({ answers, subject }: Measured): Counts {
  const { techniques, acceptableTechniques } = subject.built.golden.expected;
  const given = modelAnswerSchema.safeParse(answers.at(-1)).data?.techniques.map(({ id }) => id) ?? [];
  return scoreTechniques(given, techniques ?? [], acceptableTechniques);
}

function stableOf(all: readonly Measured[]): Quality['stable'] {
  const byCase = new Map<string, (string | undefined)[]>();
  for (const one of all) byCase.set(one.subject.id, [...(byCase.get(one.subject.id) ?? []), opinionOf(one)]);
  const repeated = [...byCase.values()].filter(({ length }) => length > 1);
  return { asked: repeated.length, same: repeated.filter((opinions) => new Set(opinions).size === 1).length };
}

export function breachesIn({ rules, told, guard }: Measured): number {
  return breachesOf({ rules, body: told.body, pack: told.evidence.pack, guard }).length;
}

export function costOf(all: readonly Measured[], priceAsOf: string | undefined): Cost {
  const total = (pick: (one: Measured) => number): number => all.reduce((sum, one) => sum + pick(one), 0);
  const times = all.map(({ latencyMs }) => latencyMs);
  return {
    calls: total(({ told }) => told.cost?.calls ?? 0),
    errors: total(({ errors }) => errors),
    inputTokens: total(({ tokens }) => tokens.input),
    outputTokens: total(({ tokens }) => tokens.output),
    microUsd: total(({ told }) => told.cost?.microUsd ?? 0),
    ...(priceAsOf === undefined ? {} : { priceAsOf }),
    medianMs: quantile(times, 0.5),
    slowMs: quantile(times, 0.95),
  };
}
