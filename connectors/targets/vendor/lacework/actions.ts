import { addNote } from '../add-note.ts';
import type { VendorAction } from '../api.ts';
import { changeState } from '../change-state.ts';
import { noteOf } from '../preparing.ts';
import { closing, comment } from './requests.ts';

const permissions: VendorAction['permissions'] = {
  read: [{ right: 'Alerts, read', why: 'state and timeline of the alert' }],
  write: [
    { right: 'Alerts, read', why: 'state and timeline right before it is changed' },
    { right: 'Alerts, write (a custom role of a service user)', why: 'comment on an alert, and close it' },
  ],
};

export const commentAlert = addNote({
  name: 'lacework.comment-alert',
  title: 'Comment on an alert in Lacework',
  vendor: 'lacework',
  kind: 'alert',
  permissions,
  request: ({ base, id, text }) => comment(base, id, text),
  undo: 'Nothing undoes it: Lacework has no call that deletes a comment.',
  warnings: ['The comment stays in the timeline of the alert for good.'],
});

export const closeAlert = changeState({
  name: 'lacework.close-alert',
  title: 'Close an alert in Lacework for good',
  vendor: 'lacework',
  kind: 'alert',
  permissions,
  wanted: 'closed',
  from: ['open'],
  request: ({ base, id, incidentId, actionId }) => closing(base, id, noteOf({ incidentId, actionId })),
  verb: 'Close',
  summary: 'The alert is closed as malicious with a resolution in place, with a comment that names the incident.',
  effects: ['It leaves the open alerts of everybody who uses Lacework.'],
  undo: 'Nothing undoes it: a closed alert cannot be opened again.',
  warnings: ['Close it only when the incident is over. Some alerts refuse to be closed.'],
});
