import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evidenceOf } from '../../connectors/cwpp/guardduty/evidence.ts';
import { normalize } from '../../connectors/cwpp/guardduty/map.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import { composePack } from '../../domain/evidence/pack.ts';
import { bind } from '../../functions/plan/bind.ts';
import { type GuardDutySandbox, guardDutySandbox } from '../../local/sandbox/guardduty/guardduty.ts';
import { guardDutyScenario } from '../../local/sandbox/guardduty/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import { CREDENTIALS, deliveryOf, quickHttp, scenarioFolder, scenarioText } from './aws-fixtures.ts';

const NOW = '2025-10-21T07:10:00.000Z';
const ACCOUNT = '111122223333';
const INSTANCE = 'i-0c0ffee1a2b3c4d5e';
const scenario = guardDutyScenario(scenarioFolder('mining-instance/guardduty'));
const [miner] = scenario.findings;

let guardduty: GuardDutySandbox;
let server: SandboxServer;
beforeEach(async () => {
  guardduty = guardDutySandbox(scenario, { credentials: CREDENTIALS });
  server = await serve({ systems: { guardduty }, mount: 'prefix' });
});
afterEach(() => server.close());

/** What the rules say of the two findings, after GuardDuty was asked about them. */
async function analysed() {
  const findings = ['miner-executed', 'pool-queried'].flatMap((name) => {
    const text = scenarioText(`mining-instance/events/${name}.json`);
    const made = normalize(text, deliveryOf(text));
    if (!made.ok) throw new Error(made.reason);
    return made.findings;
  });
  const api = { region: scenario.region, endpoint: `${server.url}/guardduty` };
  const source = evidenceOf(sampleConfiguration({ sources: { guardduty: { events: { accounts: [ACCOUNT] }, api } } }), {
    http: quickHttp,
    now: () => new Date(NOW),
    aws: async () => CREDENTIALS,
  });
  const [first] = findings;
  if (source === undefined || first === undefined) throw new Error('nothing to ask about');
  const deadline = new Date(Date.parse(NOW) + 90_000);
  const parts = ['alert-details', 'runtime-activity', 'network'] as const;
  const pack = composePack({
    incidentId: 'inc-1',
    workload: first.workload,
    vendorSeverity: 'high',
    parts: await Promise.all(
      parts.map(async (part) => {
        const { drafts, cost } = await source.gather(part, findings, deadline);
        return { part, gatheredAt: NOW, drafts: [...drafts], cost };
      }),
    ),
  });
  return { pack, analysis: analyseByRules(pack) };
}

describe('two findings of GuardDuty about a machine that mines', () => {
  it('are one malicious incident, whose machine in its account is to be isolated', async () => {
    const { pack, analysis } = await analysed();
    const isolation = analysis.actions.find(({ action }) => action === 'aws.isolate-instance');
    expect(analysis.verdict).toBe('malicious');
    expect(isolation && bind(isolation, pack)).toMatchObject({
      ok: true,
      target: {
        system: 'aws',
        account: ACCOUNT,
        kind: 'instance',
        arn: `arn:aws:ec2:*:${ACCOUNT}:instance/${INSTANCE}`,
        name: INSTANCE,
      },
    });
  });

  it('ask for nothing in the account where GuardDuty knows one of them as another kind of finding', async () => {
    if (miner === undefined) throw new Error('the scenario has no finding');
    guardduty.put({ ...miner, type: 'Discovery:Runtime/SuspiciousCommand' });
    const { analysis } = await analysed();
    expect(analysis.actions.filter(({ action }) => action.startsWith('aws.'))).toEqual([]);
  });
});
