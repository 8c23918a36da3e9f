import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CwppPart } from '../../connectors/cwpp/evidence-source.ts';
import { evidenceOf } from '../../connectors/cwpp/guardduty/evidence.ts';
import { normalize } from '../../connectors/cwpp/guardduty/map.ts';
import { confirmationOf } from '../../domain/analysis/confirmation.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { SourcesConfiguration } from '../../domain/config/sources.ts';
import { composePack, type EvidenceDraft, evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { type GuardDutySandbox, guardDutySandbox } from '../../local/sandbox/guardduty/guardduty.ts';
import { guardDutyScenario } from '../../local/sandbox/guardduty/scenario.ts';
import { inspectorSandbox } from '../../local/sandbox/inspector/inspector.ts';
import { inspectorScenario } from '../../local/sandbox/inspector/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import { CREDENTIALS, changed, deliveryOf, facts, quickHttp, scenarioFolder, scenarioText } from './aws-fixtures.ts';

const NOW = '2025-10-20T14:30:00.000Z';
const REGION = 'us-east-1';
const events = { accounts: ['111122223333'] };

let guardduty: GuardDutySandbox;
let server: SandboxServer;
beforeEach(async () => {
  guardduty = guardDutySandbox(guardDutyScenario(scenarioFolder('reverse-shell/guardduty')), {
    credentials: CREDENTIALS,
  });
  const inspector = inspectorSandbox(inspectorScenario(scenarioFolder('reverse-shell/inspector')), {
    credentials: CREDENTIALS,
  });
  server = await serve({ systems: { guardduty, inspector }, mount: 'prefix' });
});
afterEach(() => server.close());

function story(name: string, detail: Record<string, unknown> = {}, channel: 'event-bus' | 'poll' = 'event-bus') {
  const text = changed(scenarioText(`reverse-shell/events/${name}.json`), detail);
  const made = normalize(text, deliveryOf(text, channel));
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

const both = () => [...story('reverse-shell'), ...story('command-and-control')];

function withApis(): SourcesConfiguration {
  return {
    guardduty: { events, api: { region: REGION, endpoint: `${server.url}/guardduty` } },
    inspector: { events, api: { region: REGION, endpoint: `${server.url}/inspector` } },
  };
}

async function gather(
  part: CwppPart,
  findings: readonly NormalizedFinding[],
  options: { readonly sources?: SourcesConfiguration; readonly credentials?: boolean; readonly left?: number } = {},
): Promise<readonly EvidenceDraft[]> {
  const source = evidenceOf(sampleConfiguration({ sources: options.sources ?? withApis() }), {
    http: quickHttp,
    now: () => new Date(NOW),
    ...(options.credentials === false ? {} : { aws: async () => CREDENTIALS }),
  });
  if (!source) throw new Error('no evidence source');
  const deadline = new Date(Date.parse(NOW) + (options.left ?? 90_000));
  const { drafts, cost } = await source.gather(part, findings, deadline);
  for (const draft of drafts) expect(evidenceDraftSchema.parse(draft)).toEqual(draft);
  expect(cost.calls).toBe(server.calls.length);
  return drafts;
}

const confirmations = (drafts: readonly EvidenceDraft[]) =>
  facts(drafts, 'confirmation').map(({ confirmed }) => confirmed);
const operations = () => server.calls.map(({ system, method, path }) => `${system} ${method} ${path}`);

describe('alert details', () => {
  it('confirm findings that GuardDuty has, all of them in one call', async () => {
    const drafts = await gather('alert-details', both());
    expect(facts(drafts, 'confirmation')).toEqual([
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: '0000000000000000000000000000601a',
        reason:
          'GuardDuty has finding 0000000000000000000000000000601a of type Execution:Runtime/ReverseShell on the same resource (read back by API, as in the event AWS sent)',
      },
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: '0000000000000000000000000000601b',
        reason:
          'GuardDuty has finding 0000000000000000000000000000601b of type Backdoor:Runtime/C&CActivity.B on the same resource (read back by API, as in the event AWS sent)',
      },
    ]);
    expect(facts(drafts, 'gap')).toEqual([]);
    expect(operations().filter((call) => call.endsWith('/findings/get'))).toHaveLength(2);
  });

  it('tell what else GuardDuty reports about the same node, archived or not', async () => {
    const drafts = await gather('alert-details', both());
    expect(facts(drafts, 'related-finding')).toEqual([
      {
        kind: 'related-finding',
        uid: '00000000000000000000000000005ff0',
        title: 'A suspicious command was run in container assistant.',
        category: 'Discovery:Runtime/SuspiciousCommand',
        severity: 'low',
        status: 'archived',
        at: '2025-10-18T07:40:00.000Z',
      },
    ]);
  });

  it('stand on the event AWS itself sent where the API is not configured, and say so', async () => {
    const drafts = await gather('alert-details', both(), { sources: { guardduty: { events } } });
    expect(confirmations(drafts)).toEqual([true, true]);
    expect(facts(drafts, 'confirmation')[0]?.reason).toBe(
      'AWS itself sent the finding as EventBridge event 0c7f5e3a-2b64-4d11-9a77-000000000601 of account 111122223333; its API was not asked (sources.guardduty.api is not configured)',
    );
    expect(facts(drafts, 'gap').length).toBeGreaterThan(0);
    expect(server.calls).toEqual([]);
  });

  it.each<[string, () => Parameters<SandboxServer['misbehave']>[0]]>([
    ['refuses', () => ({ system: 'guardduty', times: 99, reply: { status: 403, body: '{"message":"no"}' } })],
    ['fails', () => ({ system: 'guardduty', times: 99, reply: { status: 500 } })],
    ['answers with something else', () => ({ system: 'guardduty', times: 99, reply: { status: 200, body: '[]' } })],
    ['answers with half an answer', () => ({ system: 'guardduty', times: 99, reply: { cutAfterBytes: 10 } })],
  ])('need the API where no event vouches: GuardDuty %s, so nothing is confirmed', async (_what, fault) => {
    server.misbehave(fault());
    const polled = await gather('alert-details', story('reverse-shell', {}, 'poll'));
    expect(confirmations(polled)).toEqual([false]);
    expect(facts(polled, 'gap').length).toBeGreaterThan(0);
  });

  it('do not confirm what the event says when the record of GuardDuty says otherwise', async () => {
    const other = await gather('alert-details', story('reverse-shell', { type: 'Impact:Runtime/CryptoMinerExecuted' }));
    expect(facts(other, 'confirmation')[0]).toMatchObject({
      confirmed: false,
      reason: expect.stringContaining('the alert says Impact:Runtime/CryptoMinerExecuted'),
    });
  });

  it('do not confirm a finding about another pod of the same controller', async () => {
    const [found] = story('reverse-shell');
    if (found?.workload.kind !== 'pod') throw new Error('no pod');
    const forged = { ...found, workload: { ...found.workload, pod: 'assistant-7c9d8b6f5d-m2k7v' } };
    const drafts = await gather('alert-details', [forged]);
    expect(facts(drafts, 'confirmation')[0]).toMatchObject({
      confirmed: false,
      reason: 'finding 0000000000000000000000000000601a of GuardDuty is about another resource',
    });
  });

  it('do not confirm a polled finding that is no longer there', async () => {
    guardduty.remove('0000000000000000000000000000601a');
    expect(confirmations(await gather('alert-details', story('reverse-shell', {}, 'poll')))).toEqual([false]);
  });

  it('confirm nothing without credentials unless the event vouches', async () => {
    const drafts = await gather('alert-details', story('reverse-shell', {}, 'poll'), { credentials: false });
    expect(confirmations(drafts)).toEqual([false]);
  });

  it('do not ask the API of another region than the finding is of', async () => {
    const drafts = await gather('alert-details', story('reverse-shell', { region: 'eu-central-1' }));
    expect(facts(drafts, 'confirmation')[0]?.reason).toContain('the finding is of region eu-central-1');
  });

  it('wait for nothing when there is no time left', async () => {
    const drafts = await gather('alert-details', story('reverse-shell'), { left: 1_000 });
    expect(server.calls).toEqual([]);
    expect(facts(drafts, 'gap')[0]?.reason).toBe('the time for reading is used up');
  });
});

