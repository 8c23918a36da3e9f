import { type Classified, canonicalAddress } from './address.ts';

/** Names that mean something only inside: reserved (RFC 2606, 6761, 6762, 8375, 9476) or customary for inner networks. */
const INNER_SUFFIXES = [
  'local',
  'localhost',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'svc',
  'test',
  'invalid',
  'example',
  'alt',
  'onion',
  'arpa',
];

/** Names AWS gives to things of an account: each tells which databases, clusters and registries somebody has. */
const OWN_RESOURCES =
  /\.(?:rds|cache|eks|elb|es|redshift|docdb|neptune|kafka|vpce|dkr\.ecr)(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$|(?:^|\.)internal-[^.]+\.[a-z0-9-]+\.elb\.amazonaws\.com$/;

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** @param internal further suffixes of our own, such as `corp.example.com` */
export function classifyDomain(text: string, internal: readonly string[] = []): Classified {
  const name = text.trim().toLowerCase().replace(/\.$/, '');
  if (canonicalAddress(name) !== undefined) return { kept: 'an address, not a name' };
  const labels = name.split('.');
  if (name.length > 253 || !labels.every((label) => LABEL.test(label))) return { kept: 'not a host name' };
  if (labels.length < 2) return { kept: 'a single label, which only an inner resolver knows' };
  if (!/^(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})$/.test(labels.at(-1) ?? '')) return { kept: 'not a host name' };
  if (INNER_SUFFIXES.some((suffix) => isBelow(name, suffix))) return { kept: 'an internal or reserved name' };
  if (OWN_RESOURCES.test(name)) return { kept: 'the name of a resource of an account' };
  const ours = internal.map((suffix) => suffix.toLowerCase().replace(/^\*?\.|\.$/g, ''));
  return ours.some((suffix) => suffix !== '' && isBelow(name, suffix))
    ? { kept: 'configured as internal' }
    : { value: name };
}

function isBelow(name: string, suffix: string): boolean {
  return name === suffix || name.endsWith(`.${suffix}`);
}
