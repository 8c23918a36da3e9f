import type { ApplyResult, PreparedAction, PreparedOn, RollbackResult } from '../../domain/actions/action.ts';
import type { ActionTarget, AwsTarget } from '../../domain/actions/target.ts';
import type { RoleUse } from '../../domain/config/accounts.ts';
import type { AnswerableVendor } from '../../domain/evidence/vendor-record.ts';
import { rulesOf } from './aws/action.ts';
import type { AwsWriter } from './aws/api.ts';
import type { IamRule } from './aws/permissions.ts';
import type { Catalogue, CatalogueEntry } from './catalogue.ts';
import { TargetError } from './errors.ts';
import type { KubernetesWriter } from './kubernetes/api.ts';
import { mismatch, notConfigured } from './reading.ts';
import type { VendorWriter } from './vendor/api.ts';

/** What a session in an AWS account is assumed for. */
export interface AwsWriting {
  readonly prepared: PreparedOn<AwsTarget>;
  readonly use: RoleUse;
  /** The calls this half of the action makes. */
  readonly rules: readonly IamRule[];
  /** Who decided; AWS keeps it beside every call. */
  readonly by: string;
}

/** The clients that may change a target: for `execute` and `roll-back` alone (rule 8). */
export interface WritingClients {
  readonly kubernetes: (cluster: string) => KubernetesWriter | undefined;
  /** One writer for one action: its session reaches nothing but the target. */
  readonly aws: (writing: AwsWriting) => AwsWriter | undefined;
  readonly vendor: (vendor: AnswerableVendor) => VendorWriter | undefined;
}

/** What `execute` and `roll-back` may do with a target, through the action's own definition. What goes wrong is in the results. */
export interface WritingTargets {
  /** @param by id of the person who approved */
  apply(prepared: PreparedAction, by: string): Promise<ApplyResult>;
  /** @param by id of the person who asked for it, or of the function that does it by itself */
  rollBack(prepared: PreparedAction, by: string): Promise<RollbackResult>;
}

export function writingTargets(catalogue: Catalogue, clients: WritingClients): WritingTargets {
  return {
    async apply(prepared, by) {
      try {
        return (
          (await applyOn(catalogue[prepared.action], prepared, by, clients)) ?? {
            outcome: 'refused',
            reason: notConfigured(prepared.target),
            requests: [],
          }
        );
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return { outcome: error.kind === 'denied' ? 'denied' : 'failed', reason: `${error.message}.`, requests: [] };
      }
    },
    async rollBack(prepared, by) {
      try {
        return (
          (await rollBackOn(catalogue[prepared.action], prepared, by, clients)) ?? {
            outcome: 'failed',
            reason: notConfigured(prepared.target),
            requests: [],
          }
        );
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return { outcome: 'failed', reason: `${error.message}.`, requests: [] };
      }
    },
  };
}

/** @returns undefined where the target's place is not in the configuration */
async function applyOn(
  entry: CatalogueEntry,
  prepared: PreparedAction,
  by: string,
  clients: WritingClients,
): Promise<ApplyResult | undefined> {
  const { target } = prepared;
  switch (entry.system) {
    case 'kubernetes': {
      if (target.system !== 'kubernetes') throw mismatch(entry, target);
      const writer = clients.kubernetes(target.cluster);
      return writer && (await entry.action.apply(writer, { ...prepared, target }));
    }
    case 'aws': {
      const on = onAws(entry, prepared, target);
      const writer = clients.aws({ prepared: on, use: 'apply', rules: rulesOf(entry.action, 'apply'), by });
      return writer && (await entry.action.apply(writer, on));
    }
    case 'vendor': {
      if (target.system !== 'vendor') throw mismatch(entry, target);
      const writer = clients.vendor(target.vendor);
      return writer && (await entry.action.apply(writer, { ...prepared, target }));
    }
  }
}

/** @returns undefined where the target's place is not in the configuration */
async function rollBackOn(
  entry: CatalogueEntry,
  prepared: PreparedAction,
  by: string,
  clients: WritingClients,
): Promise<RollbackResult | undefined> {
  const { target } = prepared;
  switch (entry.system) {
    case 'kubernetes': {
      if (target.system !== 'kubernetes') throw mismatch(entry, target);
      const writer = clients.kubernetes(target.cluster);
      return writer && (await entry.action.rollBack(writer, { ...prepared, target }));
    }
    case 'aws': {
      const on = onAws(entry, prepared, target);
      const writer = clients.aws({ prepared: on, use: 'undo', rules: rulesOf(entry.action, 'undo'), by });
      return writer && (await entry.action.rollBack(writer, on));
    }
    case 'vendor': {
      if (target.system !== 'vendor') throw mismatch(entry, target);
      const writer = clients.vendor(target.vendor);
      return writer && (await entry.action.rollBack(writer, { ...prepared, target }));
    }
  }
}

function onAws(entry: CatalogueEntry, prepared: PreparedAction, target: ActionTarget): PreparedOn<AwsTarget> {
  if (target.system !== 'aws') throw mismatch(entry, target);
  return { ...prepared, target };
}
