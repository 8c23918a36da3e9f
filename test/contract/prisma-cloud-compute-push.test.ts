import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import { deliveryOf, fixture, fixtureNames, fixtureText, ocsfErrors } from './prisma-cloud-compute-fixtures.ts';

const { normalize } = mapperFor('prisma-cloud-compute');

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

  it.each(fixtureNames('invalid'))('%s is refused with one sentence that says what to do', (name) => {
    const made = read(name);
    expect(made.ok).toBe(false);
    expect(made.ok ? '' : made.reason).toMatchSnapshot();
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
