import { describe, expect, it } from 'vitest';
import { networkCheck } from './networks.ts';

describe('networkCheck', () => {
  const mayCome = networkCheck(['203.0.113.0/24', '198.51.100.7/32', '2001:db8:1::/48']);

  it.each([
    '203.0.113.0',
    '203.0.113.255',
    '198.51.100.7',
    '2001:db8:1::1',
    '2001:0db8:0001:ffff:0:0:0:1',
    '::ffff:203.0.113.9',
  ])('lets %s in', (peer) => {
    expect(mayCome(peer)).toBe(true);
  });

  it.each([
    ['a neighbour', '203.0.114.0'],
    ['one beside a single address', '198.51.100.8'],
    ['another IPv6 network', '2001:db8:2::1'],
    ['no address', undefined],
    ['an empty one', ''],
    ['a list, as a forwarded header has it', '203.0.113.9, 10.0.0.1'],
    ['a name', 'sender.example.com'],
    ['an address with a zone', 'fe80::1%eth0'],
    ['a number that some parsers take for an address', '3405803785'],
  ])('keeps %s out', (_, peer) => {
    expect(mayCome(peer)).toBe(false);
  });

  it('lets nobody in when no network is named - none is not every one', () => {
    expect(networkCheck([])('203.0.113.9')).toBe(false);
  });
});
