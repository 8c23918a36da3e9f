import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseByRules } from '../../../domain/analysis/rules/analyse.ts';
import { composePack, type EvidenceDraft, evidenceDraftSchema } from '../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { switchesOff } from '../../../domain/remediation/verify.ts';
import { deliveryOf, fixture, ocsfErrors } from '../../../test/contract/prisma-cloud-compute-fixtures.ts';
import { FIREWALL_TYPES } from './alert-types.ts';
import { judgeAdmission, judgeFirewall } from './evidence/policy-confirmation.ts';
import { admissionEffect, firewallEffect, policyDrafts } from './evidence/policy-drafts.ts';
import { normalize } from './map.ts';
import { admissionAuditSchema, firewallAuditSchema, requestedObject } from './policy-records.ts';
import { parseReadBack } from './read-back.ts';
import { WEB_ATTACKS } from './web-attacks.ts';

type Body = Record<string, unknown>;
const AT = '2023-01-12T02:30:00.000Z';

function bodyOf(name: string): Body {
  const value = fixture(name);
  const one: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof one !== 'object' || one === null) throw new Error(`${name} is no object`);
  return { ...one };
}
const web = (change: Body = {}): Body => ({ ...bodyOf('push/container-app-firewall.template-v1.json'), ...change });
const admission = (change: Body = {}): Body => ({ ...bodyOf('push/admission.template-v1.json'), ...change });
const webRecord = (change: Body = {}) =>
  firewallAuditSchema.parse({ ...bodyOf('api/audit-waas-container.json'), ...change });
const admissionRecord = (change: Body = {}) =>
  admissionAuditSchema.parse({ ...bodyOf('api/audit-admission.json'), ...change });

function read(body: Body) {
  return normalize(body, deliveryOf('raw', AT));
}
function only(body: Body): NormalizedFinding {
  const made = read(body);
  if (!made.ok) throw new Error(made.reason);
  const [found, ...rest] = made.findings;
  if (found === undefined || rest.length > 0) throw new Error('expected one finding');
  expect(ocsfErrors(found.finding)).toEqual([]);
  return found;
}

const draft = (fact: EvidenceDraft['fact']): EvidenceDraft => ({
  source: 'cwpp_api',
  field: 'x',
  trust: 'vendor',
  observedAt: AT,
  fact,
  entities: [],
});
function blockedOf(found: NormalizedFinding, drafts: readonly EvidenceDraft[]) {
  const pack = composePack({
    incidentId: 'inc-1',
    workload: found.workload,
    vendorSeverity: found.severity,
    parts: [
      {
        part: 'alert-details',
        gatheredAt: AT,
        drafts: [draft({ kind: 'confirmation', confirmed: true, reason: 'x' }), ...drafts],
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      },
    ],
  });
  return { pack, blocked: analyseByRules(pack).guidance?.blocked ?? [] };
}

describe('a WAAS alert', () => {
  it('is a finding about the pod, with the title of its attack and what its record is found by', () => {
    const { finding, workload, severity, readBack } = only(web());
    expect({ title: finding.finding_info.title, types: finding.finding_info.types, severity }).toEqual({
      title: 'WAAS: local file inclusion',
      types: ['lfi'],
      severity: 'medium',
    });
    expect(finding.finding_info.attacks?.map(({ technique }) => technique?.uid)).toEqual(['T1190']);
    expect(workload).toMatchObject({
      kind: 'pod',
      cluster: 'sample-cluster',
      namespace: 'default',
      controller: 'nginx-deployment',
    });
    expect(parseReadBack(readBack)).toEqual({
      record: 'container-firewall',
      category: 'lfi',
      rule: 'WaaS rule for DVWA',
      containerID: 'd0b59',
      containerName: '/k8s_nginx_nginx-deployment-bb6558558-dxqtl_default',
      image: 'vulnerables/web-dvwa:latest',
      from: '2023-01-12T01:49:22.000Z',
      to: '2023-01-12T02:49:22.000Z',
    });
  });

  it('has no process, name or address from its sentence - the sender of the request wrote half of it', () => {
    const message =
      'Detected attack in parameter "x", value /bin/sh launched by /bin/bash, port 4444, IP 203.0.113.9, DNS resolution of name evil.example, type A';
    const { finding } = only(web({ message }));
    expect(finding.observables?.map(({ value }) => value)).not.toContain('203.0.113.9');
    for (const { process, dst_endpoint, query } of finding.evidences ?? [])
      expect([process, dst_endpoint, query]).toEqual([undefined, undefined, undefined]);
  });

  it.each(FIREWALL_TYPES)('of trigger %s is read', (type) => {
    expect(only(web({ type })).finding.metadata.event_code).toBe(type);
  });

  it('of a trigger nobody can read back stays unconfirmed by name', () => {
    expect(only(web({ type: 'agentlessAppFirewall' })).readBack['record']).toBe('none');
  });
});

