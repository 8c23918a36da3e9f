import { describe, expect, it } from 'vitest';
import { INCIDENT_OPENED } from '../../domain/events.ts';
import type { Severity } from '../../domain/severity.ts';
import { busDown, memoryBus } from '../../test/fakes/bus.ts';
import { memoryWaitingLine } from '../../test/fakes/intake-stores.ts';
import { memoryIncidentStore, sampleFinding, sampleWorkload } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { announceWaiting } from './announce-waiting.ts';

const start = Date.parse('2025-10-14T09:16:06.000Z');

async function setUp(perMinute = 2) {
  const incidents = memoryIncidentStore();
  const line = memoryWaitingLine(incidents);
  const bus = memoryBus();
  const deps = { incidents, line, bus, perMinute, telemetry: recordingTelemetry() };
  let opened = 0;
  const wait = async (namespace: string, severity: Severity) => {
    const now = new Date(start + 1000 * opened++);
    const finding = sampleFinding({ event: namespace, severity, workload: sampleWorkload(namespace) });
    const context = { receivedAt: now.toISOString(), now, windowMinutes: 60, rawKey: 'alerts/x.json' };
    const { event } = await incidents.attach(finding, context);
    await line.wait(event);
    return event.incidentId;
  };
  const announced = () => bus.published.map(({ detail }) => JSON.parse(JSON.stringify(detail)).incidentId);
  return { deps, incidents, line, bus, wait, announced };
}

describe('announceWaiting', () => {
  it('announces the most severe first, among equals the oldest, so many at a run', async () => {
    const { deps, line, bus, wait, announced, incidents } = await setUp();
    const low = await wait('first', 'low');
    const medium = await wait('second', 'medium');
    const older = await wait('third', 'medium');
    expect(await announceWaiting(deps)).toEqual({ announced: 2 });
    expect(announced()).toEqual([medium, older]);
    expect(bus.published[0]?.detailType).toBe(INCIDENT_OPENED);
    expect(incidents.announced(medium)).toBe(true);
    expect(await announceWaiting(deps)).toEqual({ announced: 1 });
    expect(announced()).toEqual([medium, older, low]);
    expect(await line.next(10)).toEqual([]);
    expect(await announceWaiting(deps)).toEqual({ announced: 0 });
  });

  it('keeps an incident in the line until its event is on the bus', async () => {
    const { deps, line, bus, wait, announced } = await setUp();
    const id = await wait('first', 'low');
    bus.failNext('publish', busDown);
    await expect(announceWaiting(deps)).rejects.toBe(busDown);
    expect(await line.next(10)).toHaveLength(1);
    expect(await announceWaiting(deps)).toEqual({ announced: 1 });
    expect(announced()).toEqual([id]);
  });

  it('goes on where a run ended half-way - one announced twice is investigated once', async () => {
    const { deps, line, wait, announced } = await setUp();
    const id = await wait('first', 'low');
    line.failNext('leave', new Error('throttled'));
    await expect(announceWaiting(deps)).rejects.toThrow('throttled');
    await announceWaiting(deps);
    expect(announced()).toEqual([id, id]);
    expect(await line.next(10)).toEqual([]);
  });

  it('leaves alone what is investigated already, because it became more severe meanwhile', async () => {
    const { deps, incidents, line, wait, announced } = await setUp();
    const id = await wait('first', 'low');
    await incidents.claim(id, 'arn:execution', new Date(start));
    expect(await announceWaiting(deps)).toEqual({ announced: 0 });
    expect(announced()).toEqual([]);
    expect(await line.next(10)).toEqual([]);
  });
});
