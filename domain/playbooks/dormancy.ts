import type { FactOf } from '../evidence/fact.ts';

/** What may be said of a key that nobody uses: it is active, and IAM knows of no use for so many days. */
export interface Disuse {
  /** Since its last use, or since it was made where IAM knows of none. */
  readonly since: string;
  readonly days: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * How long a key was not used, at the time it was read. Undefined where that cannot be said: IAM did not list the key, it is not
 * active, or there is neither a last use nor a time it was made.
 */
export function disuseOf(
  { status, lastUsedAt, createdAt }: Pick<FactOf<'access-key'>, 'status' | 'lastUsedAt' | 'createdAt'>,
  at: string,
): Disuse | undefined {
  const since = lastUsedAt ?? createdAt;
  if (status !== 'active' || since === undefined) return undefined;
  const days = Math.floor((Date.parse(at) - Date.parse(since)) / DAY_MS);
  return Number.isFinite(days) && days >= 0 ? { since, days } : undefined;
}

/** Policies of Prisma Cloud that call a key unused, by their names; the number was 90 before it followed CIS to 45. */
export const UNUSED_KEY_POLICIES = [
  'AWS access keys not used for more than 45 days',
  'AWS access keys not used for more than 90 days',
] as const;

/** Names are compared without regard to case and spaces at the ends, and never by a part of them. */
export function isNamed(policies: readonly string[], name: string): boolean {
  const folded = (text: string): string => text.trim().toLowerCase();
  return policies.some((policy) => folded(policy) === folded(name));
}
