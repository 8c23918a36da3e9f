import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import type { AwsReader, AwsWriter, PrincipalKind } from '../api.ts';
import { awsCommand } from '../cli.ts';
import type { IamRule, RuleScope } from '../permissions.ts';
import { onPrincipals } from '../principal-rules.ts';
import { findPrincipal } from '../principals.ts';
import { principalIn } from '../protection.ts';
import { deniesAll } from '../revocation.ts';
import { GLOBAL, planQuery } from '../wire/request.ts';
import { attempt, no, type Standing, settled, undo } from './attempt.ts';

const stateSchema = z.object({ uniqueId: z.string(), policy: z.string() });

/** A role that may attach this one policy, which can only deny, cannot give anybody anything. */
const onlyOurPolicy = ({ account }: RuleScope) =>
  account.denyAllPolicy === undefined ? undefined : { ArnEquals: { 'iam:PolicyARN': [account.denyAllPolicy] } };

/** Without a configured policy there is nothing to attach, and no right to attach anything. */
function attaching(kind: PrincipalKind, verb: 'Attach' | 'Detach', why: string): IamRule {
  const rule = onPrincipals([kind], [`iam:${verb}${kind === 'role' ? 'Role' : 'User'}Policy`], why, onlyOurPolicy);
  return {
    ...rule,
    reach: (scope) => (scope.account.denyAllPolicy === undefined ? { resources: [] } : rule.reach(scope)),
  };
}

/** Denies everything to a role or user, by the one managed policy that was made for it. */
export const denyAll: AwsAction = {
  name: 'aws.deny-all',
  title: 'Deny everything to a role or user',
  class: 'identity',
  reversible: true,
  permissions: {
    read: [
      onPrincipals(
        ['role'],
        ['iam:GetRole', 'iam:ListAttachedRolePolicies'],
        'what the role is and which policies it has',
      ),
      onPrincipals(['user'], ['iam:GetUser', 'iam:ListAttachedUserPolicies'], 'the same of a user'),
      {
        actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
        why: 'whether the policy denies everything, as it says',
        reach: ({ account }) => ({ resources: account.denyAllPolicy === undefined ? [] : [account.denyAllPolicy] }),
      },
    ],
    write: [
      attaching('role', 'Attach', 'attach the policy that denies everything, and no other'),
      attaching('user', 'Attach', 'the same for a user'),
    ],
    undo: [
      attaching('role', 'Detach', 'detach that policy, and no other'),
      attaching('user', 'Detach', 'the same for a user'),
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const policy = read.account.denyAllPolicy;
    if (policy === undefined)
      return no('unsupported', 'no policy that denies everything is configured for the account');
    const found = await findPrincipal(read, target);
    if ('ok' in found) return found;
    const flaw = await flawOf(read, policy);
    if (flaw !== undefined) return no('unsupported', flaw);
    if ((await read.getAttachedPolicies(found.kind, found.name)).includes(policy))
      return no('unsupported', `${found.kind} ${found.name} has the policy already`);
    const requests = [change('Attach', found.kind, found.name, policy)];
    const inverse = [change('Detach', found.kind, found.name, policy)];
    return {
      ok: true,
      prepared: {
        action: 'aws.deny-all',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        beforeState: { uniqueId: found.uniqueId, policy },
        requests,
        inverse,
      },
      preview: {
        title: `Deny everything to ${found.kind} ${found.name} in account ${target.account}`,
        summary: `Attaches the managed policy ${policy}, which denies every action on everything. An explicit denial wins over whatever allows it.`,
        commands: requests.map(awsCommand),
        blastRadius: [
          `Everything that uses ${found.kind} ${found.name} stops, new sessions too, until the policy is detached.`,
          ...(found.kind === 'user' ? ['All its access keys and its console sign-in are affected.'] : []),
        ],
        undo: ['The policy is detached:', ...inverse.map(awsCommand)].join('\n'),
        warnings: [
          'It does not take access to an EKS cluster away: a login there is a call that no policy can deny.',
          ...(found.kind === 'role'
            ? ['Sessions of other roles that were assumed from this one go on: revoke them there.']
            : []),
        ],
      },
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, { target, beforeState }) {
    const { policy } = stateOf(beforeState);
    const named = mustName(target.arn);
    const attached = (await read.getAttachedPolicies(named.kind, named.name)).includes(policy);
    const flaw = await flawOf(read, policy);
    return {
      result: attached && flaw === undefined ? 'contained' : 'failed',
      enforcement: 'not-applicable',
      checks: [
        {
          name: 'policy-attached',
          ok: attached,
          detail: `${named.kind} ${named.name} ${attached ? 'has' : 'does not have'} ${policy}`,
        },
        { name: 'policy-denies-all', ok: flaw === undefined, detail: flaw ?? `${policy} denies everything` },
      ],
      verifiedAt: read.now().toISOString(),
    };
  },

  rollBack: (write, { target, beforeState, inverse }) =>
    undo(write, async () => {
      const { policy } = stateOf(beforeState);
      const named = mustName(target.arn);
      const attached = (await write.getAttachedPolicies(named.kind, named.name)).includes(policy);
      return attached
        ? { requests: inverse, said: ['the policy was detached'] }
        : { requests: [], said: ['the policy is not attached'] };
    }),
};

function stateOf(beforeState: unknown): z.infer<typeof stateSchema> {
  const state = stateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not say whom it denies what');
  return state.data;
}

function mustName(arn: string): { readonly kind: PrincipalKind; readonly name: string } {
  const named = principalIn(arn);
  if (named === undefined) throw new TargetError('invalid', `${arn} is neither a role nor a user`);
  return named;
}

function change(verb: 'Attach' | 'Detach', kind: PrincipalKind, name: string, policy: string): PlannedRequest {
  const [suffix, field] = kind === 'role' ? ['RolePolicy', 'RoleName'] : ['UserPolicy', 'UserName'];
  const purpose = verb === 'Attach' ? `deny everything to ${kind} ${name}` : 'take that back';
  return planQuery('iam', GLOBAL, `${verb}${suffix}`, { [field]: name, PolicyArn: policy }, purpose);
}

async function flawOf(read: AwsReader, policy: string): Promise<string | undefined> {
  const document = await read.getManagedPolicy(policy);
  if (document === undefined) return `policy ${policy} does not exist`;
  return deniesAll(document) ? undefined : `policy ${policy} does not deny everything, so it would contain nothing`;
}

async function standingOf(write: AwsWriter, prepared: Parameters<AwsAction['apply']>[1]): Promise<Standing> {
  const { uniqueId, policy } = stateOf(prepared.beforeState);
  const found = await findPrincipal(write, prepared.target);
  if ('ok' in found) return settled(found.code === 'protected' ? 'refused' : 'gone', found.reason);
  if (found.uniqueId !== uniqueId) return settled('replaced', `another ${found.kind} has taken the name`);
  if ((await write.getAttachedPolicies(found.kind, found.name)).includes(policy))
    return settled('already-applied', 'the policy is attached');
  const flaw = await flawOf(write, policy);
  if (flaw !== undefined) return settled('refused', flaw);
  return { kind: 'ready', requests: prepared.requests };
}
