import { canonicalJson, sha256Hex } from '../../../domain/json/canonical.ts';
import type { Alert } from './schema.ts';

const PREFIX = 'prisma-cloud';
/** `P-1496074`; a longer one is hashed so that it cannot fill a key. */
const MAX_ID = 64;
/** What the console's test notification carries (reference 3.3). Real numbers begin at 1. */
const TEST_ID = /^[a-z]-0+$/i;

/**
 * Equal for the same alert however often, in whichever state and by whichever channel it comes: the vendor keeps the id
 * through resolved and reopened, so neither time nor state is part of it. An alert without an id (a custom payload) is known by
 * policy, account, resource and its time as sent.
 */
export function deduplicationKeyOf(alert: Alert): string {
  const id = alert.alertId.toUpperCase();
  if (id !== '')
    return `${PREFIX}/alert/${encodeURIComponent(id.length <= MAX_ID ? id.toWellFormed() : sha256Hex(id))}`;
  const parts = [
    alert.policyId || alert.policyName,
    alert.accountId,
    alert.rrn || alert.resourceId || alert.resourceName,
    String(alert.alertTime ?? ''),
  ];
  return `${PREFIX}/content/${sha256Hex(canonicalJson(parts.map((part) => part.replace(/\s+/g, ' ').toWellFormed())))}`;
}

/** Uid of the finding: the digest of its key, so that a redelivery makes the same finding. */
export function findingUidOf(deduplicationKey: string): string {
  return `pc-${sha256Hex(deduplicationKey).slice(0, 32)}`;
}

export function isTest({ alertId }: Alert): boolean {
  return TEST_ID.test(alertId);
}
