import type { PlannedRequest } from '../../../domain/actions/action.ts';
import type { VendorTarget } from '../../../domain/actions/target.ts';
import { vendorName } from '../../../domain/evidence/vendor-record.ts';
import type { VendorAction, VendorNote, VendorReader, VendorRecord } from './api.ts';
import { attempt, settled, undo } from './attempt.ts';
import { findRecord, isRefusal, markOf, noteOf, vendorCommand } from './preparing.ts';

/** A note on a record, as one vendor takes it. */
export interface NoteAddition extends Pick<VendorAction, 'name' | 'title' | 'permissions'> {
  readonly vendor: VendorTarget['vendor'];
  readonly kind: VendorTarget['kind'];
  request(of: { readonly base: string; readonly id: string; readonly text: string }): PlannedRequest;
  /** Deletes one note. Absent: the vendor cannot. */
  readonly remove?: (base: string, noteId: string) => PlannedRequest;
  readonly undo: string;
  readonly warnings: readonly string[];
}

/** What stands in a plan for the id that the vendor gives the note; it is looked up by the note's text. */
const NOTE_ID = 'ID-OF-THE-NOTE';

/** The tuple of a note: its text names incident and action, so that it is written once and only ours is deleted. */
export function addNote(of: NoteAddition): VendorAction {
  const { vendor, kind, remove } = of;
  const name = vendorName(vendor);
  const find = async (read: VendorReader, target: VendorTarget): Promise<VendorRecord | undefined> =>
    await read.find(target, { notes: true });
  return {
    name: of.name,
    title: of.title,
    class: 'vendor',
    reversible: remove !== undefined,
    permissions: of.permissions,

    async prepare(read, { incidentId, actionId, target }) {
      const record = await findRecord(read, target, of);
      if (isRefusal(record)) return record;
      const text = noteOf({ incidentId, actionId });
      const requests = [of.request({ base: read.base, id: target.id, text })];
      const inverse = remove === undefined ? [] : [remove(read.base, NOTE_ID)];
      return {
        ok: true,
        prepared: {
          action: of.name,
          incidentId,
          actionId,
          target,
          parameters: {},
          beforeState: { text },
          requests,
          inverse,
        },
        preview: {
          title: `Comment on ${kind} ${target.id} of ${name}`,
          summary: `Writes under the ${kind}: “${text}” Its state and everything else stay as they are.`,
          commands: requests.map(vendorCommand),
          blastRadius: [`Whoever is notified of comments at ${name} is notified.`],
          undo: [of.undo, ...inverse.map(vendorCommand)].join('\n'),
          warnings: [...of.warnings],
        },
      };
    },

    apply: (write, prepared) =>
      attempt(write, async () => {
        const record = await find(write, prepared.target);
        if (record === undefined) return settled('gone', `${name} no longer has ${kind} ${prepared.target.id}`);
        if (oursIn(record, prepared).length > 0) return settled('already-applied', 'the comment is there');
        return { kind: 'ready', requests: prepared.requests };
      }),

    async verify(read, prepared) {
      const record = await find(read, prepared.target);
      const ok = record !== undefined && oursIn(record, prepared).length > 0;
      const where = `${kind} ${prepared.target.id} of ${name}`;
      return {
        result: ok ? 'contained' : 'failed',
        enforcement: 'not-applicable',
        checks: [
          {
            name: 'comment-there',
            ok,
            detail:
              record === undefined
                ? `${name} no longer has ${kind} ${prepared.target.id}`
                : `${where} ${ok ? 'carries' : 'does not carry'} the comment ${markOf(prepared)}`,
          },
        ],
        verifiedAt: read.now().toISOString(),
      };
    },

    async rollBack(write, prepared) {
      if (remove === undefined) {
        const record = await find(write, prepared.target);
        return record !== undefined && oursIn(record, prepared).length > 0
          ? { outcome: 'failed', reason: `${name} has no way to delete a comment`, requests: [] }
          : { outcome: 'nothing-to-undo', reason: 'the comment was not written', requests: [] };
      }
      return await undo(write, async () => {
        const record = await find(write, prepared.target);
        const ours = record === undefined ? [] : oursIn(record, prepared);
        return {
          requests: ours.map(({ id }) => remove(write.base, id)),
          said: ours.length === 0 ? 'the comment is not there' : 'the comment is deleted',
        };
      });
    },
  };
}

function oursIn(
  { notes }: VendorRecord,
  of: { readonly incidentId: string; readonly actionId: string },
): readonly VendorNote[] {
  const mark = markOf(of);
  return notes.filter(({ text }) => text.includes(mark));
}
