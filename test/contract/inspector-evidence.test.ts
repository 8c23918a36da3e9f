import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CwppPart } from '../../connectors/cwpp/evidence-source.ts';
import { evidenceOf } from '../../connectors/cwpp/inspector/evidence.ts';
import { normalize } from '../../connectors/cwpp/inspector/map.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { SourcesConfiguration } from '../../domain/config/sources.ts';
import { composePack, type EvidenceDraft, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { type InspectorSandbox, inspectorSandbox } from '../../local/sandbox/inspector/inspector.ts';
import { inspectorScenario } from '../../local/sandbox/inspector/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import {
  CREDENTIALS,
  changed,
  deliveryOf,
  detailOf,
  facts,
  quickHttp,
  scenarioFolder,
  scenarioText,
} from './aws-fixtures.ts';

const NOW = '2025-10-20T10:00:00.000Z';
const events = { accounts: ['111122223333'] };
const EVENT = scenarioText('exploitable-image/events/critical-spring.json');

let inspector: InspectorSandbox;
let server: SandboxServer;
beforeEach(async () => {
  inspector = inspectorSandbox(inspectorScenario(scenarioFolder('exploitable-image/inspector')), {
    credentials: CREDENTIALS,
  });
  server = await serve({ systems: { inspector }, mount: 'prefix' });
});
afterEach(() => server.close());

