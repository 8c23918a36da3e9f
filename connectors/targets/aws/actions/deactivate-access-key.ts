import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../../domain/actions/target.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import type { AwsReader } from '../api.ts';
import { awsCommand } from '../cli.ts';
import { readingAll } from '../permissions.ts';
import { onPrincipals } from '../principal-rules.ts';
import { findPrincipal, type Refused } from '../principals.ts';
import { principalIn } from '../protection.ts';
import type { AccessKey, KeyUse } from '../schema.ts';
import { GLOBAL, planQuery } from '../wire/request.ts';
import { attempt, no, settled, undo } from './attempt.ts';

const stateSchema = z.object({ userId: z.string(), user: z.string() });

/** Makes a long-lived key unusable, and can make it usable again: a key is never deleted during an incident. */
export const deactivateAccessKey: AwsAction = {
  name: 'aws.deactivate-access-key',
  title: 'Deactivate an access key',
  class: 'identity',
  reversible: true,
  permissions: {
    read: [
      onPrincipals(['user'], ['iam:GetUser', 'iam:ListAccessKeys'], 'whose key it is, and whether it is active'),
      readingAll(['iam:GetAccessKeyLastUsed'], 'when and for what the key was last used'),
    ],
    write: [onPrincipals(['user'], ['iam:UpdateAccessKey'], 'set the key inactive')],
    undo: [onPrincipals(['user'], ['iam:UpdateAccessKey'], 'set the key active again')],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const found = await findKey(read, target);
    if ('ok' in found) return found;
    const { user, key, use, target: exact } = found;
    if (key.Status === 'Inactive') return no('unsupported', `access key ${target.name} is inactive already`);
    const used = usedMeanwhile(found, parameters, read.now());
    if (used !== undefined) return no('unsupported', used);
    const requests = [setStatus(user, target.name, 'Inactive')];
    const inverse = [setStatus(user, target.name, 'Active')];
    return {
      ok: true,
      prepared: {
        action: 'aws.deactivate-access-key',
        incidentId,
        actionId,
        target: exact,
        parameters: { ...parameters },
        beforeState: { userId: found.userId, user },
        requests,
        inverse,
      },
      preview: {
        title: `Deactivate access key ${target.name} of user ${user} in account ${target.account}`,
        summary: `Nothing can sign calls with the key any more. It is not deleted, and the user keeps everything else.`,
        commands: requests.map(awsCommand),
        blastRadius: [`Every script and program that uses this key stops working. ${lastUse(use)}`],
        undo: ['The key is set active again:', ...inverse.map(awsCommand)].join('\n'),
        warnings: [
          'Temporary credentials that were made from the key before (GetSessionToken, GetFederationToken) work until they end: deny everything to the user if that matters.',
          'Other keys of the user and its console sign-in are not touched.',
        ],
      },
    };
  },

  apply: (write, prepared) =>
    attempt(write, async () => {
      const state = stateOf(prepared.beforeState);
      const found = await findKey(write, prepared.target);
      if ('ok' in found) return settled(found.code === 'protected' ? 'refused' : 'gone', found.reason);
      if (found.userId !== state.userId) return settled('replaced', 'another user has taken the name');
      if (found.key.Status === 'Inactive') return settled('already-applied', 'the key is inactive');
      const used = usedMeanwhile(found, prepared.parameters, write.now());
      if (used !== undefined) return settled('changed', used);
      return { kind: 'ready', requests: prepared.requests };
    }),

  async verify(read, { target, beforeState }) {
    const { user } = stateOf(beforeState);
    const key = (await read.getAccessKeys(user)).find(({ AccessKeyId }) => AccessKeyId === target.name);
    const ok = key === undefined || key.Status === 'Inactive';
    return {
      result: ok ? 'contained' : 'failed',
      enforcement: 'not-applicable',
      checks: [
        {
          name: 'key-inactive',
          ok,
          detail:
            key === undefined
              ? `access key ${target.name} no longer exists`
              : `access key ${target.name} is ${key.Status}`,
        },
      ],
      verifiedAt: read.now().toISOString(),
    };
  },

  rollBack: (write, { target, beforeState, inverse }) =>
    undo(write, async () => {
      const { user } = stateOf(beforeState);
      const key = (await write.getAccessKeys(user)).find(({ AccessKeyId }) => AccessKeyId === target.name);
      if (key === undefined) return { requests: [], said: ['the key no longer exists'] };
      if (key.Status === 'Active') return { requests: [], said: ['the key is active'] };
      return { requests: inverse, said: ['the key is active again'] };
    }),
};

