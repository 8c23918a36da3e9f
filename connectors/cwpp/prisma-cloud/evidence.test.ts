import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseByRules } from '../../../domain/analysis/rules/analyse.ts';
import { composePack, evidenceDraftSchema } from '../../../domain/evidence/pack.ts';
import { deliveryOf, scenarioText } from '../../../test/contract/prisma-cloud-fixtures.ts';
import { memorySecrets } from '../../../test/fakes/secrets.ts';
import { CWPP_PARTS } from '../evidence-source.ts';
import { prismaCloudClient } from './client.ts';
import { identityDrafts } from './evidence/identity.ts';
import { exposureDrafts } from './evidence/read-network.ts';
import { prismaCloudEvidence } from './evidence.ts';
import { normalize } from './map.ts';
import { type Asset, assetSchema, type NetworkRule, type Permission, permissionSchema } from './records.ts';

const AT = '2025-10-14T09:20:00.000Z';
const OF = { subject: 'host batch-reports', observedAt: AT, entities: [] };

function assetWith(fields: object): Asset {
  return assetSchema.parse({ id: 'x', ...fields });
}

function rule(fields: object): NetworkRule {
  const [read] = assetWith({
    network: [{ access: 'ALLOW', direction: 'inbound', ips: '0.0.0.0/0', ports: '22', ...fields }],
  }).network;
  if (read === undefined) throw new Error('no rule');
  return read;
}

describe('exposure', () => {
  it.each<[string, object, NetworkRule[], boolean | undefined | 'nothing']>([
    ['the vendor says yes', { trueInternetExposure: 'true' }, [], true],
    [
      'the vendor says no, whatever the rules say',
      { trueInternetExposure: 'false', ipAddresses: ['203.0.113.1'] },
      [rule({})],
      false,
    ],
    ['anybody may come in to a public address', { ipAddresses: ['203.0.113.1'] }, [rule({})], true],
    ['anybody may come in, over IPv6', { ipAddresses: ['2001:db8::1'] }, [rule({ ips: '::/0' })], true],
    [
      'anybody may come in to a private address',
      { ipAddresses: ['10.0.0.4', '172.20.0.1', 'fd00::1'] },
      [rule({})],
      undefined,
    ],
    ['rules let only known networks in', {}, [rule({ ips: '10.0.0.0/8' })], false],
    ['the open rule goes out', { ipAddresses: ['203.0.113.1'] }, [rule({ direction: 'outbound' })], false],
    ['the open rule forbids', { ipAddresses: ['203.0.113.1'] }, [rule({ access: 'DENY' })], false],
    [
      'a longer prefix only ends like the open one',
      { ipAddresses: ['203.0.113.1'] },
      [rule({ ips: '10.0.0.0/0.0.0.0' })],
      false,
    ],
    ['nothing is known', {}, [], 'nothing'],
  ])('when %s', (_, fields, rules, expected) => {
    const [draft] = exposureDrafts(assetWith(fields), rules, OF);
    if (expected === 'nothing') return expect(draft).toBeUndefined();
    expect(draft?.fact.kind === 'exposure' ? draft.fact.reachableFromInternet : 'no fact').toBe(expected);
    return undefined;
  });
});

describe('what an identity may do', () => {
  const permission = (fields: object): Permission =>
    permissionSchema.parse({
      grantedByCloudEntityId: 'arn:r',
      grantedByCloudEntityName: 'r',
      effectiveActionName: 's3:GetObject',
      grantedByCloudPolicyName: 'P',
      ...fields,
    });

  it.each<[string, object, boolean | undefined, boolean | undefined, string | undefined]>([
    [
      'an administrator policy is everything',
      { grantedByCloudPolicyName: 'AdministratorAccess' },
      true,
      true,
      undefined,
    ],
    ['a star is everything', { effectiveActionName: '*' }, true, true, undefined],
    [
      'passing any role is a way to everything',
      { effectiveActionName: 'iam:PassRole', isWildCardDestCloudResourceName: true },
      false,
      true,
      undefined,
    ],
    [
      'passing one role is not',
      { effectiveActionName: 'iam:PassRole', isWildCardDestCloudResourceName: false },
      false,
      false,
      undefined,
    ],
    ['a list that was cut proves no absence', {}, undefined, undefined, 'cut'],
    ['a whole list does', {}, false, false, undefined],
  ])('%s', (_, fields, admin, high, truncated) => {
    const listing = { items: [permission(fields)], ...(truncated === undefined ? {} : { truncated }) };
    const [draft] = identityDrafts(listing, { observedAt: AT, entities: [] });
    if (draft?.fact.kind !== 'cloud-identity') throw new Error('no fact');
    expect([draft.fact.admin, draft.fact.highPrivileges]).toEqual([admin, high]);
  });
});