function story(channel: 'event-bus' | 'poll' = 'event-bus', text = EVENT): readonly NormalizedFinding[] {
  const made = normalize(text, deliveryOf(text, channel));
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

async function gather(
  part: CwppPart,
  findings: readonly NormalizedFinding[],
  sources: SourcesConfiguration = {
    inspector: { events, api: { region: 'us-east-1', endpoint: `${server.url}/inspector` } },
  },
): Promise<readonly EvidenceDraft[]> {
  const source = evidenceOf(sampleConfiguration({ sources }), {
    http: quickHttp,
    now: () => new Date(NOW),
    aws: async () => CREDENTIALS,
  });
  if (!source) throw new Error('no evidence source');
  const { drafts, cost } = await source.gather(part, findings, new Date(Date.parse(NOW) + 90_000));
  for (const draft of drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
  expect(cost.calls).toBe(server.calls.length);
  return drafts;
}

describe('alert details', () => {
  it('confirm what Inspector has, and tell whose it is', async () => {
    const drafts = await gather('alert-details', story());
    expect(facts(drafts, 'confirmation')).toMatchObject([
      {
        confirmed: true,
        reason:
          'Inspector has the active finding CVE-2022-22965 on the same resource (read back by API, as in the event AWS sent)',
      },
    ]);
    expect(facts(drafts, 'ownership')).toMatchObject([{ team: 'billing-team', environment: 'production' }]);
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it('do not confirm what was closed since, or what is about another vulnerability or image', async () => {
    const detail = detailOf(EVENT);
    const held = { ...detail, findingArn: String(detail['findingArn']) };
    inspector.put({ ...held, status: 'CLOSED' });
    const reasons = async () =>
      facts(await gather('alert-details', story()), 'confirmation').map(({ reason }) => reason);
    expect(await reasons()).toEqual(['Inspector has closed the finding since: what it reported is no longer there']);
    inspector.put({ ...held, packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2020-0001' } });
    const source = evidenceOf(
      sampleConfiguration({
        sources: { inspector: { events, api: { region: 'us-east-1', endpoint: `${server.url}/inspector` } } },
      }),
      { http: quickHttp, now: () => new Date(NOW), aws: async () => CREDENTIALS },
    );
    const again = await source?.gather('alert-details', story(), new Date(Date.parse(NOW) + 90_000));
    expect(facts(again?.drafts ?? [], 'confirmation')[0]).toMatchObject({
      confirmed: false,
      reason: 'the finding of Inspector is about CVE-2020-0001, the alert says CVE-2022-22965',
    });
  });

  it('stand on the event AWS itself sent where the API fails, and name the gap; a polled one does not', async () => {
    server.misbehave({ system: 'inspector', times: 99, reply: { status: 503 } });
    const drafts = await gather('alert-details', story());
    expect(facts(drafts, 'confirmation')).toMatchObject([
      { confirmed: true, reason: expect.stringMatching(/^AWS itself sent the finding as EventBridge event /) },
    ]);
    expect(facts(drafts, 'gap')[0]?.missing).toBe('the confirmation of an alert by Inspector');
  });

  it('do not confirm a polled finding that cannot be read again', async () => {
    server.misbehave({ system: 'inspector', times: 99, reply: { status: 503 } });
    const drafts = await gather('alert-details', story('poll'));
    expect(facts(drafts, 'confirmation')).toMatchObject([{ confirmed: false }]);
  });

  it('do not confirm a polled finding Inspector does not have', async () => {
    const other = changed(EVENT, { findingArn: `arn:aws:inspector2:us-east-1:111122223333:finding/${'0'.repeat(32)}` });
    expect(facts(await gather('alert-details', story('poll', other)), 'confirmation')).toEqual([
      { kind: 'confirmation', confirmed: false, reason: 'Inspector has no such finding' },
    ]);
  });
});

describe('vulnerabilities', () => {
  it('are all that are open in the image, the exploited first, with what is known of attacks', async () => {
    const drafts = await gather('vulnerabilities', story());
    expect(
      facts(drafts, 'vulnerability').map(({ cve, cvss, severity, exploitInTheWild, exploitPublic, fixedIn }) => ({
        cve,
        cvss,
        severity,
        exploitInTheWild,
        exploitPublic,
        fixedIn,
      })),
    ).toEqual([
      {
        cve: 'CVE-2022-22965',
        cvss: 9.8,
        severity: 'critical',
        exploitInTheWild: true,
        exploitPublic: true,
        fixedIn: '5.3.18',
      },
      {
        cve: 'CVE-2022-42889',
        cvss: 9.8,
        severity: 'critical',
        exploitInTheWild: false,
        exploitPublic: true,
        fixedIn: '1.10.0',
      },
      {
        cve: 'CVE-2024-6119',
        cvss: 5.9,
        severity: 'medium',
        exploitInTheWild: false,
        exploitPublic: false,
        fixedIn: '1:3.0.8-1.amzn2023.0.16',
      },
    ]);
    expect(facts(drafts, 'image')).toMatchObject([{ digest: `sha256:${'5c'.repeat(32)}`, vulnerabilityCount: 3 }]);
    expect(
      facts(drafts, 'exploit-knowledge').map(({ cve, knownExploited, epss }) => [
        cve,
        knownExploited?.since,
        epss?.probability,
      ]),
    ).toEqual([
      ['CVE-2022-22965', '2022-04-04', 0.9446],
      ['CVE-2022-42889', undefined, 0.9412],
      ['CVE-2024-6119', undefined, 0.0104],
    ]);
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it('tell which clusters use the image', async () => {
    const drafts = await gather('vulnerabilities', story());
    const uses = facts(drafts, 'related-finding').filter(({ category }) => category === 'image in use');
    expect(uses.map(({ title }) => title)).toEqual([
      'the image is used in EKS cluster prod-eks, namespace billing (ReplicaSet invoices-6c8d7b9f54): 4 running, 0 stopped',
      'the image is used in ECS cluster batch (service:invoice-export): 2 running, 1 stopped',
    ]);
  });

  it('are read though exploit data and clusters cannot be: each thing may fail alone', async () => {
    server.misbehave({ system: 'inspector', path: 'details|search|cluster', times: 99, reply: { status: 403 } });
    const drafts = await gather('vulnerabilities', story());
    expect(facts(drafts, 'vulnerability')).toHaveLength(3);
    expect(facts(drafts, 'gap').map(({ missing }) => missing)).toEqual([
      'exploit data of the vulnerabilities',
      'what is known of CVE-2022-22965',
      'what is known of CVE-2022-42889',
      'what is known of CVE-2024-6119',
      'the clusters that use the image',
    ]);
    expect(facts(drafts, 'gap')[0]?.reason).toMatch(/answered 403; check the permissions of gather-cwpp$/);
  });

  it('of an image Inspector knows nothing of are a gap, not a clean image', async () => {
    const [found] = story();
    if (found?.workload.kind !== 'image') throw new Error('no image');
    const other = { ...found, workload: { ...found.workload, imageDigest: `sha256:${'0'.repeat(64)}` } };
    expect(facts(await gather('vulnerabilities', [other]), 'gap').map(({ reason }) => reason)).toEqual([
      'Inspector has no open finding about it: it is clean, or is not scanned',
    ]);
  });

  it('of an endless list are read up to a limit - a token that comes again ends it', async () => {
    const detail = detailOf(EVENT);
    server.misbehave({
      system: 'inspector',
      path: 'findings/list',
      times: 99,
      reply: { status: 200, body: JSON.stringify({ findings: [detail], nextToken: 'again' }) },
    });
    const drafts = await gather('vulnerabilities', story());
    expect(server.calls.filter(({ path }) => path === '/findings/list')).toHaveLength(2);
    expect(facts(drafts, 'gap')[0]?.missing).toBe('vulnerabilities beyond the first 2');
  });

  it('are not looked for where nothing could be said', async () => {
    expect(await gather('runtime-activity', story())).toEqual([]);
    expect(await gather('network', story())).toEqual([]);
    expect(evidenceOf(sampleConfiguration(), { http: quickHttp, now: () => new Date(NOW) })).toBeUndefined();
  });
});

describe('the story', () => {
  it('is about vulnerabilities, not about an attack, and ends in advice to update the image', async () => {
    const findings = story();
    const [first] = findings;
    if (!first) throw new Error('no finding');
    const cost = { calls: 0, bytes: 0, milliseconds: 0 };
    const details = [...(await gather('alert-details', findings))];
    await server.close();
    server = await serve({ systems: { inspector }, mount: 'prefix' });
    const vulnerabilities = [...(await gather('vulnerabilities', findings))];
    const pack = composePack({
      incidentId: 'inc-1',
      workload: first.workload,
      vendorSeverity: first.severity,
      parts: [
        { part: 'alert-details', gatheredAt: NOW, drafts: details, cost },
        { part: 'vulnerabilities', gatheredAt: NOW, drafts: vulnerabilities, cost },
      ],
    });
    const analysis = analyseByRules(pack);
    expect(analysis).toMatchObject({ verdict: 'vulnerability_only', severity: 'critical' });
    expect(analysis.actions.map(({ action }) => action)).toEqual(['advice.update-image']);
    expect(JSON.stringify(analysis)).toMatch(/EKS cluster prod-eks, namespace billing/);
  });
});
