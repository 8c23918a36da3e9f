import * as z from 'zod';
import { TargetError } from '../../errors.ts';
import type { VendorAction, VendorRecord } from '../api.ts';
import { attempt, no, settled } from '../attempt.ts';
import { findRecord, isRefusal, markOf, vendorCommand } from '../preparing.ts';
import { READ_ISSUE, UPDATE_ISSUE } from './actions.ts';
import { copyForensics, createNote } from './requests.ts';

const stateSchema = z.object({ resource: z.string() });

/** What the notes before and after the copy say: Wiz has no call that tells whether a copy was asked for, so the issue does. */
const ASKED = 'Parapet asks for a forensics copy of the volumes';
const TAKEN = 'Wiz has taken the request for a forensics copy of the volumes';

/**
 * Copies the volumes of a machine to the forensics account of the tenant, as evidence. A copy that was asked for twice would be
 * made twice, so a note is written before: whoever finds it alone does not ask again, and a person looks.
 */
export const forensicsCopy: VendorAction = {
  name: 'wiz.forensics-copy',
  title: 'Copy the volumes of a machine to the forensics account of Wiz',
  class: 'evidence',
  // Deleting the copy would be an undo, and the destruction of evidence; Wiz has no call for it either.
  reversible: false,
  permissions: {
    read: [READ_ISSUE],
    write: [
      READ_ISSUE,
      UPDATE_ISSUE,
      { right: 'the scope for forensics copies (its name is not published)', why: 'ask for the copy' },
    ],
  },

  async prepare(read, { incidentId, actionId, target }) {
    const record = await findRecord(read, target, { vendor: 'wiz', kind: 'issue' });
    if (isRefusal(record)) return record;
    const { resource } = record;
    if (resource?.type !== 'VIRTUAL_MACHINE')
      return no(
        'unsupported',
        `the issue is about ${resource === undefined ? 'nothing with an id' : `a ${resource.type}`}, and only machines have volumes that are copied`,
      );
    const mark = markOf({ incidentId, actionId });
    const requests = [
      createNote(read.base, target.id, `${ASKED}. ${mark}`, 'note under the issue that a copy is asked for'),
      copyForensics(read.base, resource.id),
      createNote(read.base, target.id, `${TAKEN}. ${mark}`, 'note under the issue that the request was taken'),
    ];
    return {
      ok: true,
      prepared: {
        action: 'wiz.forensics-copy',
        incidentId,
        actionId,
        target,
        parameters: {},
        beforeState: { resource: resource.id },
        requests,
        inverse: [],
      },
      preview: {
        title: `Copy the volumes of ${target.entity.label} to the forensics account of Wiz`,
        summary: `Wiz copies the volumes of resource ${resource.id}, of issue ${target.id}, to the forensics account of the tenant. The machine goes on running.`,
        commands: requests.map(vendorCommand),
        blastRadius: [
          'The copy holds everything on the disks, secrets included, for everybody who may read the forensics account; it costs storage until somebody deletes it.',
        ],
        undo: 'Nothing is undone: the copy is evidence. Delete it in the forensics account when the case is closed.',
        warnings: [
          'Needs forensics to be set up in the tenant; Wiz refuses otherwise.',
          'Memory is not part of it.',
          'Wiz publishes no call that tells how far a copy is: verification proves that the request was taken, not that the copy is complete.',
        ],
      },
    };
  },

  apply: (write, prepared) =>
    attempt(write, async () => {
      const { resource } = stateOf(prepared.beforeState);
      const record = await write.find(prepared.target, { notes: true });
      if (record === undefined) return settled('gone', `Wiz no longer has issue ${prepared.target.id}`);
      const { asked, taken } = notesOf(record, markOf(prepared));
      if (taken) return settled('already-applied', 'Wiz has taken the request');
      if (asked)
        return settled(
          'failed',
          'a copy was asked for before, and it is not known whether Wiz took the request; look into its activity log, and delete the note under the issue to ask again',
        );
      if (record.resource?.id !== resource)
        return settled('changed', 'the issue is about another resource than when this was planned; plan again');
      return { kind: 'ready', requests: prepared.requests };
    }),

  async verify(read, prepared) {
    const record = await read.find(prepared.target, { notes: true });
    const { asked, taken } = record === undefined ? { asked: false, taken: false } : notesOf(record, markOf(prepared));
    return {
      result: taken ? 'partial' : asked ? 'unknown' : 'failed',
      enforcement: 'not-applicable',
      checks: [
        {
          name: 'copy-requested',
          ok: taken,
          detail: taken
            ? 'Wiz has taken the request; whether the copy is complete can be seen in the forensics account alone'
            : asked
              ? 'a copy was asked for, and it is not known whether Wiz took the request'
              : 'no copy was asked for',
        },
      ],
      verifiedAt: read.now().toISOString(),
    };
  },

  rollBack: async () => ({ outcome: 'nothing-to-undo', reason: 'a copy is evidence and is kept', requests: [] }),
};

function stateOf(beforeState: unknown): z.infer<typeof stateSchema> {
  const state = stateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not say which resource is copied');
  return state.data;
}

function notesOf({ notes }: VendorRecord, mark: string): { readonly asked: boolean; readonly taken: boolean } {
  const ours = notes.filter(({ text }) => text.includes(mark));
  return {
    asked: ours.some(({ text }) => text.startsWith(ASKED)),
    taken: ours.some(({ text }) => text.startsWith(TAKEN)),
  };
}
