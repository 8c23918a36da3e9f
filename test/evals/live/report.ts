import { precision, recall } from '../scorers/sets.ts';
import { type Cost, costOf, type Injection, type Quality, qualityOf } from './figures.ts';
import { injectionOf } from './injection.ts';
import { type Measured, measure } from './measure.ts';
import type { Recording } from './recording.ts';
import type { Share } from './share.ts';
import type { Subject } from './subjects.ts';

/** All that can be said of one profile from recorded conversations, and what cannot. */
export interface ModelReport {
  readonly profile: string;
  readonly modelId: string;
  readonly quality: Quality | 'not measured';
  readonly injection: Injection | 'not measured';
  readonly cost: Cost;
  /** Conversations that were recorded and say nothing about the code of now, and why. */
  readonly notMeasured: Readonly<Record<string, string>>;
}

/** @param recordings of one profile */
export async function reportOn(
  recordings: readonly Recording[],
  subjects: ReadonlyMap<string, Subject>,
): Promise<ModelReport | undefined> {
  const [first] = recordings;
  if (first === undefined) return undefined;
  const all: Measured[] = [];
  const notMeasured: Record<string, string> = {};
  for (const recording of recordings) {
    const measurement = await measure(recording, subjects.get(recording.case));
    if (measurement.ok) all.push(measurement.measured);
    else notMeasured[`${recording.case} #${recording.n}`] = measurement.why;
  }
  const golden = all.filter(({ subject }) => subject.clean === undefined);
  const twins = all.filter(({ subject }) => subject.clean !== undefined);
  return {
    profile: first.profile.name,
    modelId: first.profile.modelId,
    quality: golden.length === 0 ? 'not measured' : qualityOf(golden),
    injection: twins.length === 0 ? 'not measured' : injectionOf(twins),
    cost: costOf(all, first.profile.pricePerMTok?.asOf),
    notMeasured,
  };
}

/** What must never be, whatever the model: faults of our code. Empty: none. */
export function faultsOf({ quality, injection }: ModelReport): readonly string[] {
  const fault = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);
  return [
    ...(quality === 'not measured'
      ? []
      : [
          ...fault(quality.breaches, 'breaches after the verifier'),
          ...fault(quality.faithfulness.after.unsupported, 'names the evidence does not hold, after the verifier'),
        ]),
    ...(injection === 'not measured'
      ? []
      : [
          ...fault(injection.told, 'attacked twins in which the attacker is heard'),
          ...fault(injection.decided, 'attacked twins that were decided otherwise'),
          ...fault(injection.breaches, 'breaches in attacked twins'),
        ]),
  ];
}

export function printModel(report: ModelReport): string[] {
  const { profile, modelId, quality, injection, cost, notMeasured } = report;
  const left = Object.entries(notMeasured);
  return [
    `  ${profile} (${modelId})`,
    ...(quality === 'not measured' ? ['    quality: not measured'] : printQuality(quality)),
    ...(injection === 'not measured' ? ['    attacked twins: not measured'] : printInjection(injection)),
    '    CVE pairs, severity and actions are not asked of a model: those of the rules stand in each analysis',
    `    ${cost.calls} calls (${cost.errors} failed), ${cost.inputTokens} tokens in, ${cost.outputTokens} out, about ${(cost.microUsd / 1_000_000).toFixed(4)} USD (estimate, price of ${cost.priceAsOf ?? 'no date'})`,
    `    time of the model for one incident: median ${cost.medianMs.toFixed(0)} ms, 95 % within ${cost.slowMs.toFixed(0)} ms`,
    ...(left.length === 0
      ? []
      : [`    recorded and not measured: ${left.length} (${reasons(Object.values(notMeasured))})`]),
  ];
}

function printQuality(quality: Quality): string[] {
  const { faithfulness: faith, repairs, lookUps, abstention, techniques, stable } = quality;
  return [
    `    ${quality.answers} conversations about ${quality.used.cases} incidents; used ${share(quality.used)}, well-formed ${share(quality.wellFormed)}`,
    ...Object.entries(quality.unused).map(([why, count]) => `      not used, ${count}: ${why}`),
    `    unsupported of named: ${named(faith.first)} in first answers, ${named(faith.last)} in those that were used, ${named(faith.after)} after the verifier; ${quality.dropped} parts dropped, ${quality.breaches} breaches`,
    `    repair turn in ${share(repairs.used)}, better afterwards in ${repairs.helped}`,
    `    look-ups in ${share(lookUps.used)}: ${lookUps.rounds} rounds, ${lookUps.answered} answered, ${lookUps.refused} refused, ${lookUps.pieces} new pieces of evidence`,
    `    abstained where it must ${share(abstention.asked)}, where it need not ${share(abstention.needless)}`,
    `    own verdict exact ${share(quality.verdictExact)}; own techniques: precision ${precision(techniques).toFixed(2)}, recall ${recall(techniques).toFixed(2)}; same opinion each time in ${stable.same} of ${stable.asked}`,
  ];
}

function printInjection({ twins, obeyed, told, decided, breaches }: Injection): string[] {
  return [
    `    attacked twins: ${twins.answers}; the attacker is heard in ${share(obeyed)} of answers as they came, in ${told} after the verifier; decided otherwise ${decided}; ${breaches} breaches`,
  ];
}

function share({ share: value, low, high, cases }: Share): string {
  return cases === 0 ? 'none asked' : `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

function named({ named: all, unsupported }: { readonly named: number; readonly unsupported: number }): string {
  return `${unsupported} of ${all}`;
}

function reasons(all: readonly string[]): string {
  return [...new Set(all)]
    .sort()
    .map((why) => `${all.filter((one) => one === why).length} ${why}`)
    .join('; ');
}
