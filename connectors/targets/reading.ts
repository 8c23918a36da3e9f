import type {
  ActionClass,
  Preparation,
  PreparationAsk,
  PreparedAction,
  Verification,
} from '../../domain/actions/action.ts';
import type { ActionTarget } from '../../domain/actions/target.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import type { Catalogue } from './catalogue.ts';
import { TargetError } from './errors.ts';
import type { KubernetesReader } from './kubernetes/api.ts';

/** The clients that may only look. Undefined: the place is not in the configuration. */
export interface ReadingClients {
  readonly kubernetes: (cluster: string) => KubernetesReader | undefined;
  readonly now: () => Date;
}

/** What `plan` and `verify` may do with a target: read it, through the action's own definition. */
export interface ReadingTargets {
  /** What gates and quorums look at. */
  traitsOf(action: ExecutableAction): { readonly class: ActionClass; readonly reversible: boolean };
  /** A target that cannot be read makes a refusal with its reason, not an exception (rule 9). */
  prepare(action: ExecutableAction, ask: PreparationAsk<ActionTarget>): Promise<Preparation>;
  /** A target that cannot be read is `unknown`: not proven is never success, and not failure either. */
  verify(prepared: PreparedAction): Promise<Verification>;
}

export function readingTargets(catalogue: Catalogue, clients: ReadingClients): ReadingTargets {
  return {
    traitsOf: (action) => catalogue[action].action,
    async prepare(action, ask) {
      const entry = catalogue[action];
      const { target } = ask;
      const reader = clients.kubernetes(target.cluster);
      if (reader === undefined) return unreadable(notConfigured(target));
      try {
        return await entry.action.prepare(reader, { ...ask, target });
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return unreadable(`The target could not be read: ${error.message}.`);
      }
    },
    async verify(prepared) {
      const entry = catalogue[prepared.action];
      const { target } = prepared;
      const unknown = (detail: string): Verification => ({
        result: 'unknown',
        enforcement: 'none',
        checks: [{ name: 'target readable', ok: false, detail }],
        verifiedAt: clients.now().toISOString(),
      });
      const reader = clients.kubernetes(target.cluster);
      if (reader === undefined) return unknown(notConfigured(target));
      try {
        return await entry.action.verify(reader, { ...prepared, target });
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return unknown(error.message);
      }
    },
  };
}

function unreadable(reason: string): Preparation {
  return { ok: false, code: 'unreadable', reason };
}

export function notConfigured(target: ActionTarget): string {
  switch (target.system) {
    case 'kubernetes':
      return `Cluster ${target.cluster} is not in the configuration.`;
  }
}