function stateOf(beforeState: unknown): z.infer<typeof stateSchema> {
  const state = stateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not say whose key it is');
  return state.data;
}

interface FoundKey {
  /** With the ARN of the user as IAM writes it. */
  readonly target: AwsTarget;
  readonly user: string;
  readonly userId: string;
  readonly key: AccessKey;
  readonly use: KeyUse | undefined;
}

/** IAM itself says who owns a key; what told of it may be wrong. Keys of the root user have no user that could be named. */
async function findKey(read: AwsReader, target: AwsTarget): Promise<FoundKey | Refused> {
  const refuse = (code: Refused['code'], reason: string): Refused => ({ ok: false, code, reason });
  if (target.kind !== 'access-key') return refuse('unsupported', 'this is for access keys only');
  const named = principalIn(target.arn);
  if (named?.kind !== 'user')
    return refuse('unsupported', `${target.arn} is no user; a key of the root user can only be handled by a person`);
  // What told of the key knows the user by name, and not the path that is part of its ARN.
  const user = await read.getUser(named.name);
  const exact = user === undefined ? target : { ...target, arn: user.Arn };
  const principal = await findPrincipal(read, exact);
  if ('ok' in principal) return principal;
  const use = await read.getAccessKeyUse(target.name);
  if (use === undefined) return refuse('gone', `access key ${target.name} no longer exists`);
  if (use.UserName !== principal.name)
    return refuse('replaced', `access key ${target.name} does not belong to user ${principal.name}`);
  const key = (await read.getAccessKeys(principal.name)).find(({ AccessKeyId }) => AccessKeyId === target.name);
  if (key === undefined) return refuse('gone', `access key ${target.name} no longer exists`);
  return { target: exact, user: principal.name, userId: principal.uniqueId, key, use };
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Where the plan says that the key was unused for so many days (`unusedForDays`), why that does not hold. IAM tells the last use some
 * hours late at worst; what it does not tell is never read as unused.
 */
function usedMeanwhile(
  { key, use }: Pick<FoundKey, 'key' | 'use'>,
  { unusedForDays }: Readonly<Record<string, string>>,
  now: Date,
): string | undefined {
  if (unusedForDays === undefined) return undefined;
  const lastUsed = use?.AccessKeyLastUsed?.LastUsedDate;
  const isUsed = lastUsed !== undefined && lastUsed !== 'N/A';
  const since = Date.parse((isUsed ? lastUsed : key.CreateDate) ?? '');
  const days = (now.getTime() - since) / DAY_MS;
  if (days >= Number(unusedForDays)) return undefined;
  if (Number.isNaN(days)) return `IAM does not say when access key ${key.AccessKeyId} was last used or made`;
  return `access key ${key.AccessKeyId} was ${isUsed ? 'used' : 'made'} at ${new Date(since).toISOString()}, less than ${unusedForDays} days ago`;
}

function setStatus(user: string, key: string, status: 'Active' | 'Inactive'): PlannedRequest {
  // Without a user name IAM would take the caller's own.
  const parameters = { UserName: user, AccessKeyId: key, Status: status };
  return planQuery('iam', GLOBAL, 'UpdateAccessKey', parameters, `set the key ${status.toLowerCase()}`);
}

function lastUse(use: KeyUse | undefined): string {
  const { LastUsedDate: at, ServiceName: service, Region: region } = use?.AccessKeyLastUsed ?? {};
  if (at === undefined || at === 'N/A' || Number.isNaN(Date.parse(at)))
    return 'IAM knows of no use of it, so probably nothing does.';
  return `It was last used at ${at} for ${service ?? 'an unnamed service'} in ${region ?? 'an unnamed region'}.`;
}
