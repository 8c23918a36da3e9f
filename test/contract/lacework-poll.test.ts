import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pollerOf } from '../../connectors/cwpp/lacework/poller.ts';
import type { AlertPoller } from '../../connectors/cwpp/poller.ts';
import { realHttp, UnusableAnswerError } from '../../connectors/http/request.ts';
import { parseConfiguration } from '../../domain/config/parse.ts';
import { type Account, NOW, startAccount } from './lacework-account.ts';
import { findingIn, findingsIn, storyText } from './lacework-fixtures.ts';

let on: Account;
beforeEach(async () => {
  on = await startAccount();
});
afterEach(() => on.close());

const period = { since: new Date('2026-03-17T01:30:00.000Z'), until: new Date('2026-03-17T02:45:00.000Z'), limit: 100 };

function poller(callsPerHour = 400): AlertPoller {
  const configuration = parseConfiguration({
    deployment: { name: 'test' },
    sources: {
      lacework: {
        api: {
          baseUrl: `${on.server.url}/lacework`,
          subAccount: 'EXAMPLE',
          readSecret: 'parapet/lacework/read',
          callsPerHour,
        },
      },
    },
  });
  const made = pollerOf(configuration, {
    http: { ...realHttp, sleep: async () => undefined },
    secrets: on.secrets,
    now: () => new Date(NOW),
  });
  if (made === undefined) throw new Error('the source is configured');
  return made;
}

describe('a poll', () => {
  it('gives the alerts of the period under the very keys their pushes have, and about the same machine', async () => {
    const { bodies, next } = await poller().poll(period);
    expect(next).toBeUndefined();
    const polled = bodies.flatMap((body) => findingsIn(body, 'poll'));
    const pushed = ['suspicious-login', 'compromised-host'].map((name) =>
      findingIn(storyText(`events/${name}.json`), 'event-bus'),
    );
    expect(polled.map(({ deduplicationKey }) => deduplicationKey)).toEqual(
      pushed.map(({ deduplicationKey }) => deduplicationKey),
    );
    expect(polled.map(({ workload }) => workload)).toMatchObject([
      { kind: 'host', instanceId: 'i-0a1b2c3d4e5f60718' },
      { kind: 'host', instanceId: 'i-0a1b2c3d4e5f60718' },
    ]);
  });

  it('follows the pages and slices a page that is larger than asked for; what is kept between is no address', async () => {
    on.sandbox.pageSize(2);
    for (let id = 1; id <= 3; id += 1)
      on.sandbox.add('Alerts', { alertId: id, alertName: 'x', startTime: '2026-03-17T02:10:00.000Z' });
    const one = poller();
    const ids: unknown[] = [];
    let next: string | undefined;
    for (let pages = 0; pages < 10; pages += 1) {
      const page = await one.poll({ ...period, limit: 1, next });
      ids.push(...page.bodies.map((body) => JSON.parse(body).alert.alertId));
      next = page.next;
      if (next === undefined) break;
      expect(next).not.toContain('://');
    }
    expect(ids.map(Number)).toEqual([402118, 402131, 1, 2, 3]);
  });

  it('hands an alert on without its details when the hour has no calls left for them', async () => {
    on.server.misbehave({ system: 'lacework', path: 'Alerts/\\d+$', times: 9, reply: { status: 429 } });
    const { bodies } = await poller().poll(period);
    expect(bodies.flatMap((body) => findingsIn(body, 'poll'))).toHaveLength(2);
  });

  it('fails when the list cannot be read, so that the same period is asked for again', async () => {
    on.server.misbehave({ system: 'lacework', path: 'Alerts/search', times: 3, reply: { status: 500 } });
    await expect(poller().poll(period)).rejects.toThrow(/answered 500/);
    const elsewhere = { data: [], paging: { urls: { nextPage: 'https://attacker.example.com/api/v2/Alerts/x' } } };
    on.server.misbehave({
      system: 'lacework',
      path: 'Alerts/search',
      times: 3,
      reply: { status: 200, body: JSON.stringify(elsewhere) },
    });
    await expect(poller().poll({ ...period, until: new Date('2026-03-17T02:46:00.000Z') })).rejects.toBeInstanceOf(
      UnusableAnswerError,
    );
  });
});
