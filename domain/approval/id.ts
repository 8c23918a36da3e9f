import { sha256Hex } from '../json/canonical.ts';

/** Shape of every approval id; anything else in a URL is refused before a table is asked. */
export const APPROVAL_ID = /^apr-[0-9a-f]{24}$/;

/**
 * The same question has the same id, so that a retried `request-approval` asks nobody twice about two things. It need not
 * be unguessable: what opens an approval is the signed link, never the id.
 */
export function approvalIdFor(incidentId: string, actionId: string, planDigest: string): string {
  return `apr-${sha256Hex(`${incidentId}#${actionId}#${planDigest}`).slice(0, 24)}`;
}
