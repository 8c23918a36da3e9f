import type { ModelRequest } from '../../../connectors/models/port.ts';
import type { Guard } from '../../../domain/analysis/verify/verify.ts';
import { digestOf } from '../../../domain/json/canonical.ts';
import { analysisPrompt, canaryOf } from '../../../functions/analyze/prompting.ts';
import { RunBudget } from './budget.ts';
import { type Held, hold } from './hold.ts';
import { replayPort } from './ports.ts';
import type { Recording } from './recording.ts';
import type { Subject } from './subjects.ts';

/** A conversation as it would be held now. */
export interface Measured extends Held {
  readonly subject: Subject;
  readonly n: number;
  /** As the model gave them, in their order; undefined for what was no JSON. */
  readonly answers: readonly unknown[];
  readonly repaired: boolean;
  /** Replies that asked for evidence in place of answering. */
  readonly rounds: number;
  readonly guard: Guard;
  /** Calls that failed. */
  readonly errors: number;
  readonly tokens: { readonly input: number; readonly output: number };
  /** Of the model alone, all calls together. */
  readonly latencyMs: number;
}

export type Measurement =
  | { readonly ok: true; readonly measured: Measured }
  | { readonly ok: false; readonly why: string };

/**
 * Holds a recorded conversation again, by the code of now. It counts only if the code asks, word for word, what was asked then:
 * an answer to another question measures nothing.
 */
export async function measure(recording: Recording, subject: Subject | undefined): Promise<Measurement> {
  if (subject === undefined) return { ok: false, why: 'there is no such incident any more' };
  const { built } = subject;
  const prompt = analysisPrompt(built.golden.source);
  if (recording.promptSha256 !== prompt.sha256) return { ok: false, why: 'it is of another prompt' };
  if (recording.packDigest !== digestOf(built.pack)) return { ok: false, why: 'it is of other evidence' };
  const replay = replayPort(recording);
  const begun = Date.parse(recording.at);
  const held = await hold(built, {
    port: replay.port,
    limits: recording.limits,
    // It was paid for.
    spending: new RunBudget(Number.POSITIVE_INFINITY).spending(),
    seed: recording.seed,
    now: () => new Date(begun + replay.elapsedMs()),
  });
  const diverged = replay.diverged();
  if (diverged !== undefined) return { ok: false, why: diverged };
  const replies = recording.calls.flatMap(({ result }) => (result.kind === 'reply' ? [result.reply] : []));
  return {
    ok: true,
    measured: {
      ...held,
      subject,
      n: recording.n,
      answers: replies.flatMap(({ outcome, json }) =>
        outcome === 'json' ? [json] : outcome === 'unparseable' ? [undefined] : [],
      ),
      rounds: replies.filter(({ outcome }) => outcome === 'tool_calls').length,
      repaired: replay.requests.some(({ turns }) => turns.some(({ role }) => role === 'assistant')),
      guard: { canary: canaryOf(prompt), boundary: boundaryIn(replay.requests) },
      errors: recording.calls.length - replies.length,
      tokens: {
        input: total(replies.map(({ usage }) => usage.input + usage.cacheRead + usage.cacheWrite)),
        output: total(replies.map(({ usage }) => usage.output)),
      },
      latencyMs: total(replies.map(({ provider }) => provider.latencyMs)),
    },
  };
}

function total(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0);
}

/** The line between which the evidence stood. */
function boundaryIn([first]: readonly ModelRequest[]): string {
  const text = first?.turns.map((turn) => (turn.role === 'user' ? turn.text : '')).join('\n') ?? '';
  return /^=====\S+=====$/m.exec(text)?.[0] ?? '=====none=====';
}
