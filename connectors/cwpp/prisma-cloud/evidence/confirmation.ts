import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';
import { folded } from '../../prisma-cloud-compute/alert-types.ts';
import type { AlertRecord } from '../client.ts';
import type { ReadBack } from '../read-back.ts';
import { recordStateSchema } from '../records.ts';

/** The vendor's answer about one alert (rule 7). Anything but a matching record is a no. */
export type ReadBackAnswer =
  | { readonly confirmed: true; readonly record: string; readonly reason: string }
  | { readonly confirmed: false; readonly reason: string };

const no = (reason: string): ReadBackAnswer => ({ confirmed: false, reason });

/**
 * The alert's own record, about the same policy, resource and account. A resolved alert was real: it confirms what happened,
 * because an attacker who removes the resource resolves the alert too. One that people in the console dismissed or snoozed is not
 * confirmed: they have judged it already.
 */
export function judge(told: ReadBack, record: AlertRecord | undefined): ReadBackAnswer {
  const id = capped(told.alertId ?? '', 64);
  if (id === '') return no('the alert names no id to look its record up by');
  if (record === undefined) return no(`Prisma Cloud has no alert ${id}`);
  const mismatch = mismatchOf(told, record);
  if (mismatch !== undefined) return no(`alert ${id} of Prisma Cloud ${mismatch}`);
  const state = stateOf(record);
  switch (folded(state.status)) {
    case 'open':
    case 'pendingresolution':
    case 'resolved':
      return {
        confirmed: true,
        record: id,
        reason: `Prisma Cloud has alert ${id} of the same policy about the same resource; it is ${state.words}`,
      };
    case 'dismissed':
    case 'snoozed':
      return no(`Prisma Cloud has alert ${id}, but it was ${state.words}`);
    default:
      return no(
        `Prisma Cloud has alert ${id} in the state ${JSON.stringify(capped(state.status, 40))}, which is not known here`,
      );
  }
}

/**
 * What was sent and what the vendor holds must agree wherever both say something, and about the resource in any case: what
 * the incident is about was chosen by the webhook, and nothing but its name ties the record to it.
 */
function mismatchOf(told: ReadBack, { alert }: AlertRecord): string | undefined {
  const about = [
    [told.resourceId, alert.resourceId],
    [told.rrn, alert.rrn],
    [told.resourceName, alert.resourceName],
  ] as const;
  const wrong = [
    ...about.map(([ours, theirs]) => ['is about another resource', ours, theirs] as const),
    ['is about another type of resource', told.resourceType, alert.resourceType] as const,
    ['is of another policy', told.policyId, alert.policyId] as const,
    ['is about another account', told.accountId, alert.accountId] as const,
  ].find(([, ours, theirs]) => areBoth(ours, theirs) && !isSame(ours, theirs));
  if (wrong !== undefined) return wrong[0];
  return about.some(([ours, theirs]) => areBoth(ours, theirs))
    ? undefined
    : 'names no resource that the alert could be compared with';
}

function areBoth(ours: string | undefined, theirs: string): ours is string {
  return ours !== undefined && ours !== '' && theirs !== '';
}

/** Types come in several cases, and no two ids or names of one account differ by case alone. */
function isSame(ours: string | undefined, theirs: string): boolean {
  return (ours ?? '').toLowerCase() === capped(theirs, SHORT_TEXT_CAP).toLowerCase();
}

function stateOf({ alert, raw }: AlertRecord): { readonly status: string; readonly words: string } {
  const parsed = recordStateSchema.safeParse(raw);
  const { reason, dismissedBy, dismissalNote } = parsed.success ? parsed.data : {};
  const status = alert.status || 'unknown';
  const words = [
    status.toLowerCase().replace(/_/g, ' '),
    ...(dismissedBy ? [`by ${capped(dismissedBy, 120)}`] : []),
    ...(dismissalNote ? [`("${capped(dismissalNote, 200)}")`] : reason ? [`(${capped(reason, 80)})`] : []),
  ];
  return { status, words: words.join(' ') };
}
