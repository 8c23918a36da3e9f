import { addNote } from '../add-note.ts';
import type { VendorRule } from '../api.ts';
import { changeState } from '../change-state.ts';
import { noteOf } from '../preparing.ts';
import { createNote, deleteNote, setStatus } from './requests.ts';

export const READ_ISSUE: VendorRule = { right: 'read:issues', why: 'state, notes and resource of the issue' };
export const UPDATE_ISSUE: VendorRule = { right: 'update:issues', why: 'the status and the notes of an issue' };

const permissions = { read: [READ_ISSUE], write: [READ_ISSUE, UPDATE_ISSUE] } as const;

export const acknowledgeIssue = changeState({
  name: 'wiz.acknowledge-issue',
  title: 'Set an issue in Wiz to in progress',
  vendor: 'wiz',
  kind: 'issue',
  permissions,
  wanted: 'in_progress',
  from: ['open'],
  request: ({ base, id }) => setStatus(base, id, { status: 'IN_PROGRESS' }, 'set the issue to in progress'),
  back: ({ base, id }) => setStatus(base, id, { status: 'OPEN' }, 'set the issue to open'),
  verb: 'Set to in progress:',
  summary: 'Readers of Wiz see that somebody works on the issue. It stays in every list of unresolved issues.',
  effects: ['Automation rules of Wiz that look at a change of status run.'],
  undo: 'The issue is set to open:',
  warnings: [],
});

export const commentIssue = addNote({
  name: 'wiz.comment-issue',
  title: 'Comment on an issue in Wiz',
  vendor: 'wiz',
  kind: 'issue',
  permissions,
  request: ({ base, id, text }) => createNote(base, id, text, 'write a note under the issue'),
  remove: deleteNote,
  undo: 'The note is deleted; Wiz gives it its id when it is written, so it is found by its text:',
  warnings: ['Whether the scope update:issues suffices for a note is not documented.'],
});

/** Wiz lets threats be resolved and nothing else: an issue about posture closes when its cause is gone. */
export const resolveIssue = changeState({
  name: 'wiz.resolve-issue',
  title: 'Resolve a threat in Wiz as malicious',
  vendor: 'wiz',
  kind: 'issue',
  permissions,
  wanted: 'resolved',
  from: ['open', 'in_progress'],
  whyNot: ({ type }) =>
    type === 'THREAT_DETECTION'
      ? undefined
      : `Wiz lets only threats be resolved, and this issue is ${type === undefined ? 'of a kind Wiz does not say' : `of kind ${type}`}`,
  request: ({ base, id, incidentId, actionId }) =>
    setStatus(
      base,
      id,
      {
        status: 'RESOLVED',
        resolutionReason: 'MALICIOUS_THREAT',
        resolutionNote: noteOf({ incidentId, actionId }),
      },
      'resolve the threat as a malicious one',
    ),
  back: ({ base, id, before }) =>
    setStatus(base, id, { status: before.toUpperCase() }, `set the issue to ${before} again`),
  verb: 'Resolve',
  summary: 'The threat is closed in Wiz as a malicious one that was dealt with.',
  effects: ['It leaves the open threats of everybody who uses Wiz. Automation rules that look at resolved issues run.'],
  undo: 'The issue is opened again; its resolution reason and note may stay:',
  warnings: ['Resolve it only when the incident is over: nothing about the workload is changed by this.'],
});
