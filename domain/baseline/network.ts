const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function octetsOf(ip: string): readonly number[] | undefined {
  const match = V4.exec(ip.trim().replace(/^::ffff:/i, ''));
  const octets = match?.slice(1).map(Number);
  return octets?.every((octet) => octet <= 255) ? octets : undefined;
}

/** The eight groups of an IPv6 address; undefined for anything else. */
function groupsOf(ip: string): readonly number[] | undefined {
  const text = (ip.trim().split('%', 1)[0] ?? '').toLowerCase();
  if (!/^[0-9a-f:]{2,39}$/.test(text) || !text.includes(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const parts = halves.map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail = []] = parts;
  if ([...head, ...tail].some((group) => !/^[0-9a-f]{1,4}$/.test(group))) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array.from({ length: missing }, () => '0'), ...tail].map((group) => Number.parseInt(group, 16));
}

/** `203.0.113.0/24`, `2001:db8:1::/48`: providers hand out neighbours; undefined for what is no address. */
export function networkOf(ip: string): string | undefined {
  const octets = octetsOf(ip);
  if (octets) return `${octets.slice(0, 3).join('.')}.0/24`;
  const groups = groupsOf(ip);
  return (
    groups &&
    `${groups
      .slice(0, 3)
      .map((group) => group.toString(16))
      .join(':')}::/48`
  );
}

/**
 * Whether an address is one of the internet: not private, shared, loopback, link-local, multicast or reserved. What is no
 * address is not external.
 */
export function isExternalAddress(ip: string): boolean {
  const octets = octetsOf(ip);
  if (octets) return isExternalV4(octets);
  const groups = groupsOf(ip);
  const [first = 0, second = 0] = groups ?? [];
  if (groups === undefined) return false;
  // Global unicast is 2000::/3; in it 2002::/16 and 2001::/32 tunnel other addresses.
  return first >= 0x2000 && first <= 0x3fff && first !== 0x2002 && !(first === 0x2001 && second === 0);
}

function isExternalV4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100 && b >= 64 && b <= 127) return false;
  if (a === 169 && b === 254) return false;
  if (a === 172 && b >= 16 && b <= 31) return false;
  if (a === 192 && b === 168) return false;
  if (a === 192 && b === 0 && c === 0) return false;
  return !(a === 198 && (b === 18 || b === 19));
}
