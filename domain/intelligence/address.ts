/**
 * Networks nobody outside may hear of: an address in them says something about our inside, or nothing at all. IANA's
 * registries of special-purpose addresses (RFC 6890 and its successors), read 2026-11.
 */
const KEPT_IPV4: readonly (readonly [string, number, string])[] = [
  ['0.0.0.0', 8, 'this host (RFC 791)'],
  ['10.0.0.0', 8, 'private (RFC 1918)'],
  ['100.64.0.0', 10, 'carrier-grade NAT (RFC 6598)'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local, cloud metadata'],
  ['172.16.0.0', 12, 'private (RFC 1918)'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.31.196.0', 24, 'AS112'],
  ['192.52.193.0', 24, 'AMT'],
  ['192.88.99.0', 24, '6to4 relay'],
  ['192.168.0.0', 16, 'private (RFC 1918)'],
  ['192.175.48.0', 24, 'AS112'],
  ['198.18.0.0', 15, 'benchmarking'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

/** Of IPv6 only global unicast (2000::/3) leaves, and of that not these. Unique local, link-local and the rest lie outside. */
const KEPT_IPV6: readonly (readonly [string, number, string])[] = [
  ['2001::', 23, 'protocol assignments, Teredo'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4, which holds an IPv4 address'],
  ['2620:4f:8000::', 48, 'AS112'],
  ['3fff::', 20, 'documentation'],
];

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** Four decimal numbers without leading zeros: others read `010` as eight. */
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);

interface Network {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly prefix: number;
}

function listed(networks: readonly (readonly [string, number, string])[]): { network: Network; why: string }[] {
  return networks.flatMap(([address, prefix, why]) => {
    const network = networkOf(`${address}/${prefix}`);
    return network === undefined ? [] : [{ network, why }];
  });
}
const KEPT = listed([...KEPT_IPV4, ...KEPT_IPV6]);
const GLOBAL = networkOf('2000::/3');

/** The address in its one spelling when others may be asked about it; otherwise why it stays here. */
export type Classified = { readonly value: string } | { readonly kept: string };

/** @param own our own public networks, in CIDR form: they say who we are */
export function classifyAddress(text: string, own: readonly string[] = []): Classified {
  const value = canonicalAddress(text);
  if (value === undefined) return { kept: 'not an address' };
  const special = KEPT.find(({ network }) => within(network, value));
  if (special !== undefined) return { kept: special.why };
  if (value.includes(':') && !within(GLOBAL, value)) return { kept: 'not global unicast' };
  return own.some((network) => within(networkOf(network), value)) ? { kept: 'our own network' } : { value };
}

/** IPv6 compressed and in lower case; an IPv4 address inside an IPv6 one (`::ffff:1.2.3.4`) as IPv4. */
export function canonicalAddress(text: string): string | undefined {
  const bare = text.trim().replace(/^\[(.*)\]$/, '$1');
  if (IPV4.test(bare)) return bare;
  // No zone (`fe80::1%eth0`): it means something on one machine only.
  if (!/^[0-9a-f:.]{2,45}$/i.test(bare) || !bare.includes(':') || !URL.canParse(`http://[${bare}]`)) return undefined;
  const compressed = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed) ?? [];
  return high === undefined || low === undefined ? compressed : dotted(high, low);
}

function dotted(high: string, low: string): string {
  return [high, low]
    .flatMap((group) => {
      const number = Number.parseInt(group, 16);
      return [number >> 8, number & 0xff];
    })
    .join('.');
}

function networkOf(cidr: string): Network | undefined {
  const [address = '', prefix = ''] = cidr.split('/');
  const value = canonicalAddress(address);
  return value === undefined || !/^\d{1,3}$/.test(prefix)
    ? undefined
    : { family: value.includes(':') ? 6 : 4, bits: bitsOf(value), prefix: Number(prefix) };
}

function within(network: Network | undefined, value: string): boolean {
  if (network === undefined || (network.family === 6) !== value.includes(':')) return false;
  const rest = BigInt(Math.max(0, (network.family === 6 ? 128 : 32) - network.prefix));
  return bitsOf(value) >> rest === network.bits >> rest;
}

/** Of a canonical address: its bits as one number. */
function bitsOf(value: string): bigint {
  if (!value.includes(':')) return value.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  const [head = '', tail] = value.split('::');
  const groups = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'));
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)].reduce(
    (bits, group) => (bits << 16n) | BigInt(`0x${group}`),
    0n,
  );
}
