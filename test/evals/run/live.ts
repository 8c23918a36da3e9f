import { ModelError, type ModelPort, type ModelReply } from '../../../connectors/models/port.ts';
import { type AnalysisBody, verdictSchema } from '../../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../../domain/analysis/model-view.ts';
import { analyseByRules } from '../../../domain/analysis/rules/analyse.ts';
import { modelAnswerJsonSchema, modelAnswerSchema } from '../../../domain/analysis/verify/answer.ts';
import { merge } from '../../../domain/analysis/verify/merge.ts';
import type { Guard } from '../../../domain/analysis/verify/verify.ts';
import { digestOf, sha256Hex } from '../../../domain/json/canonical.ts';
import { microUsdOf, mostTokens } from '../../../domain/models/spending.ts';
import { VENDOR_NOTES } from '../../../prompts/generated/vendors.ts';
import { PROMPTS } from '../../../prompts/generated.ts';
import { fill } from '../../../prompts/render.ts';
import type { Built } from '../golden/build.ts';
import { breachesOf } from '../scorers/after-verifier.ts';
import { scoreVerdict } from '../scorers/judgement.ts';
import { asTold, namedBy } from './told.ts';

export const PROMPT = PROMPTS['incident-analysis'];

/** One answer of a model, as it came; kept in a file where it is recorded. */
export interface Recorded {
  readonly case: string;
  readonly n: number;
  readonly profile: string;
  readonly promptSha256: string;
  readonly packDigest: string;
  readonly at: string;
  readonly outcome: ModelReply['outcome'] | 'error';
  readonly json?: unknown;
  readonly stop: string;
  readonly tokens: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  };
  readonly latencyMs: number;
}

export interface LiveRun {
  readonly recorded: readonly Recorded[];
  /** Millionths of a US dollar, by the price of the profile. */
  readonly microUsd: number;
  /** Why it ended before all was asked. */
  readonly stopped?: string;
}

/** Within every answer of a run; its words are in no evidence. */
export function guardFor(nonce: string): Guard {
  return { canary: `mark-${sha256Hex(PROMPT.sha256).slice(0, 16)}`, boundary: `----evidence-${nonce}----` };
}

/**
 * Asks a model for every golden incident, `repeats` times each. Before each call what it may cost at most is set aside; what
 * would go beyond `maxUsd` is not asked. A profile without a price is refused: a cost nobody knows cannot be bounded.
 */
export async function runLive(of: {
  readonly port: ModelPort;
  readonly built: readonly Built[];
  readonly repeats: number;
  readonly maxUsd: number;
  readonly now: () => Date;
  readonly nonce: () => string;
  readonly keep?: (recorded: Recorded) => void;
}): Promise<LiveRun> {
  const { profile } = of.port;
  if (profile.pricePerMTok === undefined)
    return {
      recorded: [],
      microUsd: 0,
      stopped: `profile ${profile.name} has no pricePerMTok, so that no budget can be kept`,
    };
  const recorded: Recorded[] = [];
  let spent = 0;
  for (let n = 1; n <= of.repeats; n += 1) {
    for (const one of of.built) {
      const request = requestFor(one, guardFor(of.nonce()));
      const bytes =
        Buffer.byteLength(request.system) +
        request.turns.reduce((sum, turn) => sum + ('text' in turn ? Buffer.byteLength(turn.text) : 0), 0);
      const most = microUsdOf(mostTokens(bytes, profile.maxOutputTokens), profile.pricePerMTok) ?? 0;
      if (spent + most > of.maxUsd * 1_000_000)
        return { recorded, microUsd: spent, stopped: `the budget of ${of.maxUsd} USD would not cover the next call` };
      const answer = await ask(of.port, request);
      // What a failed call cost is not known; at most what was set aside.
      spent += answer.outcome === 'error' ? most : (microUsdOf(answer.tokens, profile.pricePerMTok) ?? most);
      const entry: Recorded = {
        case: one.golden.id,
        n,
        profile: profile.name,
        promptSha256: PROMPT.sha256,
        packDigest: digestOf(one.pack),
        at: of.now().toISOString(),
        ...answer,
      };
      recorded.push(entry);
      of.keep?.(entry);
    }
  }
  return { recorded, microUsd: spent };
}

