import type { VendorAction } from '../api.ts';
import { changeState } from '../change-state.ts';
import { noteOf } from '../preparing.ts';
import { dismissal, reopening } from './requests.ts';

/** Long enough for an investigation, too short to be forgotten. */
const SNOOZE_DAYS = 7;

const permissions: VendorAction['permissions'] = {
  read: [{ right: 'Alerts: view', why: 'the state of the alert' }],
  write: [
    {
      right: 'Alerts: dismiss and reopen (Account Group Admin, or a custom permission group with that operation)',
      why: 'dismiss or snooze the alert with a note, and reopen it',
    },
  ],
};

const common = {
  vendor: 'prisma-cloud',
  kind: 'alert',
  permissions,
  from: ['open'],
  back: ({ id }: { readonly id: string }) => reopening(id),
  undo: 'The alert is reopened:',
} as const;

/** Prisma Cloud has no comment and no acknowledgement: a note goes with a snooze or a dismissal alone. */
export const snoozeAlert = changeState({
  ...common,
  name: 'prisma-cloud.snooze-alert',
  title: `Snooze an alert in Prisma Cloud for ${SNOOZE_DAYS} days, with a note`,
  wanted: 'snoozed',
  request: ({ id, incidentId, actionId }) => dismissal(id, noteOf({ incidentId, actionId }), SNOOZE_DAYS),
  verb: 'Snooze',
  summary: `The alert is hidden from the open ones for ${SNOOZE_DAYS} days, with a note that names the incident; then it is open again by itself.`,
  effects: [
    `Nobody who reads open alerts at Prisma Cloud sees it for ${SNOOZE_DAYS} days; alert rules may tell of it as snoozed.`,
  ],
  warnings: ['Nothing about the resource has changed: what the alert says is still so.'],
});

export const dismissAlert = changeState({
  ...common,
  name: 'prisma-cloud.dismiss-alert',
  title: 'Dismiss an alert in Prisma Cloud, with a note',
  wanted: 'dismissed',
  request: ({ id, incidentId, actionId }) => dismissal(id, noteOf({ incidentId, actionId })),
  verb: 'Dismiss',
  summary: 'The alert is hidden from the open ones until somebody reopens it, with a note that names the incident.',
  effects: ['Nobody who reads open alerts at Prisma Cloud sees it any more, also while what it says is still so.'],
  warnings: [
    'Nothing about the resource has changed. Dismiss it only when what was found is mended or accepted.',
    'Prisma Cloud does not open a dismissed alert again by itself.',
  ],
});
