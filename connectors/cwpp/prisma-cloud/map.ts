import type { Normalization, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { capped } from '../../../domain/ocsf/text.ts';
import type { DeliveryContext } from '../prisma-cloud-compute/context.ts';
import { parseExact } from './exact-json.ts';
import { findingOf } from './finding.ts';
import { isTest } from './identity.ts';
import { type Alert, readAlert } from './schema.ts';
import { stateOf } from './vocabulary.ts';
import { workloadOf } from './workload.ts';

/** Notes beyond this are counted, not listed. */
const MAX_NOTES = 50;

/**
 * A CSPM delivery as findings, one per open alert: the documented JSON array, one object alone, or alerts as the API shows
 * them (the reconciliation poll hands those on). Pure; never throws for any JSON value. Alerts that were resolved, dismissed
 * or snoozed give no finding: a change of state opens nothing, and by rule 1 a webhook closes nothing either.
 *
 * One element that cannot be understood holds the whole delivery: it goes to quarantine and can be replayed, and what was
 * understood is recognised then, so nothing is lost and nothing doubled.
 */
export function normalize(received: unknown, delivery: DeliveryContext): Normalization {
  const body = typeof received === 'string' ? parseExact(received) : received;
  if (typeof body !== 'object' || body === null) {
    return { ok: false, reason: 'the body must be a JSON array of alerts, or one alert, as Prisma Cloud sends them' };
  }
  const elements = listOf(body);
  if (elements.length === 0) return { ok: false, reason: 'the delivery lists no alert' };
  const findings = new Map<string, NormalizedFinding>();
  const notes = new Set<string>();
  for (const [index, element] of elements.entries()) {
    const reading = readElement(element, delivery);
    if (!reading.ok) {
      return { ok: false, reason: elements.length === 1 ? reading.reason : `alert ${index}: ${reading.reason}` };
    }
    for (const note of reading.notes) notes.add(note);
    const { found } = reading;
    // The same alert twice in one delivery is one finding; the first stands.
    if (found !== undefined && !findings.has(found.deduplicationKey)) findings.set(found.deduplicationKey, found);
  }
  return { ok: true, findings: [...findings.values()], notes: shortened([...notes]) };
}

/** A page of the API is an object with `items`; an alert has no such list. */
function listOf(body: object): readonly unknown[] {
  if (Array.isArray(body)) return body;
  return 'items' in body && Array.isArray(body.items) ? body.items : [body];
}

type Reading =
  | { readonly ok: true; readonly found: NormalizedFinding | undefined; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string };

function readElement(element: unknown, delivery: DeliveryContext): Reading {
  const alert = readAlert(element);
  if (alert === undefined) return { ok: false, reason: 'it must be a JSON object' };
  if (isTest(alert)) {
    return {
      ok: true,
      found: undefined,
      notes: [`a test delivery: alert ${alert.alertId} is the vendor's test alert`],
    };
  }
  const name = alert.alertId === '' ? 'an alert without an id' : `alert ${capped(alert.alertId, 64)}`;
  if (stateOf(alert.status) === 'closed' && !saysNothing(alert)) {
    return {
      ok: true,
      found: undefined,
      notes: [`${name} is ${capped(alert.status.toLowerCase(), 32)}: a change of state opens nothing`],
    };
  }
  const workload = workloadOf(alert);
  if (workload === undefined || saysNothing(alert))
    return { ok: false, reason: reasonFor(alert, workload !== undefined) };
  return { ok: true, ...findingOf(alert, workload, delivery) };
}

/** Neither whose rule it breaks nor which alert it is: nobody could look it up. */
function saysNothing(alert: Alert): boolean {
  return alert.alertId === '' && alert.policyId === '' && alert.policyName === '';
}

function reasonFor(alert: Alert, hasResource: boolean): string {
  if (saysNothing(alert)) {
    return "it names neither an alert nor a policy, so it is no Prisma Cloud alert (if this was the vendor's test, it did arrive)";
  }
  return hasResource ? 'it cannot be read' : 'it names no resource (resourceId, resourceName or resource.rrn)';
}

function shortened(notes: readonly string[]): string[] {
  if (notes.length <= MAX_NOTES) return [...notes];
  return [...notes.slice(0, MAX_NOTES), `and ${notes.length - MAX_NOTES} more notes`];
}
