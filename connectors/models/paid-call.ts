import { canonicalJson } from '../../domain/json/canonical.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import { microUsdOf, mostTokens, NO_TOKENS, type Tokens, tokensOf } from '../../domain/models/spending.ts';
import type { Reservation, Spent } from '../store/spending-port.ts';
import { ModelError, type ModelErrorKind, type ModelPort, type ModelReply, type ModelRequest } from './port.ts';
import type { ConversationDeps, PromptIdentity, Question } from './question.ts';

export type PaidCall =
  | { readonly kind: 'reply'; readonly reply: ModelReply; readonly cost: CallCost }
  | { readonly kind: 'error'; readonly error: ModelErrorKind; readonly cost: CallCost }
  /** Nothing was sent. */
  | { readonly kind: 'over-budget'; readonly why: string };

export interface CallCost {
  readonly callId: string;
  readonly tokens: Tokens;
  /** Undefined: the profile has no price. */
  readonly microUsd: number | undefined;
}

const OVER = {
  'incident-tokens': 'the token ceiling of the incident is reached',
  'day-money': 'the daily budget for models is reached',
} as const;

/**
 * One call: set aside what it may cost, keep what is sent, ask, keep what came, settle, and write the audit entry
 * (reference/llm.md, section 10). A budget that cannot be checked refuses (rule 9).
 * @param repair the prompt of the repair turn, when the request holds one
 */
export async function paidCall<T>(
  deps: ConversationDeps,
  question: Question<T>,
  port: ModelPort,
  request: ModelRequest,
  repair?: PromptIdentity,
): Promise<PaidCall> {
  const { profile } = port;
  const started = deps.now();
  const { signal: _, ...body } = request;
  const sent = canonicalJson(body);
  const reservation = reservationFor(question.incidentId, profile, sent, started);
  const reserved = await reserve(deps, reservation);
  if (reserved !== 'reserved') return { kind: 'over-budget', why: reserved };
  const callId = deps.nonce();
  const folder = `incidents/${question.incidentId}/model/${callId}`;
  const asked = await deps.blobs.put(`${folder}/request.json`, sent);
  const answer = await generate(port, request);
  const spent = spentOn(profile, answer, reservation);
  await settle(deps, question, reservation, spent);
  const kept =
    answer instanceof ModelError ? undefined : await deps.blobs.put(`${folder}/response.json`, keptText(answer));
  await deps.audit.append({
    chain: question.incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: question.actor },
    kind: 'model.called',
    data: {
      callId,
      purpose: question.purpose,
      profile: profile.name,
      provider: profile.provider,
      modelIdRequested: profile.modelId,
      promptId: question.prompt.id,
      promptVersion: question.prompt.version,
      promptSha256: question.prompt.sha256,
      ...(repair === undefined
        ? {}
        : { repairPromptId: repair.id, repairPromptVersion: repair.version, repairPromptSha256: repair.sha256 }),
      evidenceSha256: question.evidence.sha256,
      requestKey: asked.key,
      requestSha256: asked.sha256,
      ...(kept === undefined ? {} : { responseKey: kept.key, responseSha256: kept.sha256 }),
      ...outcomeOf(answer),
      tokens: spent.tokens,
      ...costOf(profile, spent.microUsd),
      startedAt: started.toISOString(),
      finishedAt: deps.now().toISOString(),
    },
  });
  const cost: CallCost = { callId, tokens: spent.tokens, microUsd: spent.microUsd };
  return answer instanceof ModelError
    ? { kind: 'error', error: answer.kind, cost }
    : { kind: 'reply', reply: answer, cost };
}

/** `json` and `calls` are parsed from the raw text or beside it; the raw text alone would lose calls, so both stay. */
function keptText(reply: ModelReply): string {
  const { json: _json, continuation: _continuation, ...rest } = reply;
  return JSON.stringify(rest);
}

function reservationFor(incidentId: string, profile: NamedProfile, sent: string, now: Date): Reservation {
  const most = mostTokens(Buffer.byteLength(sent), profile.maxOutputTokens);
  return {
    day: now.toISOString().slice(0, 10),
    incidentId,
    tokens: tokensOf(most),
    microUsd: microUsdOf(most, profile.pricePerMTok) ?? 0,
  };
}

async function reserve(deps: ConversationDeps, want: Reservation): Promise<'reserved' | string> {
  const { tokensPerIncident, usdPerDay } = deps.limits.budget;
  try {
    const answer = await deps.spending.reserve(want, {
      tokensPerIncident,
      ...(usdPerDay === undefined ? {} : { microUsdPerDay: Math.floor(usdPerDay * 1_000_000) }),
    });
    return answer === 'reserved' ? answer : OVER[answer];
  } catch (error) {
    deps.telemetry.warn('the model budget could not be checked', { reason: nameOf(error) });
    return 'the budget could not be checked';
  }
}

/** A settlement that fails leaves the reservation counted: the limits hold all the same. */
async function settle<T>(
  deps: ConversationDeps,
  { incidentId }: Question<T>,
  reservation: Reservation,
  spent: Spent,
): Promise<void> {
  try {
    await deps.spending.settle(reservation, spent);
  } catch (error) {
    deps.telemetry.warn('what a model call did cost could not be counted', { incidentId, reason: nameOf(error) });
  }
}

async function generate(port: ModelPort, request: ModelRequest): Promise<ModelReply | ModelError> {
  try {
    return await port.generate(request);
  } catch (error) {
    // The port's contract is ModelError and nothing else; what breaks it is a fault of ours and still no reason to stop.
    return error instanceof ModelError ? error : new ModelError('unavailable', 'the adapter failed', { cause: error });
  }
}

/** Errors after which the model may have worked and be billed although nothing came back. */
const MAY_BE_BILLED: ReadonlySet<ModelErrorKind> = new Set(['timeout', 'unavailable']);

function spentOn(profile: NamedProfile, answer: ModelReply | ModelError, reservation: Reservation): Spent {
  const priceAsOf = profile.pricePerMTok?.asOf;
  if (answer instanceof ModelError) {
    const billed = MAY_BE_BILLED.has(answer.kind);
    const tokens = billed ? { ...NO_TOKENS, input: reservation.tokens } : NO_TOKENS;
    const priced = profile.pricePerMTok === undefined ? undefined : billed ? reservation.microUsd : 0;
    return { profile: profile.name, tokens, microUsd: priced, priceAsOf };
  }
  const { usage } = answer;
  return { profile: profile.name, tokens: usage, microUsd: microUsdOf(usage, profile.pricePerMTok), priceAsOf };
}

function outcomeOf(answer: ModelReply | ModelError): Readonly<Record<string, unknown>> {
  if (answer instanceof ModelError) return { outcome: answer.kind };
  const { requestId, modelReported, guardrailNoticed, latencyMs, attempts } = answer.provider;
  return {
    outcome: answer.outcome,
    stop: answer.stop,
    mode: answer.mode,
    latencyMs,
    attempts,
    ...(answer.calls === undefined ? {} : { toolCalls: answer.calls.length }),
    ...(requestId === undefined ? {} : { providerRequestId: requestId }),
    ...(modelReported === undefined ? {} : { modelReported }),
    ...(guardrailNoticed === undefined ? {} : { guardrailNoticed }),
  };
}

function costOf(profile: NamedProfile, microUsd: number | undefined): Readonly<Record<string, unknown>> {
  if (microUsd === undefined || profile.pricePerMTok === undefined) return { cost: 'unknown' };
  return { costMicroUsd: microUsd, priceAsOf: profile.pricePerMTok.asOf };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
