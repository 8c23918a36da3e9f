import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../connectors/cwpp/prisma-cloud-compute/map.ts';
import { normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import { deliveryOf, fixture, fixtureNames, fixtureText, ocsfErrors } from './prisma-cloud-compute-fixtures.ts';

function read(name: string) {
  const text = fixtureText(name);
  return normalize(text, deliveryOf(text));
}

describe('webhook bodies', () => {
  it.each(fixtureNames('push'))('%s gives findings that are valid OCSF 1.8.0', (name) => {
    const made = read(name);
    if (!made.ok) throw new Error(made.reason);
    expect(made.findings.length === 0).toBe(name.includes('test-delivery'));
    for (const found of made.findings) {
      expect(ocsfErrors(found.finding)).toEqual([]);
      expect(normalizedFindingSchema.parse(found)).toEqual(found);
    }
  });

  it.each([
    'container-cryptominer.default-template.json',
    'incident-cryptominer.template-v1.json',
    'vulnerability.default-template.json',
    'host-process.template-v1.json',
  ])('%s gives exactly the expected findings', (name) => {
    expect(read(`push/${name}`)).toEqual({ ok: true, findings: fixture(`expected/${name}`), notes: [] });
  });

  it('are read the same as text and as parsed JSON', () => {
    const text = fixtureText('push/incident-cryptominer.template-v1.json');
    expect(normalize(JSON.parse(text), deliveryOf(text))).toEqual(normalize(text, deliveryOf(text)));
  });

  const reasons: Readonly<Record<string, string>> = {
    'invalid/admission-without-cluster.json':
      'an admission alert names not exactly one cluster; add the macro #clusters to the template',
    'invalid/aggregated-part-is-a-number.json': 'aggregatedAlerts[1] must be a JSON object',
    'invalid/array-body.json':
      'the body must be a JSON object made by the webhook template of the Compute alert profile',
    'invalid/compliance-type.json':
      'alerts of type containerCompliance are not read by Parapet; switch that trigger off in the alert profile',
    'invalid/container-is-a-number.json': 'container must be text; quote the macro in the webhook template',
    'invalid/cspm-alert.json':
      'the body must be a JSON object made by the webhook template of the Compute alert profile',
    'invalid/empty-object.json':
      "the field type is empty or missing; use the template of connectors/cwpp/prisma-cloud-compute/template (if this was the console's test alert, it did arrive)",
    'invalid/no-resource.json':
      'a containerRuntime alert names no container, host, function, app or image; add these macros to the template',
    'invalid/quoted-list-macro.json': 'clusters must be a list; insert the macro without quotes',
    'invalid/says-nothing.json':
      'a containerRuntime alert says nothing (message, category and incidentId are empty); add these macros to the template',
    'invalid/unknown-type.json':
      'alert type "containerMystery" is not known; if this was the console\'s test alert it did arrive, otherwise check the type field of the template',
    'invalid/vulnerability-list-empty.json':
      'a registryVulnerability alert lists no vulnerabilities; insert #vulnerabilities into the template without quotes',
    'invalid/vulnerability-without-resource.json':
      'vulnerabilities[0] names neither imageName, imageID nor hostname; check what the console sent',
  };

  it.each(fixtureNames('invalid'))('%s is refused with one sentence that says what to do', (name) => {
    expect(read(name)).toEqual({ ok: false, reason: reasons[name] });
  });

  it('that the template renders are read, with every macro in its place', () => {
    const template = readFileSync(
      new URL('../../connectors/cwpp/prisma-cloud-compute/template/parapet-v1.txt', import.meta.url),
      'utf8',
    );
    const values: Record<string, unknown> = {
      type: 'containerRuntime',
      time: 'Oct 14, 2025 09:16:04 UTC',
      category: 'cryptoMinerProcess',
      labels: { app: 'checkout' },
      clusters: ['prod-eks'],
      dropped: 0,
    };
    const quoted = template.replaceAll(/"#(\w+)"/g, (_all, macro: string) => JSON.stringify(values[macro] ?? macro));
    const rendered = quoted.replaceAll(/#(\w+)/g, (_all, macro: string) => JSON.stringify(values[macro] ?? []));
    const made = normalize(rendered, deliveryOf(rendered));
    if (!made.ok) throw new Error(made.reason);
    expect(made.findings[0]?.finding).toMatchObject({
      message: 'message',
      metadata: { event_code: 'containerRuntime' },
      finding_info: { analytic: { name: 'rule' }, types: ['cryptoMinerProcess'] },
      evidences: [{ process: { cmd_line: 'command', user: { name: 'user' } }, container: { uid: 'containerID' } }],
    });
  });

  it.each(['container-runtime', 'incident', 'vulnerability'])('of the sample story (%s) are valid', (name) => {
    const url = new URL(`../../local/sandbox/scenarios/crypto-miner/webhooks/${name}.json`, import.meta.url);
    const text = readFileSync(url, 'utf8');
    const made = normalize(text, deliveryOf(text));
    if (!made.ok) throw new Error(made.reason);
    expect(made.notes).toEqual([]);
    expect(made.findings.map(({ finding }) => ocsfErrors(finding))).toEqual([[]]);
  });
});