describe('activity', () => {
  it('is the process tree inside the container and what started it', async () => {
    const drafts = await gather('runtime-activity', both());
    expect(facts(drafts, 'process').slice(0, 3)).toEqual([
      {
        kind: 'process',
        pid: 51833,
        parentPid: 48112,
        path: '/usr/bin/bash',
        user: 'root',
        startedAt: '2025-10-20T14:05:12.377Z',
      },
      {
        kind: 'process',
        pid: 48112,
        parentPid: 48090,
        path: '/usr/local/bin/python3.12',
        user: 'root',
        startedAt: '2025-10-20T13:40:40.100Z',
      },
      {
        kind: 'process',
        pid: 48090,
        path: '/usr/bin/containerd-shim-runc-v2',
        user: 'root',
        startedAt: '2025-10-20T13:40:39.200Z',
      },
    ]);
    const shim = drafts.find(({ fact }) => fact.kind === 'process' && fact.pid === 48090);
    expect(shim?.entities.map(({ kind }) => kind)).toEqual(['process', 'file']);
    expect(
      drafts.filter(({ fact }) => fact.kind === 'process').every(({ trust }) => trust === 'attacker_influenced'),
    ).toBe(true);
  });

  it('is told from the event where the API cannot be asked', async () => {
    const drafts = await gather('runtime-activity', both(), { sources: { guardduty: { events } } });
    expect(facts(drafts, 'process').map(({ pid }) => pid)).toContain(51833);
  });

  it('has the connection, and the list of GuardDuty that holds its other end', async () => {
    const drafts = await gather('network', both());
    expect(facts(drafts, 'connection')).toEqual([
      {
        kind: 'connection',
        direction: 'outbound',
        sourceIp: '10.0.33.17',
        destinationIp: '203.0.113.66',
        destinationPort: 4444,
        at: '2025-10-20T14:05:14.000Z',
      },
    ]);
    expect(facts(drafts, 'threat-intel')).toEqual([
      {
        kind: 'threat-intel',
        indicator: '203.0.113.66',
        indicatorKind: 'ip',
        answers: [
          { source: 'GuardDuty list Amazon', verdict: 'malicious', detail: 'command and control', checkedAt: NOW },
        ],
      },
    ]);
  });
});

