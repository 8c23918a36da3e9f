import type { AwsAccountFacts } from './api.ts';
import type { Tag } from './schema.ts';
import { protectingTag } from './tags.ts';

/** Paths AWS keeps for itself: nobody can edit these roles, and those of IAM Identity Center are revoked there. */
export const SERVICE_LINKED = '/aws-service-role/';
export const SSO_RESERVED = '/aws-reserved/sso.amazonaws.com/';

/** Parapet's own names, in any account: an incident must not be able to turn the responder against itself. */
const OURS = 'parapet';

export function isProtectedName(name: string, { protectedPrincipals }: AwsAccountFacts): boolean {
  return protectedPrincipals.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

/** Why a role or user is never touched; undefined: it may be. */
export function protectionOf(
  of: { readonly kind: 'role' | 'user'; readonly name: string; readonly path: string; readonly tags: readonly Tag[] },
  account: AwsAccountFacts,
): string | undefined {
  const what = `${of.kind} ${of.name}`;
  if (of.path.startsWith(SERVICE_LINKED)) return `${what} is linked to a service of AWS, which alone may change it`;
  if (of.path.startsWith(SSO_RESERVED))
    return `${what} belongs to a permission set of IAM Identity Center; revoke its sessions there`;
  if (of.name.startsWith(OURS) || roleNames(account).some((name) => name === of.name))
    return `${what} is Parapet's own`;
  if (isProtectedName(of.name, account)) return `${what} is protected by the configuration`;
  const tag = protectingTag(of.tags, account);
  return tag === undefined ? undefined : `${what} carries the tag ${tag}, which protects it`;
}

/** The same by ARN, for what only names its principal. */
export function protectionOfArn(arn: string, account: AwsAccountFacts): string | undefined {
  const named = principalIn(arn);
  if (named === undefined) return `${arn} is neither a role nor a user`;
  return protectionOf({ ...named, tags: [] }, account);
}

/** `arn:aws:iam::111122223333:role/path/name` taken apart. A session of a role (`assumed-role`) is not its role. */
export function principalIn(
  arn: string,
):
  | { readonly kind: 'role' | 'user'; readonly account: string; readonly path: string; readonly name: string }
  | undefined {
  const [, account, kind, path, name] =
    /^arn:aws:iam::(\d{12}):(role|user)(\/(?:[\w+=,.@/-]+\/)?)([\w+=,.@-]{1,64})$/.exec(arn) ?? [];
  if (account === undefined || path === undefined || name === undefined) return undefined;
  return { kind: kind === 'user' ? 'user' : 'role', account, path, name };
}

function roleNames({ readRole, writeRoles, rightsRole }: AwsAccountFacts): string[] {
  return [readRole, writeRoles, ...(rightsRole === undefined ? [] : [rightsRole])].map((arn) =>
    arn.slice(arn.lastIndexOf('/') + 1),
  );
}
