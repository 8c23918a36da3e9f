import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { generatedRoles, namesPerson } from '../../../connectors/targets/aws/generated.ts';
import { catalogue } from '../../../connectors/targets/catalogue.ts';
import { EXECUTABLE_ACTIONS } from '../../../domain/analysis/analysis.ts';
import { type AccountConfiguration, accountSchema } from '../../../domain/config/accounts.ts';
import { type AccountSandbox, accountSandbox } from './account.ts';
import { accountStateSchema, arnOfPrincipal } from './state.ts';

/** Where the account is mounted; part of what is signed. */
export const ACCOUNT_MOUNT = '/aws-account';

const scenarioSchema = z.strictObject({
  externalId: z.string(),
  account: accountSchema,
  state: accountStateSchema,
});

export interface AccountScenario {
  readonly account: AccountConfiguration;
  readonly externalId: string;
  readonly state: z.infer<typeof accountStateSchema>;
}

/** The account of a scenario, and its administrator's side of the agreement; undefined: the scenario has none. */
export function accountScenario(folder: URL): AccountScenario | undefined {
  const file = new URL('aws-account.json', folder);
  return existsSync(file) ? scenarioSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** Below it lie the roles people work with, whom IAM may be asked about. */
export const PEOPLE = '/people/';

/** The account with the roles its administrator made from `parapet actions --iam`, with every action switched on. */
export function accountOf({ account, externalId, state }: AccountScenario): AccountSandbox {
  const roles = generatedRoles(account, EXECUTABLE_ACTIONS, catalogue, {
    deployment: 'parapet',
    externalId,
    approverRoles: state.roles
      .filter(({ path }) => path === PEOPLE)
      .map((role) => arnOfPrincipal(state.id, 'role', role)),
  });
  return accountSandbox(state, {
    mount: ACCOUNT_MOUNT,
    roles: Object.fromEntries(
      roles.map((one) => [one.role, { policy: one.policy, externalId, needsPerson: namesPerson(one) }]),
    ),
  });
}
