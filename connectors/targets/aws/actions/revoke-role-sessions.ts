import * as z from 'zod';
import type { PlannedRequest, Verification } from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import type { AwsWriter } from '../api.ts';
import { awsCommand } from '../cli.ts';
import { onPrincipals } from '../principal-rules.ts';
import { findPrincipal } from '../principals.ts';
import { cutOffIn, MOMENT_OF_EXECUTION, REVOKE_POLICY, revocation } from '../revocation.ts';
import type { Role } from '../schema.ts';
import { GLOBAL, planQuery } from '../wire/request.ts';
import { attempt, no, type Standing, settled, undo } from './attempt.ts';
import { previewRevocation, trustsServiceAccount } from './revoke-preview.ts';

const stateSchema = z.object({
  roleId: z.string(),
  /** The inline policy of our name as it was; null: there was none. */
  policy: z.string().nullable(),
  /** A cut-off that is not later than this was there before, or is none of ours. */
  plannedAt: z.iso.datetime(),
});

/**
 * Ends the sessions of a role by denying everything to those issued before now. The moment is that of the execution, not that
 * of the plan: sessions issued while people decide must not slip through.
 */
export const revokeRoleSessions: AwsAction = {
  name: 'aws.revoke-role-sessions',
  title: 'Revoke the sessions of a role',
  class: 'identity',
  reversible: true,
  permissions: {
    read: [
      onPrincipals(
        ['role'],
        ['iam:GetRole', 'iam:GetRolePolicy'],
        'what the role is, and the cut-off that holds already',
      ),
    ],
    write: [onPrincipals(['role'], ['iam:PutRolePolicy'], 'put the inline policy that denies older sessions')],
    undo: [
      onPrincipals(
        ['role'],
        ['iam:PutRolePolicy', 'iam:DeleteRolePolicy'],
        'remove that policy, or put back the one before',
      ),
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const found = await findPrincipal(read, target);
    if ('ok' in found) return found;
    const { role } = found;
    if (role === undefined) return no('unsupported', 'only a role has sessions that can be revoked this way');
    const stranger = strangerTo(role, parameters['serviceAccount']);
    if (stranger !== undefined) return no('unsupported', stranger);
    const policy = (await read.getRolePolicy(found.name, REVOKE_POLICY)) ?? null;
    const before = policy === null ? undefined : cutOffIn(policy);
    if (policy !== null && before === undefined)
      return no('unsupported', `the role has a policy ${REVOKE_POLICY} that is not one; it is not overwritten`);
    const requests = [put(found.name, MOMENT_OF_EXECUTION)];
    const inverse = [policy === null ? remove(found.name) : restore(found.name, policy)];
    return {
      ok: true,
      prepared: {
        action: 'aws.revoke-role-sessions',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        beforeState: { roleId: found.uniqueId, policy, plannedAt: read.now().toISOString() },
        requests,
        inverse,
      },
      preview: previewRevocation({
        target,
        role,
        before,
        commands: requests.map(awsCommand),
        undo: inverse.map(awsCommand),
      }),
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, { target, beforeState }): Promise<Verification> {
    const { plannedAt } = stateOf(beforeState);
    const policy = await read.getRolePolicy(target.name, REVOKE_POLICY);
    const cutOff = policy === undefined ? undefined : cutOffIn(policy);
    const ok = cutOff !== undefined && Date.parse(cutOff) >= Date.parse(plannedAt);
    return {
      result: ok ? 'contained' : 'failed',
      enforcement: 'not-applicable',
      checks: [
        {
          name: 'older-sessions-denied',
          ok,
          detail: ok
            ? `sessions of ${target.name} issued before ${cutOff} are denied everything; AWS takes a few minutes until that holds everywhere`
            : `role ${target.name} has no policy ${REVOKE_POLICY} that denies the sessions of before this plan`,
        },
      ],
      verifiedAt: read.now().toISOString(),
    };
  },

  rollBack: (write, { target, beforeState, inverse }) =>
    undo(write, async () => {
      const state = stateOf(beforeState);
      const policy = await write.getRolePolicy(target.name, REVOKE_POLICY);
      if (policy === undefined) return { requests: [], said: ['the role has no such policy'] };
      if (policy === state.policy) return { requests: [], said: ['the policy is as it was before'] };
      const cutOff = cutOffIn(policy);
      if (cutOff === undefined || Date.parse(cutOff) < Date.parse(state.plannedAt))
        return { requests: [], said: ['the policy was put by somebody else and is left alone'] };
      return {
        requests: inverse,
        said: [state.policy === null ? 'the policy was removed' : 'the policy of before is back'],
      };
    }),
};

/** Where a service account's annotation alone names the role, the role itself must trust that service account. */
function strangerTo(role: Role, serviceAccount: string | undefined): string | undefined {
  if (serviceAccount === undefined || trustsServiceAccount(role.AssumeRolePolicyDocument, serviceAccount))
    return undefined;
  return `role ${role.RoleName} does not trust service account ${serviceAccount}, which names it: the annotation alone is no ground to cut its sessions off`;
}

function stateOf(beforeState: unknown): z.infer<typeof stateSchema> {
  const state = stateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not say what the role had before');
  return state.data;
}

function put(role: string, issuedBefore: string): PlannedRequest {
  return document(role, revocation(issuedBefore), 'deny everything to sessions issued before');
}

function restore(role: string, policy: string): PlannedRequest {
  return document(role, policy, 'put the policy of before back');
}

function document(role: string, PolicyDocument: string, purpose: string): PlannedRequest {
  const parameters = { RoleName: role, PolicyName: REVOKE_POLICY, PolicyDocument };
  return planQuery('iam', GLOBAL, 'PutRolePolicy', parameters, purpose);
}

function remove(role: string): PlannedRequest {
  return planQuery(
    'iam',
    GLOBAL,
    'DeleteRolePolicy',
    { RoleName: role, PolicyName: REVOKE_POLICY },
    'remove the policy',
  );
}

/** The cut-off only ever moves forward: an earlier one would give back sessions that somebody took away. */
async function standingOf(write: AwsWriter, prepared: Parameters<AwsAction['apply']>[1]): Promise<Standing> {
  const { roleId, policy: before, plannedAt } = stateOf(prepared.beforeState);
  const found = await findPrincipal(write, prepared.target);
  if ('ok' in found) return settled(found.code === 'protected' ? 'refused' : 'gone', found.reason);
  if (found.uniqueId !== roleId) return settled('replaced', 'another role has taken the name');
  const policy = (await write.getRolePolicy(found.name, REVOKE_POLICY)) ?? null;
  const cutOff = policy === null ? undefined : cutOffIn(policy);
  if (cutOff !== undefined && Date.parse(cutOff) >= Date.parse(plannedAt))
    return settled('already-applied', `sessions issued before ${cutOff} are denied already`);
  if (policy !== before)
    return settled('changed', `the policy ${REVOKE_POLICY} has changed since this was planned; plan again`);
  const moment = write.now();
  if (cutOff !== undefined && Date.parse(cutOff) > moment.getTime())
    return settled('refused', `the cut-off ${cutOff} lies in the future; it is never moved back`);
  return { kind: 'ready', requests: [put(found.name, moment.toISOString())] };
}
