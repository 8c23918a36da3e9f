import type { ModelPort } from '../../../connectors/models/port.ts';
import { digestOf } from '../../../domain/json/canonical.ts';
import { analysisPrompt } from '../../../functions/analyze/prompting.ts';
import { RunBudget } from './budget.ts';
import { hold, type Limits } from './hold.ts';
import { recordingPort } from './ports.ts';
import type { Recording } from './recording.ts';
import type { Subject } from './subjects.ts';

export interface LiveRun {
  readonly recordings: readonly Recording[];
  /** Conversations that were to be held. */
  readonly planned: number;
  /** Those that were not held, or not to their end, by id and number; nothing of them is in a figure. */
  readonly notMeasured: readonly string[];
  /** Millionths of a US dollar by the price of the profile, what was begun and cut off among it. An estimate. */
  readonly microUsd: number;
  /** Why it ended before all was asked. */
  readonly stopped?: string;
}

/**
 * Holds a conversation about every subject, `repeats` times each, one after the other. A conversation that money cuts off is
 * not measured: half an exchange says nothing about a model. A profile without a price is refused: a cost nobody knows cannot
 * be bounded.
 */
export async function runLive(of: {
  readonly port: ModelPort;
  readonly subjects: readonly Subject[];
  readonly repeats: number;
  readonly limits: Limits;
  readonly maxUsd: number;
  readonly now: () => Date;
  readonly seed: () => string;
  readonly keep?: (recording: Recording) => void;
}): Promise<LiveRun> {
  const { profile } = of.port;
  const plan = Array.from({ length: of.repeats }, (_, index) =>
    of.subjects.map((subject) => ({ subject, n: index + 1 })),
  ).flat();
  const names = plan.map(({ subject, n }) => `${subject.id} #${n}`);
  const begun = { planned: plan.length };
  if (profile.pricePerMTok === undefined) {
    const stopped = `profile ${profile.name} has no pricePerMTok, so that no budget can be kept`;
    return { ...begun, recordings: [], notMeasured: names, microUsd: 0, stopped };
  }
  const budget = new RunBudget(of.maxUsd * 1_000_000);
  const recordings: Recording[] = [];
  for (const { subject, n } of plan) {
    const recording = await record(of, subject, n, budget);
    if (budget.refused) {
      const stopped = `the budget of ${of.maxUsd} USD would not cover the next call`;
      const notMeasured = names.slice(recordings.length);
      return { ...begun, recordings, notMeasured, microUsd: budget.microUsd, stopped };
    }
    recordings.push(recording);
    of.keep?.(recording);
  }
  return { ...begun, recordings, notMeasured: [], microUsd: budget.microUsd };
}

async function record(
  { port, limits, now, seed }: Pick<Parameters<typeof runLive>[0], 'port' | 'limits' | 'now' | 'seed'>,
  { id, built }: Subject,
  n: number,
  budget: RunBudget,
): Promise<Recording> {
  const at = now();
  const own = seed();
  const recorded = recordingPort(port, () => now().getTime() - at.getTime());
  await hold(built, { port: recorded.port, limits, spending: budget.spending(), seed: own, now });
  return {
    case: id,
    n,
    profile: port.profile,
    limits: { ...limits, tools: { ...limits.tools } },
    promptSha256: analysisPrompt(built.golden.source).sha256,
    packDigest: digestOf(built.pack),
    at: at.toISOString(),
    seed: own,
    calls: recorded.calls,
  };
}
