import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { auditAlertDrafts } from '../../connectors/cwpp/prisma-cloud-compute/evidence/alerts.ts';
import { auditSchema } from '../../connectors/cwpp/prisma-cloud-compute/records.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';
import type { Fact, FactOf } from '../evidence/fact.ts';
import { composePack, type EvidenceDraft, type EvidencePack } from '../evidence/pack.ts';
import { switchesOff } from './verify.ts';

const AT = '2025-10-14T09:15:52.000Z';

function draft(fact: Fact): EvidenceDraft {
  return { source: 'cwpp_api', field: 'x', trust: 'vendor', observedAt: AT, fact, entities: [] };
}

function packOf(drafts: readonly EvidenceDraft[], confirmed = true): EvidencePack {
  return composePack({
    incidentId: 'inc-1',
    workload: { kind: 'pod', cluster: 'prod-eks', namespace: 'shop', pod: 'cart-0', controller: 'cart' },
    vendorSeverity: 'medium',
    parts: [
      {
        part: 'alert-details',
        gatheredAt: AT,
        drafts: [draft({ kind: 'confirmation', confirmed, reason: 'x' }), ...drafts],
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      },
    ],
  });
}

const alert = (change: Partial<FactOf<'alert'>>): EvidenceDraft =>
  draft({
    kind: 'alert',
    findingUid: 'f1',
    title: 'Unexpected process',
    category: 'unexpectedProcess',
    rule: 'shop-runtime',
    message: '/usr/bin/pip launched but is not found in the runtime model',
    severity: 'medium',
    occurredAt: AT,
    techniques: [],
    ...change,
  });

function blocked(...drafts: readonly EvidenceDraft[]) {
  return analyseByRules(packOf(drafts)).guidance?.blocked ?? [];
}

describe('a stopped event', () => {
  it('is explained to the developer: which rule, what that means, and what makes the honest case work', () => {
    expect(
      blocked(
        alert({ effect: 'prevented' }),
        draft({ kind: 'process', path: '/usr/bin/pip', commandLine: 'pip install x' }),
      ),
    ).toEqual([
      {
        id: 'blocked:E2',
        title: 'Why was this prevented: Unexpected process',
        why: [
          {
            text: 'Rule "shop-runtime" prevented this: /usr/bin/pip launched but is not found in the runtime model.',
            kind: 'observed',
            evidence: ['E2'],
            entities: [],
          },
          {
            text: 'Only the one process, write or look-up was stopped; the container goes on running without it.',
            kind: 'inferred',
            evidence: ['E2'],
            entities: [],
          },
        ],
        change: [
          {
            text: 'If the service needs /usr/bin/pip: put it into the image when the image is built, instead of fetching or installing it at run time.',
            kind: 'inferred',
            evidence: ['E2', 'E3'],
            entities: [],
          },
          {
            text: 'Otherwise ask the security team to add /usr/bin/pip to the allowed processes of rule "shop-runtime", for this image only.',
            kind: 'inferred',
            evidence: ['E2', 'E3'],
            entities: [],
          },
          {
            text: 'The protection itself stays on: an exception names one rule, one program, file, address or request and one workload, and the security team decides it.',
            kind: 'inferred',
            evidence: ['E2'],
            entities: [],
          },
        ],
        appliesTo: 'f1',
        author: 'rules',
      },
    ]);
  });

  it.each<[string, Partial<FactOf<'alert'>>, RegExp]>([
    ['a file', { category: 'suspiciousELFHeaderFile', title: 'File write', effect: 'prevented' }, /mounted volume/],
    [
      'a name',
      { category: 'dnsQuery', title: 'DNS query', effect: 'prevented' },
      /allowed domains of rule "shop-runtime"/,
    ],
    [
      'an address',
      { category: 'unexpectedOutboundPort', title: 'Unexpected outbound port', effect: 'blocked' },
      /exactly this address and port|this connection/,
    ],
    [
      'an admission',
      { category: 'admission', title: 'Pod created in host process ID namespace', effect: 'denied' },
      /Change the manifest/,
    ],
    [
      'a request',
      { category: 'xss', title: 'WAAS: cross-site scripting', effect: 'prevented' },
      /send text that holds markup as data/,
    ],
    [
      'something unknown',
      { category: 'other', title: 'Rule of the team', effect: 'blocked' },
      /Tell the security team/,
    ],
    ['what only the name says', { category: 'Runtime', title: 'Admission denied by policy' }, /Change the manifest/],
  ])(
    'that is %s gets the change of its kind, and never the advice to switch protection off',
    (_what, change, expected) => {
      const [event] = blocked(alert(change));
      const texts = [...(event?.why ?? []), ...(event?.change ?? [])].map(({ text }) => text);
      expect(event?.change.map(({ text }) => text).join(' ')).toMatch(expected);
      for (const text of texts) expect(switchesOff(text), text).toBe(false);
      expect(texts.at(-1)).toContain('The protection itself stays on');
    },
  );

  it('that belongs to an attack gets no way through', () => {
    const [event] = blocked(
      alert({
        category: 'cryptoMinerProcess',
        title: 'Crypto miner',
        effect: 'blocked',
        message: '/tmp/xmrig launched',
      }),
      draft({ kind: 'process', path: '/tmp/xmrig', commandLine: '/tmp/xmrig -o stratum+tcp://pool.example.net:3333' }),
    );
    expect(event?.change).toHaveLength(1);
    expect(event?.change[0]?.text).toMatch(/^This is no case to make work/);
  });

  it('is not read from the words of a message - whoever is watched can write those', () => {
    expect(blocked(alert({ message: 'this was blocked by the Defender' }))).toEqual([]);
    expect(blocked(alert({}))).toEqual([]);
  });

  it('of an alert its vendor does not confirm is not explained - a forged one could ask for an opening', () => {
    expect(analyseByRules(packOf([alert({ effect: 'blocked' })], false)).guidance?.blocked).toEqual([]);
  });

  it('is told once when the alert and its record tell of it, with the record as evidence', () => {
    const delivered: EvidenceDraft = { ...alert({ effect: 'blocked' }), source: 'alert', trust: 'attacker_influenced' };
    expect(blocked(delivered, alert({ effect: 'blocked', message: 'the record' })).map(({ id }) => id)).toEqual([
      'blocked:E3',
    ]);
  });

  it('comes from the effect of a real Compute audit', () => {
    const file = new URL(
      '../../test/fixtures/prisma-cloud-compute/api/audit-container-filesystem-block.json',
      import.meta.url,
    );
    const audits = z.array(auditSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
    const drafts = auditAlertDrafts(audits.slice(0, 1), {
      findingUid: 'f1',
      field: 'GET /audits/runtime',
      observedAt: AT,
    });
    expect(drafts[0]?.fact).toMatchObject({ kind: 'alert', effect: 'blocked', rule: 'ii-pc-advanced-demo-eks-block' });
    const [event] = blocked(...drafts);
    expect(event?.title).toMatch(/^Why was this blocked: Malware/i);
  });
});