describe('vulnerabilities', () => {
  it('come from Inspector, by the image both services name', async () => {
    const drafts = await gather('vulnerabilities', both());
    expect(
      facts(drafts, 'vulnerability').map(({ cve, packageType, fixedIn, exploitInTheWild, remote }) => [
        cve,
        packageType,
        fixedIn,
        exploitInTheWild,
        remote,
      ]),
    ).toEqual([
      ['CVE-2025-3248', 'python', '1.3.0', true, true],
      ['CVE-2023-44487', 'package', '0:1.52.0-1+deb12u1', false, true],
    ]);
    expect(facts(drafts, 'exploit-knowledge')[0]).toEqual({
      kind: 'exploit-knowledge',
      cve: 'CVE-2025-3248',
      knownExploited: expect.objectContaining({ since: '2025-05-05', dueDate: '2025-05-26' }),
      epss: { probability: 0.9178, on: '2025-10-20' },
      fixedIn: [{ packageName: 'langflow', ecosystem: 'python', version: '1.3.0' }],
    });
    expect(facts(drafts, 'gap')).toEqual([]);
  });

  it('are a named gap where Inspector is not configured', async () => {
    const drafts = await gather('vulnerabilities', both(), { sources: { guardduty: { events } } });
    expect(facts(drafts, 'gap')).toEqual([
      {
        kind: 'gap',
        missing: 'the vulnerabilities',
        reason: 'GuardDuty has none, and sources.inspector.api is not configured',
      },
    ]);
  });
});

describe('the story', () => {
  it('is a confirmed, malicious reverse shell', async () => {
    const findings = both();
    const [first] = findings;
    if (!first) throw new Error('no finding');
    const parts = [];
    for (const part of ['alert-details', 'runtime-activity', 'vulnerabilities', 'network'] as const) {
      const source = evidenceOf(sampleConfiguration({ sources: withApis() }), {
        http: quickHttp,
        now: () => new Date(NOW),
        aws: async () => CREDENTIALS,
      });
      const { drafts, cost } = (await source?.gather(part, findings, new Date(Date.parse(NOW) + 90_000))) ?? {
        drafts: [],
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      };
      parts.push({ part, gatheredAt: NOW, drafts: [...drafts], cost });
    }
    const pack = composePack({ incidentId: 'inc-1', workload: first.workload, vendorSeverity: first.severity, parts });
    expect(confirmationOf(pack)).toMatchObject({ any: true, all: true });
    expect(analyseByRules(pack)).toMatchObject({
      verdict: 'malicious',
      headline: expect.stringMatching(/^Reverse shell in support\/assistant in prod-eks/),
    });
  });
});
