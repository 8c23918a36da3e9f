import type { PreparedOn } from '../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../domain/actions/target.ts';
import type { AccountConfiguration } from '../../../domain/config/accounts.ts';
import type { ApproverConfiguration } from '../../../domain/config/schema.ts';
import { awsActionNamed } from '../../targets/aws/registry.ts';
import { type SessionDeps, sessionOf } from '../../targets/aws/session.ts';
import { type AwsClient, awsClient } from '../../targets/aws/wire/client.ts';
import { TargetError } from '../../targets/errors.ts';
import type { LiveAnswer } from '../port.ts';
import { judge } from './judge.ts';
import { neededCalls } from './needed.ts';
import { simulate } from './simulation.ts';

export interface AccountRights {
  check(person: ApproverConfiguration, prepared: PreparedOn<AwsTarget>): Promise<LiveAnswer>;
}

/** A person waits for the page meanwhile. */
const LIMITS = { timeoutMs: 3000, attempts: 2, maxWaitMs: 500, maxAnswerBytes: 1_000_000 };

/** Asks IAM, with a session that may ask and nothing else, what the role of a person may do (decision 0021). */
export function accountRights(accounts: readonly AccountConfiguration[], deps: SessionDeps): AccountRights {
  const clients = new Map<string, AwsClient>();
  const clientOf = (account: AccountConfiguration, role: string): AwsClient => {
    const quick = { ...deps, limits: LIMITS };
    const made =
      clients.get(account.id) ?? awsClient(account, sessionOf(account, { role, name: 'parapet-rights' }, quick), quick);
    clients.set(account.id, made);
    return made;
  };
  return {
    async check(person, prepared) {
      const id = prepared.target.account;
      const identity = person.aws?.[id];
      if (identity === undefined) return { right: 'not-configured' };
      const account = accounts.find((one) => one.id === id);
      if (account?.rightsRole === undefined) return unknown(person, id, 'the account cannot be asked about rights');
      const action = awsActionNamed(prepared.action);
      if (action === undefined) return unknown(person, id, `${prepared.action} is no action on AWS`);
      try {
        const questions = neededCalls(action, account, prepared);
        // No call asks for no right, and that would be a yes nobody gave.
        if (questions.length === 0) return unknown(person, id, 'the plan needs no call');
        const client = clientOf(account, account.rightsRole);
        const judgements = await Promise.all(
          questions.map(async (question) => judge(question, await simulate(client, identity.roleArn, question))),
        );
        const denied = judgements.flatMap((one) => (one.kind === 'denied' ? one.calls : []));
        if (denied.length > 0)
          return { right: 'no', reason: `In account ${id}, ${person.name} may not ${denied.join(', and not ')}.` };
        const open = judgements.find((one) => one.kind === 'unknown');
        return open === undefined ? { right: 'yes' } : unknown(person, id, open.why);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        return unknown(person, id, error.message);
      }
    },
  };
}

function unknown(person: ApproverConfiguration, account: string, why: string): LiveAnswer {
  return { right: 'no', reason: `What ${person.name} may do in account ${account} could not be found out: ${why}.` };
}
