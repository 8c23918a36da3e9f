import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceDraftSchema } from '../../../../domain/evidence/pack.ts';
import { fixture } from '../../../../test/contract/prisma-cloud-compute-fixtures.ts';
import {
  auditSchema,
  containerSchema,
  forensicEventSchema,
  imageSchema,
  incidentSchema,
  profileSchema,
} from '../records.ts';
import { auditActivity, forensicActivity } from './activity.ts';
import { containerDrafts, learnedDrafts } from './container.ts';
import { vulnerabilityDrafts } from './vulnerabilities.ts';

const AT = '2025-10-14T09:20:00.000Z';

function audits(name: string) {
  return auditSchema.array().parse(fixture(`api/${name}.json`));
}

describe("the vendor's own examples", () => {
  it('give the process of a container audit', () => {
    const { runtime, network } = auditActivity(audits('audit-container-process'), 'GET /x', AT);
    expect(runtime.map(({ fact }) => fact)).toEqual([
      {
        kind: 'process',
        pid: 1955,
        path: '/usr/bin/dash',
        commandLine: '/bin/sh -c sleep 3; curl http://169.254.169.253:80',
        user: 'root',
        startedAt: '2022-11-08T17:43:06.680Z',
        interactive: true,
      },
    ]);
    expect(network).toEqual([]);
  });

  it('give the written file of a file-system audit, and its process without a false start time', () => {
    const { runtime } = auditActivity(audits('audit-container-filesystem-block').slice(0, 1), 'GET /x', AT);
    expect(runtime.map(({ fact }) => fact)).toEqual([
      { kind: 'process', pid: 6283, path: '/usr/bin/git', commandLine: 'cmd', user: 'root' },
      { kind: 'file-written', path: 'f5', byPid: 6283, user: 'root', at: '2023-08-20T12:44:45.128Z' },
    ]);
  });

  it('give the looked-up name of a host audit', () => {
    const { runtime, network } = auditActivity(audits('audit-host-dns'), 'GET /x', AT);
    expect(runtime).toEqual([]);
    expect(network).toEqual([
      {
        source: 'cwpp_api',
        field: 'GET /x [0]',
        trust: 'attacker_influenced',
        observedAt: AT,
        fact: { kind: 'dns-query', domain: 'www.yahoo.com', at: '2022-11-17T12:27:42.003Z' },
        entities: [
          { kind: 'domain', canonical: 'www.yahoo.com', label: 'www.yahoo.com' },
          { kind: 'instance', canonical: 'ip-172-31-9-109.ec2.internal', label: 'ip-172-31-9-109.ec2.internal' },
        ],
      },
    ]);
  });

  it('with empty enums and null lists are read', () => {
    expect(audits('audit-serverless-cryptominer')).toHaveLength(1);
    const [container] = containerSchema.array().parse(fixture('api/containers-scan.json'));
    const drafts = containerDrafts({ containerId: 'a4', container, incident: undefined, profile: undefined }, AT);
    expect(drafts.map(({ fact }) => fact)).toEqual([
      {
        kind: 'container',
        name: 'a7',
        containerId: 'a4',
        image: 'img5',
        startedAt: '2023-09-10T01:46:16.542Z',
        entryPoint: 'a7',
        listeningPorts: [],
      },
    ]);
  });

  it('describe the container from the incident when no scan has seen it yet', () => {
    const [incident] = incidentSchema.array().parse(fixture('api/incident-cryptominer.json'));
    const [draft] = containerDrafts({ containerId: 'c', container: undefined, incident, profile: undefined }, AT);
    expect(draft?.fact).toMatchObject({
      kind: 'container',
      name: '/k8s_checkout_checkout-6d9f7c5b8d-x2x9q_payments_0',
    });
    expect(draft?.source).toBe('cwpp_api');
  });
});

describe('hostile records', () => {
  it('of any shape give valid drafts or none', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(-1, 1e308, '0001-01-01T00:00:00Z'),
    );
    const record = fc.oneof(
      fc.dictionary(
        fc.constantFrom(
          ...[
            '_id',
            'time',
            'timestamp',
            'type',
            'pid',
            'ppid',
            'processPath',
            'path',
            'filepath',
            'ip',
            'port',
            'domain',
          ],
          ...[
            'dstIP',
            'dstPort',
            'domainName',
            'containerId',
            'vulnerabilities',
            'cve',
            'riskFactors',
            'network',
            'info',
          ],
        ),
        value,
      ),
      fc.record({
        type: fc.constantFrom('Process spawned', 'Binary created', 'DNS query'),
        timestamp: value,
        path: value,
      }),
      fc.record({
        _id: value,
        vulnerabilities: fc.array(fc.record({ cve: value, packageName: value, packageVersion: value })),
      }),
    );
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const container = { containerId: 'c', field: 'x', observedAt: AT };
        const images = imageSchema.array().parse(records);
        const profiles = profileSchema.array().parse(records);
        const seen = auditActivity(auditSchema.array().parse(records), 'x', AT);
        const log = forensicActivity(
          forensicEventSchema.array().parse(records.map((one) => ({ ...one, containerId: 'c' }))),
          container,
        );
        const drafts = [
          ...[seen, log].flatMap(({ runtime, network }) => [...runtime, ...network]),
          ...images.flatMap((image) => vulnerabilityDrafts(image, { field: 'x', observedAt: AT })),
          ...profiles.flatMap((profile) => learnedDrafts(profile, AT)),
        ];
        for (const draft of drafts) expect(evidenceDraftSchema.safeParse(draft).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
