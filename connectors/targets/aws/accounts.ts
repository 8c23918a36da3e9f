import { type AccountConfiguration, writeRoleOf } from '../../../domain/config/accounts.ts';
import type { AwsCredentials } from '../../aws/signature.ts';
import { realHttp } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { AwsWriting } from '../writing.ts';
import type { AwsReader, AwsWriter } from './api.ts';
import { sessionPolicyOf } from './permissions.ts';
import { readerOver } from './reader.ts';
import { type SessionDeps, sessionOf, sessionWord } from './session.ts';
import { awsClient } from './wire/client.ts';
import { writerOver } from './writer.ts';

/** Readers by account, made when first asked for; undefined for an account that is not configured. */
export function awsReadersFor(
  accounts: readonly AccountConfiguration[],
  deps: SessionDeps,
): (account: string) => AwsReader | undefined {
  const made = new Map<string, AwsReader>();
  return (id) => {
    const account = accounts.find((one) => one.id === id);
    if (account === undefined) return undefined;
    const known = made.get(id) ?? awsReader(account, deps);
    made.set(id, known);
    return known;
  };
}

export function awsReader(account: AccountConfiguration, deps: SessionDeps): AwsReader {
  const session = sessionOf(account, { role: account.readRole, name: 'parapet-read' }, deps);
  return readerOver(awsClient(account, session, deps), account, deps.now);
}

/** Writers, each for one action alone: for `execute` and `roll-back` only, whose roles alone may assume the writing roles. */
export function awsWritersFor(
  accounts: readonly AccountConfiguration[],
  deps: SessionDeps,
): (writing: AwsWriting) => AwsWriter | undefined {
  return (writing) => {
    const account = accounts.find(({ id }) => id === writing.prepared.target.account);
    return account && awsWriter(account, writing, deps);
  };
}

export function awsWriter(
  account: AccountConfiguration,
  { prepared, use, rules, by }: AwsWriting,
  deps: SessionDeps,
): AwsWriter {
  const session = sessionOf(
    account,
    {
      role: writeRoleOf(account, prepared.action, use),
      name: sessionWord(prepared.incidentId),
      sourceIdentity: sessionWord(by),
      tags: { incident: prepared.incidentId, action: prepared.action },
      policy: sessionPolicyOf(rules, { account, prepared }),
    },
    deps,
  );
  return writerOver(awsClient(account, session, deps), account, deps.now);
}

/** What a session needs of the world besides the configuration. */
export function realSessionDeps(secrets: Secrets, credentials: () => Promise<AwsCredentials>): SessionDeps {
  return { http: realHttp, secrets, credentials, now: () => new Date() };
}
