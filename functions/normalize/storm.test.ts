import { describe, expect, it } from 'vitest';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { busDown } from '../../test/fakes/bus.ts';
import { sampleFinding, sampleWorkload } from '../../test/fakes/stores.ts';
import { alertOf, failedItem, intake, messageOf, none, understood } from '../../test/intake/alert-queue.ts';
import { normalizeBatch } from './batch.ts';

/** Every body names the workload and the severity of its one finding. */
const flood = (perMinute: number) =>
  intake(
    (body) => {
      const { namespace, event, severity } = JSON.parse(String(body));
      return understood(sampleFinding({ event, severity, workload: sampleWorkload(namespace) }));
    },
    { perMinute },
  );
const alert = (namespace: string, severity: NormalizedFinding['severity'], event = namespace) =>
  messageOf(alertOf(JSON.stringify({ namespace, event, severity })), { id: `${namespace}-${event}` });

describe('a flood of incidents', () => {
  it('does not hold up a critical one: low ones beyond the rate wait, what is severe is announced at once', async () => {
    const { deps, bus, waitingLine, incidents, telemetry } = flood(3);
    for (let index = 0; index < 50; index += 1) {
      expect(await normalizeBatch(deps, { Records: [alert(`low-${index}`, 'low')] })).toEqual(none);
    }
    await normalizeBatch(deps, { Records: [alert('critical', 'critical'), alert('high', 'high')] });
    expect(bus.published.map(({ detail }) => JSON.parse(JSON.stringify(detail)).severity)).toEqual([
      'low',
      'low',
      'low',
      'critical',
      'high',
    ]);
    // Nothing is lost: every other one is stored and stands in the line.
    expect(await waitingLine.next(100)).toHaveLength(47);
    expect(await incidents.list({ limit: 100 })).toHaveLength(52);
    expect(telemetry.counted('IncidentWaiting')).toBe(47);
  });

  it('counts nothing more in a minute that is full, and counts anew in the next one', async () => {
    const { deps, bus, waitingLine, clock } = flood(1);
    const low = (index: number) => normalizeBatch(deps, { Records: [alert(`low-${index}`, 'medium')] });
    for (let index = 0; index < 10; index += 1) await low(index);
    expect(waitingLine.counted()).toBe(2);
    clock.at += 60_000;
    await low(10);
    expect(bus.published).toHaveLength(2);
  });

  it('calls an incident out of the line when something severe is found about it', async () => {
    const { deps, bus } = flood(1);
    await normalizeBatch(deps, { Records: [alert('other', 'low')] });
    await normalizeBatch(deps, { Records: [alert('payments', 'low', 'a')] });
    expect(bus.published).toHaveLength(1);
    await normalizeBatch(deps, { Records: [alert('payments', 'low', 'b')] });
    expect(bus.published).toHaveLength(1);
    await normalizeBatch(deps, { Records: [alert('payments', 'critical', 'c')] });
    await normalizeBatch(deps, { Records: [alert('payments', 'critical', 'd')] });
    expect(bus.published.slice(1)).toMatchObject([{ detail: { severity: 'critical' } }]);
  });

  it('leaves one that waits to the line, however late further findings come', async () => {
    const { deps, bus, clock, waitingLine } = flood(1);
    await normalizeBatch(deps, { Records: [alert('other', 'low')] });
    await normalizeBatch(deps, { Records: [alert('payments', 'low', 'a')] });
    clock.at += 10 * 60_000;
    await normalizeBatch(deps, { Records: [alert('payments', 'low', 'b'), alert('payments', 'low', 'a')] });
    expect(bus.published).toHaveLength(1);
    expect(await waitingLine.next(10)).toHaveLength(1);
  });

  it('finishes a try that stopped before the incident stood in the line', async () => {
    const { deps, waitingLine, bus } = flood(1);
    await normalizeBatch(deps, { Records: [alert('other', 'low')] });
    waitingLine.failNext('wait', busDown);
    const one = alert('payments', 'low', 'a');
    expect(await normalizeBatch(deps, { Records: [one] })).toEqual(failedItem('payments-a'));
    const again = { ...one, attributes: { ...one.attributes, ApproximateReceiveCount: '2' } };
    expect(await normalizeBatch(deps, { Records: [again] })).toEqual(none);
    expect(await waitingLine.next(10)).toHaveLength(1);
    expect(bus.published).toHaveLength(1);
  });
});
