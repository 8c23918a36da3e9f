import type { PlannedRequest, PreparedAction, RollbackResult } from '../../domain/actions/action.ts';
import { notAmong } from '../../domain/undo/requests.ts';
import { rulesOf } from './aws/action.ts';
import type { Catalogue, CatalogueEntry } from './catalogue.ts';
import { TargetError } from './errors.ts';
import { mismatch, notConfigured } from './reading.ts';
import { type RehearsalClients, rehearseOn } from './rehearsal.ts';
import type { WritingClients } from './writing.ts';

/** `changed`: what would be sent now is not what was approved; nothing was sent. */
export type ExactRollback =
  | RollbackResult
  | { readonly outcome: 'changed'; readonly reason: string; readonly requests: readonly [] };

/** What `roll-back` may do on demand: put an action back by requests that people approved, and by no others. */
export interface ExactTargets {
  /** @param by id of the person who approved. What was done already, by an attempt that broke off, is not done again. */
  rollBackExactly(prepared: PreparedAction, by: string, approved: readonly PlannedRequest[]): Promise<ExactRollback>;
}

export function exactTargets(catalogue: Catalogue, clients: WritingClients): ExactTargets {
  return {
    async rollBackExactly(prepared, by, approved) {
      const failed = (reason: string): RollbackResult => ({ outcome: 'failed', reason, requests: [] });
      try {
        const way = wayTo(catalogue[prepared.action], prepared, by, clients, approved);
        if (way === undefined) return failed(notConfigured(prepared.target));
        const rehearsal = await rehearseOn(catalogue[prepared.action], prepared, way.reading);
        switch (rehearsal.kind) {
          case 'nothing':
            return { outcome: 'nothing-to-undo', reason: rehearsal.said, requests: [] };
          case 'unreadable':
            return failed(rehearsal.said);
          case 'ready': {
            const [stranger] = notAmong(rehearsal.requests, approved);
            return stranger === undefined ? await way.rollBack() : changed(stranger);
          }
        }
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return failed(`${error.message}.`);
      }
    },
  };
}

function changed({ method, path }: PlannedRequest): ExactRollback {
  return {
    outcome: 'changed',
    reason: `the target has changed since people were asked: ${method} ${path} would be another request now; ask again`,
    requests: [],
  };
}

const NOWHERE: RehearsalClients = { kubernetes: () => undefined, aws: () => undefined, vendor: () => undefined };

interface Way {
  readonly reading: RehearsalClients;
  rollBack(): Promise<RollbackResult>;
}

/** The target may change once more after the rehearsal, so each request is held against what was approved as it is sent. */
function insist(request: PlannedRequest, approved: readonly PlannedRequest[]): void {
  if (notAmong([request], approved).length > 0)
    throw new TargetError('invalid', `${request.method} ${request.path} was not approved as it would be sent now`);
}

/** @returns undefined where the target's place is not in the configuration */
function wayTo(
  entry: CatalogueEntry,
  prepared: PreparedAction,
  by: string,
  clients: WritingClients,
  approved: readonly PlannedRequest[],
): Way | undefined {
  const { target } = prepared;
  switch (entry.system) {
    case 'kubernetes': {
      if (target.system !== 'kubernetes') throw mismatch(entry, target);
      const writer = clients.kubernetes(target.cluster);
      return (
        writer && {
          reading: { ...NOWHERE, kubernetes: () => writer },
          rollBack: () =>
            entry.action.rollBack(
              {
                ...writer,
                send: async (request, options) => {
                  insist(request, approved);
                  return await writer.send(request, options);
                },
              },
              { ...prepared, target },
            ),
        }
      );
    }
    case 'aws': {
      if (target.system !== 'aws') throw mismatch(entry, target);
      const on = { ...prepared, target };
      const writer = clients.aws({ prepared: on, use: 'undo', rules: rulesOf(entry.action, 'undo'), by });
      return (
        writer && {
          reading: { ...NOWHERE, aws: () => writer },
          rollBack: () =>
            entry.action.rollBack(
              {
                ...writer,
                send: async (request, options) => {
                  insist(request, approved);
                  await writer.send(request, options);
                },
              },
              on,
            ),
        }
      );
    }
    case 'vendor': {
      if (target.system !== 'vendor') throw mismatch(entry, target);
      const writer = clients.vendor(target.vendor);
      return (
        writer && {
          reading: { ...NOWHERE, vendor: () => writer },
          rollBack: () =>
            entry.action.rollBack(
              {
                ...writer,
                send: async (request, record) => {
                  insist(request, approved);
                  await writer.send(request, record);
                },
              },
              { ...prepared, target },
            ),
        }
      );
    }
  }
}
