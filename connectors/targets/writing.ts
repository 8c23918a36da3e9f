import type { ApplyResult, PreparedAction, RollbackResult } from '../../domain/actions/action.ts';
import type { Catalogue } from './catalogue.ts';
import { TargetError } from './errors.ts';
import type { KubernetesWriter } from './kubernetes/api.ts';
import { notConfigured } from './reading.ts';

/** The clients that may change a target: for `execute` and `roll-back` alone (rule 8). */
export interface WritingClients {
  readonly kubernetes: (cluster: string) => KubernetesWriter | undefined;
}

/** What `execute` and `roll-back` may do with a target, through the action's own definition. What goes wrong is in the results. */
export interface WritingTargets {
  apply(prepared: PreparedAction): Promise<ApplyResult>;
  rollBack(prepared: PreparedAction): Promise<RollbackResult>;
}

export function writingTargets(catalogue: Catalogue, clients: WritingClients): WritingTargets {
  return {
    async apply(prepared) {
      const entry = catalogue[prepared.action];
      const { target } = prepared;
      const writer = clients.kubernetes(target.cluster);
      if (writer === undefined) return { outcome: 'refused', reason: notConfigured(target), requests: [] };
      try {
        return await entry.action.apply(writer, { ...prepared, target });
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return { outcome: error.kind === 'denied' ? 'denied' : 'failed', reason: `${error.message}.`, requests: [] };
      }
    },
    async rollBack(prepared) {
      const entry = catalogue[prepared.action];
      const { target } = prepared;
      const writer = clients.kubernetes(target.cluster);
      if (writer === undefined) return { outcome: 'failed', reason: notConfigured(target), requests: [] };
      try {
        return await entry.action.rollBack(writer, { ...prepared, target });
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return { outcome: 'failed', reason: `${error.message}.`, requests: [] };
      }
    },
  };
}
