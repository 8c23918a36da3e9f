import { canonicalJson, sha256Hex } from '../../../domain/json/canonical.ts';
import type { AlertType } from './alert-types.ts';
import { folded } from './alert-types.ts';
import type { WebhookBody } from './schema.ts';
import { canonicalTime } from './time.ts';

const PREFIX = 'prisma-cloud-compute';
/** Console ids have 24 characters; a longer one is hashed so that it cannot fill a key. */
const MAX_ID = 128;

/**
 * Equal for the same event in whatever key order, spacing or letter case of `#type` it is delivered (reference 1.7): the
 * incident's own id, otherwise a digest of type, resource, rule, category, message and time as text.
 * The time is taken as sent, in one spelling (the API writes it otherwise than the webhook): a fallback to our clock must not make two events of one.
 */
export function deduplicationKeyOf(type: AlertType, alert: WebhookBody): string {
  if (type === 'incident' && alert.incidentId !== '') {
    const id = alert.incidentId.length <= MAX_ID ? alert.incidentId : sha256Hex(alert.incidentId);
    return `${PREFIX}/incident/${encodeURIComponent(id)}`;
  }
  const parts = [
    folded(type),
    resourceOf(alert),
    alert.rule,
    folded(alert.category),
    alert.message,
    canonicalTime(alert.time),
  ];
  return `${PREFIX}/alert/${digest(parts)}`;
}

/** One report about one resource; `entries` are the vulnerabilities in it, in any order. */
export function vulnerabilityKeyOf(
  type: AlertType,
  resource: string,
  time: string,
  entries: readonly string[],
): string {
  return `${PREFIX}/vulnerabilities/${digest([folded(type), resource, time, ...[...entries].sort()])}`;
}

/** Uid of the finding: the digest of its key, so that a redelivery makes the same finding. */
export function findingUidOf(deduplicationKey: string): string {
  return `pcc-${sha256Hex(deduplicationKey).slice(0, 32)}`;
}

function resourceOf(alert: WebhookBody): string {
  const { containerID, container, function: name, appID, host, fqdn, imageID, image } = alert;
  return containerID || container || name || appID || host || fqdn || imageID || image;
}

function digest(parts: readonly string[]): string {
  return sha256Hex(canonicalJson(parts.map((part) => part.trim().replace(/\s+/g, ' '))));
}
