import { approverRolesIn, type GeneratedRole, generatedRoles } from '../../connectors/targets/aws/generated.ts';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { EXECUTABLE_ACTIONS } from '../../domain/analysis/analysis.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { SetupError } from '../setup-error.ts';

/** The roles an administrator makes in one account: from the actions that people may approve, and nothing else. */
export interface AccountRoles {
  readonly account: string;
  readonly roles: readonly GeneratedRole[];
}

export function rolesOf(config: Configuration): readonly AccountRoles[] {
  if (config.accounts.length === 0) throw new SetupError('The configuration names no AWS account (accounts).');
  const enabled = EXECUTABLE_ACTIONS.filter((name) => config.actions[name]?.gate === 'ask');
  const { name: deployment } = config.deployment;
  return config.accounts.map((account) => ({
    account: account.id,
    roles: generatedRoles(account, enabled, catalogue, {
      deployment,
      approverRoles: approverRolesIn(account.id, config.approvers),
    }),
  }));
}
