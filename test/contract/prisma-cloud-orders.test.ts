import { describe, expect, it } from 'vitest';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { normalizeBatch } from '../../functions/normalize/batch.ts';
import { alertOf, intake, messageOf, none } from '../intake/alert-queue.ts';
import { scenarioText } from './prisma-cloud-fixtures.ts';

/** One alert as the vendor tells it three times: opened, resolved, and opened again a day later. */
const [alert]: object[] = JSON.parse(scenarioText('webhooks/alerts.json'));
const [fromApi]: object[] = JSON.parse(scenarioText('prisma-cloud/alerts.json'));
const opened = JSON.stringify([alert]);
const resolved = JSON.stringify([{ ...alert, alertStatus: 'resolved', reason: 'RESOURCE_UPDATED' }]);
const reopened = JSON.stringify([{ ...alert, alertTs: 1760516764000, reason: 'NEW_ALERT' }]);

const ORDERS: readonly (readonly string[])[] = [
  [opened, resolved, reopened],
  [opened, reopened, resolved],
  [resolved, opened, reopened],
  [resolved, reopened, opened],
  [reopened, opened, resolved],
  [reopened, resolved, opened],
];

async function play(bodies: readonly string[]) {
  const { deps, incidents, quarantine, bus } = intake();
  for (const [index, body] of bodies.entries()) {
    const received = alertOf(body, { source: 'prisma-cloud', deliveryId: `delivery-${index}` });
    expect(await normalizeBatch({ ...deps, mapperFor }, { Records: [messageOf(received)] })).toEqual(none);
  }
  const all = await incidents.list({ limit: 10 });
  return {
    held: await quarantine.list({ limit: 10 }),
    announced: bus.published.length,
    incidents: all.map(({ workload, severity, findingCount, duplicateCount }) => ({
      workload,
      severity,
      findingCount,
      duplicateCount,
    })),
  };
}

const once = {
  workload: { kind: 'host', account: '111122223333', host: 'batch-reports', instanceId: 'i-0b7c1d2e3f4a5b6c7' },
  severity: 'high',
  findingCount: 1,
};

describe('one alert', () => {
  it.each(ORDERS.map((order, index) => [index + 1, order] as const))(
    'opened, resolved and opened again ends the same in order %i of six',
    async (_, order) => {
      expect(await play(order)).toEqual({ held: [], announced: 1, incidents: [{ ...once, duplicateCount: 1 }] });
    },
  );

  it('delivered in another key order, with other white space, and read from the API instead is one finding', async () => {
    const turned = JSON.stringify([Object.fromEntries(Object.entries(alert ?? {}).reverse())], undefined, 4);
    expect(await play([opened, turned, JSON.stringify(alert), JSON.stringify({ items: [fromApi] })])).toEqual({
      held: [],
      announced: 1,
      incidents: [{ ...once, duplicateCount: 3 }],
    });
  });

  it('in two alerts about one host is one incident with two findings', async () => {
    expect((await play([scenarioText('webhooks/alerts.json')])).incidents).toEqual([
      { ...once, severity: 'critical', findingCount: 2, duplicateCount: 0 },
    ]);
  });
});
