import type {
  ActionClass,
  Preparation,
  PreparationAsk,
  PreparedAction,
  Verification,
} from '../../domain/actions/action.ts';
import type { ActionTarget } from '../../domain/actions/target.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import { type AnswerableVendor, vendorName } from '../../domain/evidence/vendor-record.ts';
import type { AwsReader } from './aws/api.ts';
import type { Catalogue, CatalogueEntry } from './catalogue.ts';
import { TargetError } from './errors.ts';
import type { KubernetesReader } from './kubernetes/api.ts';
import type { VendorReader } from './vendor/api.ts';

/** The clients that may only look. Undefined: the place is not in the configuration. */
export interface ReadingClients {
  readonly kubernetes: (cluster: string) => KubernetesReader | undefined;
  readonly aws: (account: string) => AwsReader | undefined;
  readonly vendor: (vendor: AnswerableVendor) => VendorReader | undefined;
  readonly now: () => Date;
}

/** What `plan` and `verify` may do with a target: read it, through the action's own definition. */
export interface ReadingTargets {
  /** What gates, quorums and verification look at. */
  traitsOf(action: ExecutableAction): {
    readonly class: ActionClass;
    readonly reversible: boolean;
    readonly settlesWithinSeconds?: number;
  };
  /** A target that cannot be read makes a refusal with its reason, not an exception (rule 9). */
  prepare(action: ExecutableAction, ask: PreparationAsk<ActionTarget>): Promise<Preparation>;
  /** A target that cannot be read is `unknown`: not proven is never success, and not failure either. */
  verify(prepared: PreparedAction): Promise<Verification>;
}

export function readingTargets(catalogue: Catalogue, clients: ReadingClients): ReadingTargets {
  return {
    traitsOf: (action) => catalogue[action].action,
    async prepare(action, ask) {
      try {
        return await prepareOn(catalogue[action], ask, clients);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return unreadable(`The target could not be read: ${error.message}.`);
      }
    },
    async verify(prepared) {
      const unknown = (detail: string): Verification => ({
        result: 'unknown',
        enforcement: 'none',
        checks: [{ name: 'target readable', ok: false, detail }],
        verifiedAt: clients.now().toISOString(),
      });
      try {
        return (
          (await verifyOn(catalogue[prepared.action], prepared, clients)) ?? unknown(notConfigured(prepared.target))
        );
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return unknown(error.message);
      }
    },
  };
}

async function prepareOn(
  entry: CatalogueEntry,
  ask: PreparationAsk<ActionTarget>,
  clients: ReadingClients,
): Promise<Preparation> {
  const { target } = ask;
  switch (entry.system) {
    case 'kubernetes': {
      if (target.system !== 'kubernetes') throw mismatch(entry, target);
      const reader = clients.kubernetes(target.cluster);
      return reader === undefined
        ? unreadable(notConfigured(target))
        : await entry.action.prepare(reader, { ...ask, target });
    }
    case 'aws': {
      if (target.system !== 'aws') throw mismatch(entry, target);
      const reader = clients.aws(target.account);
      return reader === undefined
        ? unreadable(notConfigured(target))
        : await entry.action.prepare(reader, { ...ask, target });
    }
    case 'vendor': {
      if (target.system !== 'vendor') throw mismatch(entry, target);
      const reader = clients.vendor(target.vendor);
      return reader === undefined
        ? unreadable(notConfigured(target))
        : await entry.action.prepare(reader, { ...ask, target });
    }
  }
}

/** @returns undefined where the target's place is not in the configuration */
async function verifyOn(
  entry: CatalogueEntry,
  prepared: PreparedAction,
  clients: ReadingClients,
): Promise<Verification | undefined> {
  const { target } = prepared;
  switch (entry.system) {
    case 'kubernetes': {
      if (target.system !== 'kubernetes') throw mismatch(entry, target);
      const reader = clients.kubernetes(target.cluster);
      return reader && (await entry.action.verify(reader, { ...prepared, target }));
    }
    case 'aws': {
      if (target.system !== 'aws') throw mismatch(entry, target);
      const reader = clients.aws(target.account);
      return reader && (await entry.action.verify(reader, { ...prepared, target }));
    }
    case 'vendor': {
      if (target.system !== 'vendor') throw mismatch(entry, target);
      const reader = clients.vendor(target.vendor);
      return reader && (await entry.action.verify(reader, { ...prepared, target }));
    }
  }
}

/** A plan that names an action of one system and a target of another was not made by `plan`. */
export function mismatch({ system }: CatalogueEntry, target: ActionTarget): TargetError {
  return new TargetError('invalid', `an action on ${system} cannot act on a target of ${target.system}`);
}

function unreadable(reason: string): Preparation {
  return { ok: false, code: 'unreadable', reason };
}

export function notConfigured(target: ActionTarget): string {
  switch (target.system) {
    case 'kubernetes':
      return `Cluster ${target.cluster} is not in the configuration.`;
    case 'aws':
      return `AWS account ${target.account} is not in the configuration.`;
    case 'vendor':
      return `${vendorName(target.vendor)} is not in the configuration, or not the credential this takes.`;
  }
}
