import { type Bus, BusUnavailableError } from '../../connectors/bus/bus.ts';
import { handOver } from '../../connectors/intake/hand-over.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import { measureJson } from '../../domain/intake/json-limits.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import { type Answer, accepted, type RefusalReason, refused } from './answer.ts';
import type { CredentialCheck } from './credential.ts';
import { parseRequest, type WebhookRequest } from './request.ts';

interface Webhook {
  readonly secret: string;
  readonly bodyLimitBytes: number;
  /** Whether the peer is in a network the source sends from; the edge's own policy knows only all sources' networks together. */
  readonly mayCome: (peer: string | undefined) => boolean;
}

export interface ReceiveDeps {
  /** The configured webhooks. */
  readonly webhooks: Readonly<Partial<Record<Source, Webhook>>>;
  readonly credentials: CredentialCheck;
  readonly bus: Bus;
  /** Made at the first large body only: most alerts are small, and its client costs start-up time. */
  readonly blobs: () => Promise<BlobStore>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  readonly newDeliveryId: () => string;
}

/**
 * Takes one webhook: sender's network, cap, authenticate, check that it is JSON within limits, put it durably on the bus, answer. Never
 * logs a body or a credential.
 */
export async function receive(deps: ReceiveDeps, event: unknown): Promise<Answer> {
  const request = parseRequest(event);
  const source = SOURCES.find((name) => name === request?.source && deps.webhooks[name] !== undefined);
  const answer = await answerTo(deps, request, source);
  if (typeof answer !== 'string') {
    deps.telemetry.count('WebhookAccepted', { source: source ?? 'unknown' });
    return answer;
  }
  deps.telemetry.count('WebhookRefused', { reason: answer, source: source ?? 'unknown' });
  return refused(answer);
}

async function answerTo(
  deps: ReceiveDeps,
  request: WebhookRequest | undefined,
  source: Source | undefined,
): Promise<Answer | RefusalReason> {
  if (request === undefined) return 'malformed-request';
  const webhook = source === undefined ? undefined : deps.webhooks[source];
  if (source === undefined || webhook === undefined) return 'unknown-source';
  if (!webhook.mayCome(request.peer)) return 'forbidden-network';
  if (request.method !== 'POST') return 'wrong-method';
  if (request.bytes > webhook.bodyLimitBytes) return 'too-large';
  switch (await deps.credentials.check(webhook.secret, request)) {
    case 'wrong':
      return 'unauthenticated';
    case 'unknown':
      return 'credential-unavailable';
    case 'right':
      return await takeBody(deps, request, source);
  }
}

async function takeBody(deps: ReceiveDeps, request: WebhookRequest, source: Source): Promise<Answer | RefusalReason> {
  if (!isJsonType(request.header('content-type'))) return 'not-json-type';
  const raw = request.read();
  const text = decodeUtf8(raw);
  if (text === undefined) return 'not-utf8';
  const measure = measureJson(text);
  if (!measure.ok) return measure.reason === 'too deep' ? 'too-deep' : 'too-many-members';
  if (!isJson(text)) return 'not-json';
  return await putOnBus(deps, source, raw, text);
}

async function putOnBus(deps: ReceiveDeps, source: Source, raw: Buffer, text: string): Promise<Answer | RefusalReason> {
  const deliveryId = deps.newDeliveryId();
  const bytes = raw.byteLength;
  try {
    const delivery = { deliveryId, source, channel: 'webhook', receivedAt: deps.now().toISOString() } as const;
    const { sha256 } = await handOver(deps, delivery, text);
    deps.telemetry.info('alert received', { deliveryId, source, sha256, bytes });
    return accepted(deliveryId);
  } catch (error) {
    // Whatever the store or the bus said, the sender hears one thing: we do not have it.
    const where = error instanceof BusUnavailableError ? 'bus' : 'store';
    deps.telemetry.error('alert not taken', { deliveryId, source, where, bytes }, error);
    return 'bus-unavailable';
  }
}

/** `application/json`, in UTF-8 if a charset is named at all. */
function isJsonType(header: string | undefined): boolean {
  return /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(header?.trim() ?? '');
}

// `ignoreBOM` keeps a byte order mark in the text, so that the text's bytes are the sender's bytes; mappers forgive it too.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(raw: Buffer): string | undefined {
  try {
    return utf8.decode(raw);
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
    return true;
  } catch {
    return false;
  }
}