describe('an admission alert', () => {
  it('is about the namespace it names, not about a pod that may not exist', () => {
    const { finding, workload, severity, readBack } = only(admission());
    expect(workload).toEqual({
      kind: 'resource',
      account: '496947949261',
      resourceType: 'Kubernetes namespace',
      name: 'johndoe-eks-123/default',
    });
    expect(severity).toBe('medium');
    expect(finding.finding_info.title).toBe(
      'Admission: Twistlock Labs - CIS - Pod created in host process ID namespace',
    );
    expect(finding.resources?.map(({ type, name }) => [type, name])).toEqual([
      ['Namespace', 'default'],
      ['Cluster', 'johndoe-eks-123'],
    ]);
    expect(parseReadBack(readBack)).toMatchObject({
      record: 'admission',
      cluster: 'johndoe-eks-123',
      namespace: 'default',
    });
  });

  it('is about the cluster where the request has no namespace, and refused where it has no or two clusters', () => {
    expect(only(admission({ namespaces: [] })).workload).toMatchObject({
      resourceType: 'Kubernetes cluster',
      name: 'johndoe-eks-123',
    });
    for (const clusters of [[], ['a', 'b']])
      expect(read(admission({ clusters }))).toEqual({
        ok: false,
        reason: 'an admission alert names not exactly one cluster; add the macro #clusters to the template',
      });
  });

  it('that says nothing is refused with what to do', () => {
    expect(read(admission({ message: '', rule: '' }))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('message and rule are empty'),
    });
  });
});

describe('the read-back of a request', () => {
  const locator = (body: Body) => parseReadBack(only(body).readBack);
  const firewall = (body: Body, record: Body = {}) => {
    const alert = locator(body);
    if (alert?.record !== 'container-firewall') throw new Error('no firewall alert');
    return judgeFirewall(alert, [webRecord(record)]).answer;
  };
  const admitted = (body: Body, record: Body = {}) => {
    const alert = locator(body);
    if (alert?.record !== 'admission') throw new Error('no admission alert');
    return judgeAdmission(alert, [admissionRecord(record)]).answer;
  };

  it('confirms by the real record of the same container, attack, rule and time', () => {
    expect(firewall(web())).toEqual({
      confirmed: true,
      record: '63bf6e2d911525bbe1739009',
      reason: 'the console has WAAS audit 63bf6e2d911525bbe1739009 of attack lfi on container d0b59',
    });
    expect(firewall(web({ containerID: '' })).confirmed).toBe(true);
  });

  it.each<[string, Body]>([
    ['another container', { containerId: 'other' }],
    ['another attack', { type: 'sqli' }],
    ['another rule', { ruleName: 'other' }],
    ['another day', { time: '2023-01-13T02:19:22Z' }],
    ['no id', { _id: null }],
  ])('does not confirm by a WAAS record with %s', (_what, record) => {
    expect(firewall(web(), record).confirmed).toBe(false);
  });

  it('confirms an admission by rule, sentence, cluster, namespace and time, and names it by its time', () => {
    expect(admitted(admission())).toMatchObject({
      confirmed: true,
      record: 'admission audit of 2022-11-24T13:46:37.057Z',
    });
  });

  it.each<[string, Body]>([
    ['another rule', { ruleName: 'other' }],
    ['another sentence', { message: 'other' }],
    ['another cluster', { cluster: 'other' }],
    ['another namespace', { namespace: 'other' }],
    ['another day', { time: '2022-11-25T13:46:37Z' }],
    ['no time', { time: null }],
  ])('does not confirm by an admission record with %s', (_what, record) => {
    expect(admitted(admission(), record).confirmed).toBe(false);
  });

  it('does not confirm an alert that names no rule - any record would do', () => {
    expect(admitted(admission({ rule: '' })).confirmed).toBe(false);
  });
});

