import type { PlannedRequest, Preparation } from '../../../domain/actions/action.ts';
import type { VendorTarget } from '../../../domain/actions/target.ts';
import { vendorName } from '../../../domain/evidence/vendor-record.ts';
import type { VendorReader, VendorRecord, Wanted } from './api.ts';
import { no } from './attempt.ts';

/** The record an action is prepared for, or why there is none to act on. */
export async function findRecord(
  read: VendorReader,
  target: VendorTarget,
  of: Pick<VendorTarget, 'vendor' | 'kind'>,
  wanted: Wanted = {},
): Promise<VendorRecord | Preparation> {
  const name = vendorName(of.vendor);
  if (target.vendor !== of.vendor || target.kind !== of.kind)
    return no('unsupported', `this is for ${of.kind}s of ${name} only`);
  if (!read.writable)
    return no(
      'unsupported',
      `sources.${of.vendor}.api.writeSecret is not configured, so Parapet may read ${name} and answer nothing there`,
    );
  const record = await read.find(target, wanted);
  return record ?? no('gone', `${name} no longer has ${of.kind} ${target.id}`);
}

/** The sentence that goes to the vendor: written by code, without a link and without a word of anybody else. */
export function noteOf(of: { readonly incidentId: string; readonly actionId: string }): string {
  return `Parapet handles this as incident ${of.incidentId}. ${markOf(of)}`;
}

export function isRefusal(found: VendorRecord | Preparation): found is Preparation {
  return 'ok' in found;
}

/** What stands for a shell word without a quote in it. */
function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command that does what one request does: for people, never run by us. */
export function vendorCommand({ method, path, body }: PlannedRequest): string {
  const data =
    body === undefined ? '' : ` --header 'content-type: application/json' --data ${word(JSON.stringify(body))}`;
  return `curl --request ${method} "$API_ADDRESS"${word(path)} --header "$AUTHORIZATION"${data}`;
}

/** By this a second attempt finds what an earlier one wrote. */
export function markOf({ incidentId, actionId }: { readonly incidentId: string; readonly actionId: string }): string {
  return `[parapet ${incidentId} ${actionId}]`;
}
