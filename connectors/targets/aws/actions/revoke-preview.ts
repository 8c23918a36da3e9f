import * as z from 'zod';
import type { Preview } from '../../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../../domain/actions/target.ts';
import type { Role } from '../schema.ts';

const trustSchema = z.lazy(() =>
  z.object({
    Statement: z.preprocess(
      (value) => (Array.isArray(value) ? value : [value]),
      z.array(z.object({ Principal: z.union([z.string(), z.record(z.string(), z.unknown())]).optional() })),
    ),
  }),
);

/** Who may assume a role, in the words of its trust policy: services, identity providers, accounts. */
export function whoAssumes(document: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(decodeURIComponent(document));
  } catch {
    // Not readable is said as not known.
    return [];
  }
  const parsed = trustSchema.safeParse(value);
  if (!parsed.success) return [];
  const names = parsed.data.Statement.flatMap(({ Principal }) => {
    if (typeof Principal === 'string') return [Principal];
    return Object.values(Principal ?? {}).flatMap((one) => (Array.isArray(one) ? one : [one]));
  });
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

const conditionsSchema = z.lazy(() =>
  z.object({
    Statement: z.preprocess(
      (value) => (Array.isArray(value) ? value : [value]),
      z.array(
        z.object({ Effect: z.string(), Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional() }),
      ),
    ),
  }),
);

/** Whether a role may be assumed with the token of a service account (`namespace/name`), by the `sub` its trust policy asks for. */
export function trustsServiceAccount(document: string, serviceAccount: string): boolean {
  const subject = `system:serviceaccount:${serviceAccount.replace('/', ':')}`;
  let value: unknown;
  try {
    value = JSON.parse(decodeURIComponent(document));
  } catch {
    // Not readable trusts nobody.
    return false;
  }
  const parsed = conditionsSchema.safeParse(value);
  if (!parsed.success) return false;
  const asked = parsed.data.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Condition }) =>
    Object.entries(Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).flatMap(([key, wanted]) =>
        key.endsWith(':sub') ? [{ operator, wanted: [wanted].flat() }] : [],
      ),
    ),
  );
  return asked.some(({ operator, wanted }) =>
    wanted.some((one) => {
      if (typeof one !== 'string') return false;
      // A star at the end is what people write; any other pattern is not understood, and then it does not hold.
      return operator === 'StringLike' && one.endsWith('*') ? subject.startsWith(one.slice(0, -1)) : one === subject;
    }),
  );
}

export function previewRevocation(facts: {
  readonly target: AwsTarget;
  readonly role: Role;
  /** The cut-off that holds already. */
  readonly before: string | undefined;
  readonly commands: readonly string[];
  readonly undo: readonly string[];
}): Preview {
  const { target, role } = facts;
  const holders = whoAssumes(role.AssumeRolePolicyDocument);
  const lastUsed = role.RoleLastUsed?.LastUsedDate;
  return {
    title: `Revoke the sessions of role ${target.name} in account ${target.account}`,
    summary: `Denies everything to every session of the role that was issued before the moment of execution, with the inline policy the console of AWS uses, too. Its other policies stay as they are. Who assumes the role afterwards is not affected.`,
    commands: [...facts.commands],
    blastRadius: [
      `Everybody who holds a session of ${target.name} now is cut off within minutes, the legitimate ones too.`,
      holders.length === 0
        ? 'Who may assume the role could not be read from its trust policy.'
        : `These may assume it, and are hurt if they hold a session: ${holders.slice(0, 10).join(', ')}${holders.length > 10 ? ` and ${holders.length - 10} more` : ''}.`,
      'They recover when they assume the role again. Functions, tasks, instance profiles and pods refresh by themselves only when their cached credentials near their end: expect errors for up to an hour or more, unless they are restarted.',
      lastUsed === undefined
        ? 'IAM does not say when the role was last used.'
        : `The role was last used at ${lastUsed} (IAM keeps that for some regions late).`,
    ],
    undo: [
      facts.before === undefined
        ? 'The inline policy is removed; old sessions work again until they end by themselves (12 hours at most):'
        : `The inline policy of before is put back; sessions issued after ${facts.before} work again until they end by themselves:`,
      ...facts.undo,
    ].join('\n'),
    warnings: [
      'Whoever can assume the role again gets a new session, the attacker too: close the way in (the pod, the instance, the trust policy) first.',
      'Sessions of other roles that were assumed from this one have a time of their own: revoke them there.',
      'It does not take access to an EKS cluster away: a login there is a call that no policy can deny. Remove the access entry for that.',
    ],
  };
}