describe('evidence from a vendor that answers anything', () => {
  const folder = new URL('../../../local/sandbox/scenarios/exposed-host/prisma-cloud/', import.meta.url);
  const read = (name: string): unknown[] => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
  const [record] = read('alerts');
  const [held] = read('assets');
  const made = normalize(scenarioText('webhooks/alerts.json'), deliveryOf('x'));
  const findings = made.ok ? made.findings : [];
  const [first] = findings;

  const hostile = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      '',
      [],
      {},
      -1,
      2 ** 53 + 2,
      1e308,
      true,
      [null],
      ['\u202Ex'],
      '0.0.0.0/0',
      'x'.repeat(9_000),
      '\uD800',
    ),
    fc.jsonValue(),
  );
  /** Values of the story's records under their own names, and any other value under any of these names. */
  const names = [
    'id',
    'status',
    'policy',
    'resource',
    'metadata',
    'alertTime',
    'complianceMetadata',
    'data',
    'asset',
    'tags',
    'network',
    'timeline',
    'vulnerabilities',
    'ipAddresses',
    'items',
    'complianceDetails',
    'errors',
    'nextPageToken',
  ];
  const changed = (value: unknown): fc.Arbitrary<unknown> =>
    fc
      .dictionary(fc.constantFrom(...names), hostile, { maxKeys: 4 })
      .map((other) => ({ ...Object.fromEntries(Object.entries(value ?? {})), ...other }));
  const asset = held !== null && typeof held === 'object' && 'asset' in held ? held.asset : {};
  const answers = fc.record({
    alert: changed(record),
    asset: changed(asset).map((value) => ({ data: { asset: value } })),
    search: fc.oneof(changed({ items: read('alerts') }), hostile),
    permission: fc.oneof(changed({ data: { items: read('permissions') } }), hostile),
    posture: fc.oneof(changed({ complianceDetails: read('posture') }), hostile),
  });

  it('never throws, is valid, and leads to an analysis', async () => {
    await fc.assert(
      fc.asyncProperty(answers, fc.constantFrom(...CWPP_PARTS), async (told, part) => {
        const bodies: readonly (readonly [RegExp, unknown])[] = [
          [/\/login$/, { token: 't' }],
          [/\/alert\/[^/]+$/, told.alert],
          [/\/v2\/alert$/, told.search],
          [/\/asset$/, told.asset],
          [/\/posture$/, told.posture],
          [/\/permission$/, told.permission],
        ];
        const bodyFor = (path: string) => bodies.find(([pattern]) => pattern.test(path))?.[1];
        const http = {
          fetch: async (input: unknown) => new Response(JSON.stringify(bodyFor(new URL(String(input)).pathname))),
          sleep: async () => undefined,
          random: () => 0,
        };
        const client = () =>
          prismaCloudClient({
            http,
            secrets: memorySecrets({ s: { accessKeyId: 'a', secretKey: 'b' } }),
            config: {
              webhook: {
                secret: 'w',
                allowedNetworks: ['203.0.113.0/24'],
                bodyLimitBytes: 1_048_576,
                ratePerSecond: 200,
                burst: 400,
              },
              api: { baseUrl: 'https://api.example.com', readSecret: 's' },
            },
          });
        const source = prismaCloudEvidence({ client, now: () => new Date(AT) });
        const { drafts, cost } = await source.gather(part, findings, new Date(Date.parse(AT) + 60_000));
        for (const draft of drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
        if (first === undefined) throw new Error('no finding');
        const gathered = { part, gatheredAt: AT, drafts: [...drafts], cost };
        analyseByRules(
          composePack({ incidentId: 'i', workload: first.workload, vendorSeverity: 'high', parts: [gathered] }),
        );
      }),
      { numRuns: 200 },
    );
  });
});
