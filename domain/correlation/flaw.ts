import type { FactOf } from '../evidence/fact.ts';

/** What a vulnerability lets somebody do, as far as its score and its vendor say. */
type Flaw = Pick<FactOf<'vulnerability'>, 'cvss' | 'cvssVector' | 'remote'>;

/**
 * Whether it can be attacked over the network without a person's help. The vector decides where there is one: AV:N with
 * UI:R (UI:P, UI:A in version 4) is a document or a page somebody must open, which a service does not do.
 */
export function overNetwork({ cvssVector, remote }: Flaw): boolean {
  const where = metric(cvssVector, 'AV');
  return remote || (where === 'N' && (metric(cvssVector, 'UI') ?? 'N') === 'N');
}

/** Whether it is of use only to code that runs in the same place already. Without a vector nobody knows. */
export function localOnly({ cvssVector, remote }: Flaw): boolean {
  const where = metric(cvssVector, 'AV');
  return !remote && (where === 'L' || where === 'P');
}

/**
 * Whether the flaw lets somebody change what runs. A flaw that only stops a service (integrity unharmed, such as the HTTP/2
 * rapid reset) cannot start a shell. Without a vector the score tells: CVSS 3 gives such flaws at most 8.6.
 */
export function canRunCode({ cvss, cvssVector }: Flaw): boolean {
  const integrity = metric(cvssVector, 'I') ?? metric(cvssVector, 'VI');
  return integrity === undefined ? (cvss ?? 0) > 8.6 : integrity !== 'N';
}

function metric(vector: string | undefined, name: string): string | undefined {
  return new RegExp(`/${name}:([A-Z])(?:/|$)`).exec(vector ?? '')?.[1];
}
