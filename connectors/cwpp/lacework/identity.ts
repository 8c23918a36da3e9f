import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { LaceworkAlert } from './alert.ts';

/** Alert numbers have at most a dozen digits today; a longer or stranger one cannot be an id of the API. */
const ALERT_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function isAlertId(id: string): boolean {
  return ALERT_ID.test(id);
}

/**
 * Webhook, event and API name the same alert by the same number, and the tenant in different letter case (`EXAMPLE`,
 * `example`). A number is unique only within a tenant: an organisation's channel sends for all its accounts.
 */
export function deduplicationKeyOf({ tenant, id }: Pick<LaceworkAlert, 'tenant' | 'id'>): string {
  const name = tenantOf(tenant);
  const shown = name.length <= 128 ? name : sha256Hex(name);
  return `lacework/${encodeURIComponent(shown) || '-'}/${encodeURIComponent(id)}`;
}

export function tenantOf(text: string): string {
  return text.trim().toLowerCase().toWellFormed();
}

/** The tenant an address of the API belongs to; undefined for an address that is not the vendor's (a test, a proxy). */
export function tenantOfAddress(baseUrl: string): string | undefined {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname.toLowerCase() : '';
  return /^([a-z0-9-]+)(?:\.[a-z0-9-]+){0,2}\.lacework\.net$/.exec(host)?.[1];
}

/** Uid of the finding: the digest of its key, so that every delivery makes the same finding. */
export function findingUidOf(deduplicationKey: string): string {
  return `lw-${sha256Hex(deduplicationKey).slice(0, 32)}`;
}
