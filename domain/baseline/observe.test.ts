import { describe, expect, it } from 'vitest';
import { sampleFinding } from '../../test/fakes/findings.ts';
import { linksOf } from './links.ts';
import { isExternalAddress, networkOf } from './network.ts';
import { areaOf, baselineKeyOf, observationsOf } from './observe.ts';

const base = sampleFinding();
const shown = (evidences: NonNullable<typeof base.finding.evidences>) => ({
  ...base,
  finding: { ...base.finding, evidences },
});

describe('what a finding shows of its workload', () => {
  it('is processes with their parents, users, networks, names and folders, each once', () => {
    const finding = shown([
      {
        process: {
          path: '/tmp/.x/xmrig',
          user: { name: 'app' },
          parent_process: { path: '/bin/sh', user: { name: 'app' } },
        },
        file: { name: 'xmrig', type_id: 1, path: '/tmp/.x/deep/xmrig' },
        dst_endpoint: { ip: '203.0.113.77', port: 3333, domain: 'Pool.Example.NET.' },
        query: { hostname: 'pool.example.net' },
      },
    ]);
    expect(observationsOf({ finding: { ...finding.finding, actor: undefined } })).toEqual([
      { dimension: 'process', value: '/tmp/.x/xmrig' },
      { dimension: 'user', value: 'app' },
      { dimension: 'process', value: '/bin/sh' },
      { dimension: 'network', value: '203.0.113.0/24' },
      { dimension: 'domain', value: 'pool.example.net' },
      { dimension: 'file-area', value: '/tmp/.x' },
    ]);
  });

  it('is bounded, and never half a character - names are chosen by whoever runs them', () => {
    const many = shown(
      Array.from({ length: 200 }, (_, index) => ({ process: { path: `/p${index}/${'😀'.repeat(200)}` } })),
    );
    const seen = observationsOf(many);
    expect(seen).toHaveLength(40);
    for (const { value } of seen) {
      expect(value.length).toBeLessThanOrEqual(160);
      expect(value.isWellFormed()).toBe(true);
    }
  });

  it.each([
    ['/usr/local/bin/x', '/usr/local'],
    ['/x', '/'],
    ['//tmp//a/b', '/tmp/a'],
    ['relative', undefined],
    [undefined, undefined],
  ])('takes %s as area %s', (path, area) => expect(areaOf(path)).toBe(area));

  it('compares versions of one image with each other, and nothing else', () => {
    const key = (image: string) =>
      baselineKeyOf({ ...base.workload, kind: 'pod', cluster: 'c', namespace: 'n', pod: 'p', controller: 'p', image });
    expect(key('registry.example.com:5000/shop/checkout:1.42.0')).toBe(
      key('registry.example.com:5000/shop/checkout@sha256:aa'),
    );
    expect(key('shop/checkout:1')).not.toBe(key('shop/cart:1'));
  });
});

describe('addresses', () => {
  it.each([
    ['203.0.113.9', '203.0.113.0/24'],
    ['::ffff:203.0.113.9', '203.0.113.0/24'],
    ['2001:db8:1:2::9', '2001:db8:1::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['999.1.1.1', undefined],
    ['1:2', undefined],
    [':::', undefined],
    ['pool.example.net', undefined],
  ])('%s lies in %s', (ip, network) => expect(networkOf(ip)).toBe(network));

  it.each([
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '192.0.0.1',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '2002:a00:1::1',
    'x',
    '',
  ])('%s is not of the internet', (ip) => expect(isExternalAddress(ip)).toBe(false));
  it.each(['203.0.113.9', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])('%s is', (ip) =>
    expect(isExternalAddress(ip)).toBe(true),
  );
});

describe('what may link two incidents', () => {
  it('is what means the same everywhere: digest, public address, public name, hash, cloud identity', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const md5 = 'b'.repeat(32);
    const finding = {
      workload: { kind: 'image' as const, image: 'shop/checkout', imageDigest: digest },
      finding: {
        ...base.finding,
        actor: { user: { name: 'root', uid: 'arn:aws:iam::111122223333:role/app' } },
        evidences: [
          {
            process: { path: '/bin/x', file: { name: 'x', type_id: 1, hashes: [{ algorithm_id: 1, value: md5 }] } },
            dst_endpoint: { ip: '203.0.113.9' },
            src_endpoint: { ip: '10.0.0.4' },
            query: { hostname: 'Pool.Example.NET.' },
          },
          { query: { hostname: 'checkout.payments.svc.cluster.local' } },
          { query: { hostname: 'ip-10-0-0-4.ec2.internal' } },
        ],
      },
    };
    expect(linksOf(finding)).toEqual([
      { what: 'hash', value: md5 },
      { what: 'ip', value: '203.0.113.9' },
      { what: 'identity', value: 'arn:aws:iam::111122223333:role/app' },
      { what: 'domain', value: 'pool.example.net' },
      { what: 'image', value: digest },
    ]);
  });

  it('is bounded - each link is a write', () => {
    const finding = shown(Array.from({ length: 100 }, (_, index) => ({ dst_endpoint: { ip: `203.0.113.${index}` } })));
    expect(linksOf(finding)).toHaveLength(6);
  });
});
