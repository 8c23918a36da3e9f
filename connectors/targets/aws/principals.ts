import type { Preparation } from '../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../domain/actions/target.ts';
import type { AwsReader, PrincipalKind } from './api.ts';
import { principalIn, protectionOf } from './protection.ts';
import type { Role } from './schema.ts';

export interface FoundPrincipal {
  readonly kind: PrincipalKind;
  readonly name: string;
  /** The id IAM gave it, which a successor of the same name does not have. */
  readonly uniqueId: string;
  /** Of a role only. */
  readonly role: Role | undefined;
}

export type Refused = Extract<Preparation, { ok: false }>;

const refuse = (code: Refused['code'], reason: string): Refused => ({ ok: false, code, reason });

/** The role or user a target's ARN names, as IAM holds it now, unless it is one that is never touched. */
export async function findPrincipal(read: AwsReader, target: AwsTarget): Promise<FoundPrincipal | Refused> {
  const named = principalIn(target.arn);
  if (named === undefined || named.account !== target.account)
    return refuse('unsupported', `${target.arn} is neither a role nor a user of account ${target.account}`);
  const { kind, name } = named;
  // Asked twice, so that what is protected by its name alone is not even read.
  const byName = protectionOf({ kind, name, path: named.path, tags: [] }, read.account);
  if (byName !== undefined) return refuse('protected', byName);
  const role = kind === 'role' ? await read.getRole(name) : undefined;
  const user = kind === 'user' ? await read.getUser(name) : undefined;
  const found = role ?? user;
  if (found === undefined) return refuse('gone', `${kind} ${name} no longer exists`);
  if (found.Arn !== target.arn) return refuse('replaced', `${kind} ${name} is another one now: ${found.Arn}`);
  const guard = protectionOf({ kind, name, path: found.Path, tags: found.Tags }, read.account);
  if (guard !== undefined) return refuse('protected', guard);
  return { kind, name, uniqueId: role?.RoleId ?? user?.UserId ?? '', role };
}
