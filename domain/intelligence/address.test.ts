import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, classifyAddress } from './address.ts';

const KEPT = [
  '0.0.0.0',
  '10.0.33.17',
  '100.64.0.1',
  '100.127.255.254',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.2.7',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.9',
  '203.0.113.50',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:0a00:0001',
  '64:ff9b::a00:1',
  '2001:db8::1',
  '2001::1',
  '2002:a00:1::1',
  '3fff::1',
  'fc00::1',
  'fd12:3456:789a::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '100::1',
];
const MAY_LEAVE: readonly (readonly [string, string])[] = [
  ['45.9.148.10', '45.9.148.10'],
  ['8.8.8.8', '8.8.8.8'],
  ['100.63.255.255', '100.63.255.255'],
  ['100.128.0.1', '100.128.0.1'],
  ['172.15.0.1', '172.15.0.1'],
  ['172.32.0.1', '172.32.0.1'],
  ['::ffff:8.8.8.8', '8.8.8.8'],
  ['2606:4700:4700::1111', '2606:4700:4700::1111'],
  ['2606:4700:4700:0:0:0:0:1111', '2606:4700:4700::1111'],
  ['[2A00:1450:4001:0810::200E]', '2a00:1450:4001:810::200e'],
];
const NO_ADDRESS = [
  '',
  'localhost',
  '10.0.0',
  '010.0.0.1',
  '1.2.3.4.5',
  '0x7f.1',
  '999.1.1.1',
  '1.2.3.4:80',
  '1.2.3.4/8',
  '::g',
];

describe('classifyAddress', () => {
  it.each(KEPT)('keeps %s here - it says something about our inside, or nothing at all', (address) => {
    expect(classifyAddress(address)).toEqual({ kept: expect.any(String) });
  });

  it.each(MAY_LEAVE)('lets %s leave, as %s - one spelling is one look-up', (address, value) => {
    expect(classifyAddress(address)).toEqual({ value });
  });

  it.each(NO_ADDRESS)('takes "%s" for no address - another reader might resolve it to an inner one', (text) => {
    expect(classifyAddress(text)).toEqual({ kept: 'not an address' });
  });

  it('keeps our own public networks, of both families', () => {
    const own = ['45.9.148.0/24', '2a00:1450::/32'];
    expect(classifyAddress('45.9.148.10', own)).toEqual({ kept: 'our own network' });
    expect(classifyAddress('2a00:1450:1::1', own)).toEqual({ kept: 'our own network' });
    expect(classifyAddress('45.9.149.10', own)).toEqual({ value: '45.9.149.10' });
  });

  const privateV4 = fc.oneof(
    fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
  );

  it('never lets a private address leave, in whatever spelling of IPv6 it is wrapped', () => {
    fc.assert(
      fc.property(privateV4, fc.nat(3), (parts, spelling) => {
        const dotted = parts.join('.');
        const hex = parts.map((part) => part.toString(16).padStart(2, '0')).join('');
        const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
        const written =
          [dotted, `::ffff:${dotted}`, `::FFFF:${groups}`, `0:0:0:0:0:ffff:${groups}`][spelling] ?? dotted;
        expect(classifyAddress(written)).toEqual({ kept: expect.any(String) });
      }),
    );
  });

  it('lets only global unicast of IPv6 leave', () => {
    const outside = fc
      .tuple(fc.integer({ min: 0, max: 0xffff }), fc.ipV6())
      .filter(([first]) => first >> 13 !== 1)
      .map(([first]) => `${first.toString(16)}:1:2:3:4:5:6:7`);
    fc.assert(fc.property(outside, (address) => 'kept' in classifyAddress(address)));
    const unique = fc
      .tuple(fc.constantFrom('fc', 'fd'), fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xffff }))
      .map(([head, tail, next]) => `${head}${tail.toString(16).padStart(2, '0')}:${next.toString(16)}::1`);
    fc.assert(fc.property(unique, (address) => 'kept' in classifyAddress(address)));
  });

  it('gives back what it gives out - a second look is the same, and no text throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        const once = canonicalAddress(text);
        if (once !== undefined) expect(canonicalAddress(once)).toBe(once);
        const classified = classifyAddress(text);
        if ('value' in classified) expect(classifyAddress(classified.value)).toEqual(classified);
      }),
    );
  });
});