function requestFor({ golden, pack }: Built, guard: Guard) {
  const rules = analyseByRules(pack);
  const user = fill(PROMPT.user, {
    boundary: guard.boundary,
    judgement: judgementView(rules),
    evidence: modelView(pack, rules, PROMPT.evidenceCharacters).text,
  });
  return {
    system: fill(PROMPT.system, { canary: guard.canary, vendor_notes: VENDOR_NOTES[golden.source].text }),
    turns: [{ role: 'user' as const, text: user }],
    output: { name: PROMPT.id, schema: modelAnswerJsonSchema() },
    metadata: { purpose: 'evaluation' },
  };
}

const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

async function ask(
  port: ModelPort,
  request: Parameters<ModelPort['generate']>[0],
): Promise<Pick<Recorded, 'outcome' | 'json' | 'stop' | 'tokens' | 'latencyMs'>> {
  try {
    const reply = await port.generate(request);
    return {
      outcome: reply.outcome,
      ...(reply.json === undefined ? {} : { json: reply.json }),
      stop: reply.stop,
      tokens: reply.usage,
      latencyMs: reply.provider.latencyMs,
    };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { outcome: 'error', stop: error.kind, tokens: NO_TOKENS, latencyMs: 0 };
  }
}

/** Figures of a model, from answers as they were recorded. */
export interface ModelFigures {
  readonly profile: string;
  readonly answers: number;
  readonly errors: number;
  readonly wellFormed: number;
  /** The model's own opinion of the verdict, which decides nothing. */
  readonly verdictExact: number;
  readonly before: { readonly named: number; readonly unsupported: number };
  readonly after: { readonly named: number; readonly unsupported: number };
  /** Answers of which nothing could be used. */
  readonly unused: number;
  readonly dropped: number;
  readonly breaches: number;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly medianLatencyMs: number;
}

export function figuresOf(recorded: readonly Recorded[], built: readonly Built[]): ModelFigures | undefined {
  const [first] = recorded;
  if (first === undefined) return undefined;
  const byId = new Map(built.map((one) => [one.golden.id, one]));
  const before = { named: 0, unsupported: 0 };
  const after = { named: 0, unsupported: 0 };
  const sums = { wellFormed: 0, verdictExact: 0, unused: 0, dropped: 0, breaches: 0, errors: 0 };
  for (const { case: id, json, outcome } of recorded) {
    const one = byId.get(id);
    if (one === undefined) continue;
    if (outcome === 'error') sums.errors += 1;
    const rules = analyseByRules(one.pack);
    // The boundary of the call is not kept; the mark of the prompt is the same for every call.
    const guard = guardFor('none');
    const { body, dropped, fallback } = merge(rules, json, one.pack, guard);
    if (modelAnswerSchema.safeParse(json).success) sums.wellFormed += 1;
    if (
      scoreVerdict(verdictIn(json) ?? 'undetermined', one.golden.expected) === 'exact' &&
      verdictIn(json) !== undefined
    )
      sums.verdictExact += 1;
    if (fallback !== undefined) sums.unused += 1;
    sums.dropped += dropped.length;
    sums.breaches += breachesOf({ rules, body, pack: one.pack, guard }).length;
    add(before, asTold(rules, json), one);
    add(after, body, one);
  }
  const latencies = recorded.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return {
    profile: first.profile,
    answers: recorded.length,
    ...sums,
    before,
    after,
    tokens: {
      input: recorded.reduce((sum, { tokens }) => sum + tokens.input + tokens.cacheRead + tokens.cacheWrite, 0),
      output: recorded.reduce((sum, { tokens }) => sum + tokens.output, 0),
    },
    medianLatencyMs: latencies[Math.floor(latencies.length / 2)] ?? 0,
  };
}

function verdictIn(json: unknown) {
  if (typeof json !== 'object' || json === null || !('verdict' in json)) return undefined;
  return verdictSchema.safeParse(json.verdict).data;
}

function add(sum: { named: number; unsupported: number }, body: AnalysisBody | undefined, { pack }: Built): void {
  if (body === undefined) return;
  const { named, unsupported } = namedBy(body, pack);
  sum.named += named;
  sum.unsupported += unsupported;
}