describe('what a request’s record says', () => {
  it('is what the vendor did: refused, or not', () => {
    expect(
      ['prevent', 'ban', 'alert', 'allow', 'disable', 'reCAPTCHA', ''].map((effect) => firewallEffect({ effect })),
    ).toEqual(['denied', 'denied', undefined, undefined, undefined, undefined, undefined]);
    expect(['block', 'deny', 'prevent', 'alert', 'allow', ''].map((effect) => admissionEffect({ effect }))).toEqual([
      'denied',
      'denied',
      'denied',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is no blocked event while the rule only alerts', () => {
    const found = only(web());
    const drafts = policyDrafts([{ found, kind: 'firewall', audit: webRecord() }], AT);
    expect(drafts.map(({ fact }) => fact.kind)).toEqual(['web-request']);
    expect(blockedOf(found, drafts).blocked).toEqual([]);
  });

  it('explains a refused web request: which, why, what to send, what the service should do, how narrow an exception is', () => {
    const found = only(web());
    const audit = webRecord({ effect: 'ban', subnet: '198.51.100.7' });
    const { pack, blocked } = blockedOf(found, policyDrafts([{ found, kind: 'firewall', audit }], AT));
    expect(blocked.map(({ title }) => title)).toEqual(['Why was this denied: WAAS: local file inclusion']);
    expect(blocked[0]?.why.map(({ text }) => text)).toEqual([
      'Rule "WaaS rule for DVWA" denied this: Detected Local File Inclusion attack in request body parameter "ip", match etc/passwd, value 1.1.1.1; tail /etc/passwd.',
      'The request was POST /vulnerabilities/exec/ of us-west-1.elb.amazonaws.com at 2023-01-12 02:19 UTC; what matched stands in "ip" (formBody). Its sender is shut out for a while, honest requests included.',
      'The request was refused, and nothing was created or changed by it.',
    ]);
    expect(blocked[0]?.change.map(({ text }) => text)).toEqual([
      'If the request was honest, in "ip" (formBody): name a document by an id instead of a path.',
      'In the service: look the id up in a list of its own, and join no path from a request.',
      'If the interface must take it as it is: ask the security team for an exception to rule "WaaS rule for DVWA" for path /vulnerabilities/exec/ and parameter "ip" (formBody) alone, and check the value in the service.',
      'The protection itself stays on: an exception names one rule, one program, file, address or request and one workload, and the security team decides it.',
    ]);
    const kinds = new Set(
      blocked[0]?.why.flatMap(({ entities }) => entities.map((id) => pack.entities.find((one) => one.id === id)?.kind)),
    );
    expect([...kinds].sort()).toEqual(['container', 'image', 'ip', 'pod']);
  });

  it('explains a refused admission by the field of the manifest that its rule is about', () => {
    const found = only(admission());
    const rawRequest = JSON.stringify({
      request: { object: { metadata: { name: 'node-debug' }, spec: { containers: [{ image: 'debug:1' }] } } },
    });
    const audit = admissionRecord({ effect: 'block', rawRequest });
    const { blocked } = blockedOf(found, policyDrafts([{ found, kind: 'admission', audit }], AT));
    expect(blocked[0]?.why[1]?.text).toBe(
      'kubernetes-admin asked for CREATE of Pod node-debug in namespace default of cluster johndoe-eks-123 at 2022-11-24 13:46 UTC.',
    );
    expect(blocked[0]?.change.map(({ text }) => text).slice(0, 2)).toEqual([
      'Change the manifest of Pod node-debug in namespace default of cluster johndoe-eks-123 as follows: leave hostPID out or set it to false. Then apply it again.',
      'If a cluster component truly needs it: ask the security team for an exception to rule "Twistlock Labs - CIS - Pod created in host process ID namespace" for namespace default and kubernetes-admin alone.',
    ]);
  });

  it.each(WEB_ATTACKS.map(([word]) => word))(
    'of attack %s has a change, and never one that switches protection off',
    (type) => {
      const found = only(web({ category: type }));
      const drafts = policyDrafts([{ found, kind: 'firewall', audit: webRecord({ type, effect: 'prevent' }) }], AT);
      const [event] = blockedOf(found, drafts).blocked;
      expect(event?.change.length).toBeGreaterThanOrEqual(3);
      for (const { text } of [...(event?.why ?? []), ...(event?.change ?? [])])
        expect(switchesOff(text), text).toBe(false);
    },
  );

  it('names what is asked for by the review or the bare request, and nothing where it was cut', () => {
    const request = { name: 'a', object: { spec: { template: { spec: { containers: [{ image: 'b:1' }] } } } } };
    for (const kept of [{ request }, request])
      expect(requestedObject({ rawRequest: JSON.stringify(kept) })).toEqual({ name: 'a', images: ['b:1'] });
    for (const rawRequest of ['(truncated in the source)', '{"request":', 'null', '[]', undefined])
      expect(requestedObject({ rawRequest })).toEqual({ name: undefined, images: [] });
  });

  it('is valid evidence whatever the console answers', () => {
    const [firewallAlert, admissionAlert] = [only(web()), only(admission())];
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom('ban', 'block', '10.0.0.1'));
    const field = fc.constantFrom(
      ...['_id', 'time', 'type', 'effect', 'msg', 'ruleName', 'urlPath', 'method', 'subnet', 'connectingIPs'],
      ...['attackField', 'statusCode', 'attackTechniques', 'operation', 'kind', 'username', 'rawRequest', 'namespace'],
    );
    fc.assert(
      fc.property(fc.dictionary(field, value), (record) => {
        const drafts = policyDrafts(
          [
            { found: firewallAlert, kind: 'firewall', audit: firewallAuditSchema.parse(record) },
            { found: admissionAlert, kind: 'admission', audit: admissionAuditSchema.parse(record) },
          ],
          AT,
        );
        for (const one of drafts) expect(evidenceDraftSchema.parse(one)).toEqual(one);
        for (const { why, change } of blockedOf(firewallAlert, drafts).blocked)
          for (const { evidence } of [...why, ...change]) expect(evidence.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});
