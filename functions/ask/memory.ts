import type { CallSummary } from '../../connectors/models/question.ts';
import { type AuditLog, type BlobStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { ThreadStore } from '../../connectors/store/thread-port.ts';
import { QUERIES_VERSION } from '../../domain/ask/answer.ts';
import { type AskInput, type Exchange, exchangeSchema, type Turn } from '../../domain/ask/exchange.ts';
import { REMEMBERED_TURNS } from '../../domain/ask/thread.ts';
import { cleanText } from '../../domain/evidence/clean.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import type { Answer } from './by-model.ts';

export interface MemoryDeps {
  readonly threads: Pick<ThreadStore, 'append' | 'turns'>;
  readonly blobs: BlobStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly nonce: () => string;
  readonly newThread: () => string;
  readonly now: () => Date;
}

/** What was asked and answered before in the thread, oldest first; undefined when the incident has no such thread. */
export async function recall(
  { threads, blobs }: Pick<MemoryDeps, 'threads' | 'blobs'>,
  { incidentId, threadId }: AskInput,
): Promise<readonly Exchange[] | undefined> {
  if (threadId === undefined) return [];
  const turns = await threads.turns(incidentId, threadId, { last: REMEMBERED_TURNS });
  if (turns.length === 0) return undefined;
  const read = await Promise.all(turns.map((turn) => exchangeOf(blobs, turn)));
  return read.filter((one) => one !== undefined);
}

/** A turn whose text was changed or is gone is not remembered: what it would tell a model is not what was said. */
async function exchangeOf(blobs: MemoryDeps['blobs'], { key, sha256 }: Turn): Promise<Exchange | undefined> {
  try {
    const body = await blobs.get(key);
    return sha256Hex(body) === sha256 ? exchangeSchema.safeParse(JSON.parse(body)).data : undefined;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/**
 * Keeps the exchange: its text in the bucket, the turn in its thread, and last the audit entry. The audit log holds digests
 * and ids only; what people ask may hold anything.
 */
export async function remember(
  deps: MemoryDeps,
  { incidentId, threadId = deps.newThread(), asker = 'unknown' }: AskInput,
  question: string,
  answer: Answer,
): Promise<Exchange & { readonly turn: number }> {
  const askedAt = deps.now().toISOString();
  const askedBy = cleanText(asker, { max: 120 }) || 'unknown';
  const exchange: Exchange = { incidentId, threadId, askedAt, askedBy, question, ...toldBy(answer) };
  const { key, sha256 } = await deps.blobs.put(
    `incidents/${incidentId}/threads/${threadId}/${deps.nonce()}.json`,
    canonicalJson(exchange),
  );
  const { kind, queries, subject } = exchange;
  const { turn } = await deps.threads.append(incidentId, {
    threadId,
    askedAt,
    askedBy,
    kind,
    queries,
    ...(subject === undefined ? {} : { subject }),
    key,
    sha256,
  });
  await deps.audit.append({
    chain: incidentId,
    at: askedAt,
    actor: { type: 'function', id: 'ask' },
    kind: 'question.answered',
    data: {
      threadId,
      turn,
      askedBy,
      questionSha256: sha256Hex(question),
      key,
      sha256,
      ...auditData(answer, exchange),
    },
  });
  return { ...exchange, turn };
}

function toldBy({ reply, ground, model }: Answer) {
  const { pack, key, sha256 } = ground.evidence;
  const shown = new Set([...reply.citations, ...reply.unknowns.flatMap(({ evidence }) => evidence)]);
  return {
    ...reply,
    author:
      reply.kind === 'model' && model?.ok
        ? { by: 'model' as const, ...model.author }
        : { by: 'queries' as const, version: QUERIES_VERSION },
    pack: { key, sha256 },
    evidence: pack.items
      .filter(({ id }) => shown.has(id))
      .map(({ id, source, observedAt, trust, text }) => ({ id, source, observedAt, trust, text })),
    dropped: model?.ok ? model.answer.dropped.map(({ what, why }) => ({ what, why })) : [],
    ...(model === undefined || model.ok ? {} : { fallback: cleanText(model.reason, { max: 600 }) }),
    ...(model === undefined || model.summary.calls === 0 ? {} : { cost: costOf(model.summary) }),
  };
}

function costOf({ calls, lookUps, tokens, microUsd, unpricedCalls }: CallSummary): NonNullable<Exchange['cost']> {
  return { calls, lookUps, tokens, microUsd, unpricedCalls };
}

/** Enough to show later what was answered on which evidence, and by whom. */
function auditData({ ground, model }: Answer, exchange: Exchange): Record<string, unknown> {
  const { pack } = ground.evidence;
  const { kind, queries, citations, author, dropped, fallback, cost } = exchange;
  return {
    kind,
    queries,
    author,
    packKey: exchange.pack.key,
    packSha256: exchange.pack.sha256,
    citations: pack.items.filter(({ id }) => citations.includes(id)).map(({ id, digest }) => ({ id, digest })),
    dropped: dropped.length,
    ...(fallback === undefined ? {} : { fallback }),
    ...(model === undefined || model.fellBack.length === 0 ? {} : { fellBack: model.fellBack }),
    ...(cost === undefined ? {} : { modelCost: cost, modelCalls: model?.summary.callIds ?? [] }),
  };
}
