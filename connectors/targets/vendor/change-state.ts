import * as z from 'zod';
import type { PlannedRequest } from '../../../domain/actions/action.ts';
import type { VendorTarget } from '../../../domain/actions/target.ts';
import { vendorName } from '../../../domain/evidence/vendor-record.ts';
import { TargetError } from '../errors.ts';
import type { VendorAction, VendorRecord } from './api.ts';
import { attempt, no, settled, undo } from './attempt.ts';
import { findRecord, isRefusal, vendorCommand } from './preparing.ts';

/** A change of a record's state, as one vendor has it. */
export interface StateChange extends Pick<VendorAction, 'name' | 'title' | 'permissions'> {
  readonly vendor: VendorTarget['vendor'];
  readonly kind: VendorTarget['kind'];
  /** The state it leads to, and those it may be done from. */
  readonly wanted: string;
  readonly from: readonly string[];
  /** Why a record of a state it may be done from cannot take it all the same. */
  whyNot?(record: VendorRecord): string | undefined;
  request(of: RequestOf): PlannedRequest;
  /** Absent: the vendor has no way back. */
  readonly back?: (of: RequestOf & { readonly before: string }) => PlannedRequest;
  /** `Acknowledge`: what a person approves, in a word. */
  readonly verb: string;
  readonly summary: string;
  readonly effects: readonly string[];
  readonly undo: string;
  readonly warnings: readonly string[];
}

interface RequestOf {
  readonly base: string;
  readonly id: string;
  /** The incident of ours and the action, for a note that goes with it. */
  readonly incidentId: string;
  readonly actionId: string;
}

const stateSchema = z.object({ state: z.string() });

/** The tuple of a change of state: the record is read before, right before, and after; nothing else is touched. */
export function changeState(of: StateChange): VendorAction {
  const { vendor, kind, wanted, back } = of;
  const name = vendorName(vendor);
  return {
    name: of.name,
    title: of.title,
    class: 'vendor',
    reversible: back !== undefined,
    permissions: of.permissions,

    async prepare(read, { incidentId, actionId, target }) {
      const record = await findRecord(read, target, of, { type: of.whyNot !== undefined });
      if (isRefusal(record)) return record;
      if (record.state === wanted) return no('unsupported', `${kind} ${target.id} of ${name} is ${wanted} already`);
      if (!of.from.includes(record.state))
        return no(
          'unsupported',
          `${kind} ${target.id} of ${name} is ${record.state}, and this is for ${of.from.join(' or ')} ones`,
        );
      const against = of.whyNot?.(record);
      if (against !== undefined) return no('unsupported', against);
      const asked = { base: read.base, id: target.id, incidentId, actionId };
      const requests = [of.request(asked)];
      const inverse = back === undefined ? [] : [back({ ...asked, before: record.state })];
      return {
        ok: true,
        prepared: {
          action: of.name,
          incidentId,
          actionId,
          target,
          parameters: {},
          beforeState: { state: record.state },
          requests,
          inverse,
        },
        preview: {
          title: `${of.verb} ${kind} ${target.id} of ${name}`,
          summary: of.summary,
          commands: requests.map(vendorCommand),
          blastRadius: [...of.effects],
          undo: [of.undo, ...inverse.map(vendorCommand)].join('\n'),
          warnings: [...of.warnings],
        },
      };
    },

    apply: (write, { target, beforeState, requests }) =>
      attempt(write, async () => {
        const before = stateOf(beforeState);
        const record = await write.find(target);
        if (record === undefined) return settled('gone', `${name} no longer has ${kind} ${target.id}`);
        if (record.state === wanted) return settled('already-applied', `the ${kind} is ${wanted}`);
        if (record.state !== before)
          return settled(
            'changed',
            `the ${kind} is ${record.state} and was ${before} when this was planned; plan again`,
          );
        return { kind: 'ready', requests };
      }),

    async verify(read, { target }) {
      const record = await read.find(target);
      const ok = record?.state === wanted;
      return {
        result: ok ? 'contained' : 'failed',
        enforcement: 'not-applicable',
        checks: [
          {
            name: `${kind}-${wanted}`,
            ok,
            detail:
              record === undefined
                ? `${name} no longer has ${kind} ${target.id}`
                : `${kind} ${target.id} of ${name} is ${record.state}`,
          },
        ],
        verifiedAt: read.now().toISOString(),
      };
    },

    async rollBack(write, { target, beforeState, inverse }) {
      if (back === undefined) {
        const record = await write.find(target);
        return record?.state === wanted
          ? { outcome: 'failed', reason: `${name} has no way to undo this`, requests: [] }
          : { outcome: 'nothing-to-undo', reason: `the ${kind} is not ${wanted}`, requests: [] };
      }
      return await undo(write, async () => {
        const before = stateOf(beforeState);
        const record = await write.find(target);
        if (record === undefined) return { requests: [], said: `${name} no longer has the ${kind}` };
        if (record.state === before) return { requests: [], said: `the ${kind} is ${before}` };
        if (record.state !== wanted)
          return { requests: [], said: `somebody made the ${kind} ${record.state} meanwhile; it is left alone` };
        return { requests: inverse, said: `the ${kind} is ${before} again` };
      });
    },
  };
}

function stateOf(beforeState: unknown): string {
  const parsed = stateSchema.safeParse(beforeState);
  if (!parsed.success) throw new TargetError('invalid', 'the plan does not say what state the record had');
  return parsed.data.state;
}
