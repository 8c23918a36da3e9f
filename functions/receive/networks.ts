import { BlockList, isIP } from 'node:net';

/**
 * Whether an address lies in one of the networks. An address that cannot be read lies in none: a guard that cannot be
 * evaluated refuses. An IPv4 address in IPv6 form (`::ffff:203.0.113.7`) counts as the IPv4 address it is.
 */
export function networkCheck(networks: readonly string[]): (peer: string | undefined) => boolean {
  const allowed = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    allowed.addSubnet(address, Number(bits), familyOf(address));
  }
  return (peer) => peer !== undefined && isIP(peer) !== 0 && allowed.check(peer, familyOf(peer));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
