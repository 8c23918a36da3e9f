import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { normalize as guardDuty } from '../../connectors/cwpp/guardduty/map.ts';
import { pollerOf as guardDutyPoller } from '../../connectors/cwpp/guardduty/poller.ts';
import { normalize as inspector } from '../../connectors/cwpp/inspector/map.ts';
import { pollerOf as inspectorPoller } from '../../connectors/cwpp/inspector/poller.ts';
import type { AlertPoller } from '../../connectors/cwpp/poller.ts';
import { RefusedError } from '../../connectors/http/request.ts';
import { guardDutySandbox } from '../../local/sandbox/guardduty/guardduty.ts';
import { guardDutyScenario } from '../../local/sandbox/guardduty/scenario.ts';
import { inspectorSandbox } from '../../local/sandbox/inspector/inspector.ts';
import { inspectorScenario } from '../../local/sandbox/inspector/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import { CREDENTIALS, deliveryOf, quickHttp, scenarioFolder, scenarioText } from './aws-fixtures.ts';

const events = { accounts: ['111122223333'] };
const PERIOD = { since: new Date('2025-10-20T00:00:00Z'), until: new Date('2025-10-21T00:00:00Z') };
let server: SandboxServer;
beforeEach(async () => {
  const systems = {
    guardduty: guardDutySandbox(guardDutyScenario(scenarioFolder('reverse-shell/guardduty')), {
      credentials: CREDENTIALS,
    }),
    inspector: inspectorSandbox(inspectorScenario(scenarioFolder('exploitable-image/inspector')), {
      credentials: CREDENTIALS,
    }),
  };
  server = await serve({ systems, mount: 'prefix' });
});
afterEach(() => server.close());

const deps = { http: quickHttp, now: () => new Date('2025-10-20T15:00:00Z'), aws: async () => CREDENTIALS };
const sources = () =>
  sampleConfiguration({
    sources: {
      guardduty: { events, api: { region: 'us-east-1', endpoint: `${server.url}/guardduty` } },
      inspector: { events, api: { region: 'us-east-1', endpoint: `${server.url}/inspector` } },
    },
  });

async function all(poller: AlertPoller | undefined, limit: number): Promise<string[]> {
  if (!poller) throw new Error('no poller');
  const bodies: string[] = [];
  let next: string | undefined;
  do {
    const page = await poller.poll({ ...PERIOD, limit, next });
    bodies.push(...page.bodies);
    next = page.next;
  } while (next !== undefined);
  return bodies;
}

function keysOf(normalize: typeof guardDuty, texts: readonly string[], channel: 'poll' | 'event-bus'): string[] {
  return texts.flatMap((text) => {
    const made = normalize(text, deliveryOf(text, channel));
    if (!made.ok) throw new Error(made.reason);
    return made.findings.map(({ deduplicationKey }) => deduplicationKey);
  });
}

describe('reconciliation', () => {
  it.each([1, 50])(
    'finds the findings of GuardDuty of a period, %d a page, under the keys of their events',
    async (limit) => {
      const bodies = await all(guardDutyPoller(sources(), deps), limit);
      const events = ['reverse-shell', 'command-and-control'].map((name) =>
        scenarioText(`reverse-shell/events/${name}.json`),
      );
      expect(new Set(keysOf(guardDuty, bodies, 'poll'))).toEqual(new Set(keysOf(guardDuty, events, 'event-bus')));
    },
  );

  it.each([1, 100])(
    'finds what Inspector reports as exploitable, %d a page, under the keys of its events',
    async (limit) => {
      const bodies = await all(inspectorPoller(sources(), deps), limit);
      const events = ['critical-spring', 'critical-text'].map((name) =>
        scenarioText(`exploitable-image/events/${name}.json`),
      );
      expect(new Set(keysOf(inspector, bodies, 'poll'))).toEqual(new Set(keysOf(inspector, events, 'event-bus')));
    },
  );

  it('throws what AWS refuses, so that the cursor stays', async () => {
    server.misbehave({ system: 'guardduty', times: 9, reply: { status: 403 } });
    await expect(guardDutyPoller(sources(), deps)?.poll({ ...PERIOD, limit: 10 })).rejects.toBeInstanceOf(RefusedError);
  });

  it('throws without credentials, and does not exist without an API', async () => {
    const { aws: _, ...without } = deps;
    await expect(guardDutyPoller(sources(), without)?.poll({ ...PERIOD, limit: 10 })).rejects.toThrow(/no credentials/);
    await expect(inspectorPoller(sources(), without)?.poll({ ...PERIOD, limit: 10 })).rejects.toThrow(/no credentials/);
    const events_ = sampleConfiguration({ sources: { guardduty: { events }, inspector: { events } } });
    expect(guardDutyPoller(events_, deps)).toBeUndefined();
    expect(inspectorPoller(events_, deps)).toBeUndefined();
  });
});
