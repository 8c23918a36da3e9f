import { openIncident } from '../../domain/incident/cluster.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { sampleFinding } from './findings.ts';

/** The incident the sample finding opens; give only what a test is about. */
export function sampleIncident(change: Partial<Incident> = {}, generation = 1): Incident {
  const context = {
    receivedAt: '2025-10-14T09:16:05.000Z',
    now: new Date('2025-10-14T09:16:06.000Z'),
    windowMinutes: 60,
  };
  return { ...openIncident(sampleFinding(), context, generation), ...change };
}
