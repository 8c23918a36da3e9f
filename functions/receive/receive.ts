import { type Bus, BusUnavailableError } from '../../connectors/bus/bus.ts';
import { handOver } from '../../connectors/intake/hand-over.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import { structureFault, textOf, UNREADABLE, type Unreadable } from '../../domain/intake/unreadable.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import { type Answer, accepted, keptAside, type RefusalReason, refused } from './answer.ts';
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

/** `kept`: on the bus, and marked so that it goes to quarantine. */
type Outcome =
  | { readonly is: 'accepted'; readonly deliveryId: string }
  | { readonly is: 'kept'; readonly deliveryId: string; readonly reason: Unreadable }
  | { readonly is: 'refused'; readonly reason: RefusalReason };

/**
 * Takes one webhook: sender's network, cap, authenticate, check that it is JSON within limits, put it durably on the bus, answer. What an
 * authentic sender sent is kept even if it cannot be read. Never logs a body or a credential.
 */
export async function receive(deps: ReceiveDeps, event: unknown): Promise<Answer> {
  const request = parseRequest(event);
  const source = SOURCES.find((name) => name === request?.source && deps.webhooks[name] !== undefined);
  const outcome = await outcomeOf(deps, request, source);
  if (outcome.is === 'accepted') {
    deps.telemetry.count('WebhookAccepted', { source: source ?? 'unknown' });
    return accepted(outcome.deliveryId);
  }
  deps.telemetry.count('WebhookRefused', { reason: outcome.reason, source: source ?? 'unknown' });
  return outcome.is === 'kept' ? keptAside(outcome.reason, outcome.deliveryId) : refused(outcome.reason);
}

const no = (reason: RefusalReason): Outcome => ({ is: 'refused', reason });

async function outcomeOf(
  deps: ReceiveDeps,
  request: WebhookRequest | undefined,
  source: Source | undefined,
): Promise<Outcome> {
  if (request === undefined) return no('malformed-request');
  const webhook = source === undefined ? undefined : deps.webhooks[source];
  if (source === undefined || webhook === undefined) return no('unknown-source');
  if (!webhook.mayCome(request.peer)) return no('forbidden-network');
  if (request.method !== 'POST') return no('wrong-method');
  if (request.bytes > webhook.bodyLimitBytes) return no('too-large');
  switch (await deps.credentials.check(webhook.secret, request)) {
    case 'wrong':
      return no('unauthenticated');
    case 'unknown':
      return no('credential-unavailable');
    case 'right':
      return await takeBody(deps, request, source);
  }
}

async function takeBody(deps: ReceiveDeps, request: WebhookRequest, source: Source): Promise<Outcome> {
  const raw = request.read();
  if (raw.byteLength === 0) return no('empty');
  const text = textOf(raw);
  const fault = isJsonType(request.header('content-type')) ? faultOf(text) : 'not-json-type';
  const deliveryId = deps.newDeliveryId();
  const bytes = raw.byteLength;
  try {
    const delivery = { deliveryId, source, channel: 'webhook', receivedAt: deps.now().toISOString() } as const;
    const marked = fault === undefined ? delivery : { ...delivery, refused: UNREADABLE[fault] };
    const { sha256 } = await handOver(deps, marked, text ?? raw);
    deps.telemetry.info(fault ? 'alert kept aside' : 'alert received', { deliveryId, source, sha256, bytes });
  } catch (error) {
    // Whatever the store or the bus said, the sender hears one thing: we do not have it.
    const where = error instanceof BusUnavailableError ? 'bus' : 'store';
    deps.telemetry.error('alert not taken', { deliveryId, source, where, bytes }, error);
    return no('bus-unavailable');
  }
  return fault === undefined ? { is: 'accepted', deliveryId } : { is: 'kept', deliveryId, reason: fault };
}

function faultOf(text: string | undefined): Unreadable | undefined {
  if (text === undefined) return 'not-utf8';
  return structureFault(text) ?? (isJson(text) ? undefined : 'not-json');
}

/** `application/json`, in UTF-8 if a charset is named at all. */
function isJsonType(header: string | undefined): boolean {
  return /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(header?.trim() ?? '');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
    return true;
  } catch {
    return false;
  }
}
