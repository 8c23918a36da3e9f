import { describe, expect, it } from 'vitest';
import { sampleFinding } from '../../test/fakes/findings.ts';
import { sampleIncident } from '../../test/fakes/incidents.ts';
import { SEVERITIES } from '../severity.ts';
import { findingDigest, joins } from './cluster.ts';
import { incidentSchema } from './incident.ts';

const within = new Date('2025-10-14T10:16:05.999Z');

describe('joins', () => {
  it('takes a finding until the window ends and not at its end', () => {
    const incident = sampleIncident({ windowEndsAt: '2025-10-14T10:16:06.000Z' });
    expect(joins(incident, sampleFinding(), within)).toBe(true);
    expect(joins(incident, sampleFinding(), new Date('2025-10-14T10:16:06.000Z'))).toBe(false);
  });

  it.each(SEVERITIES)('takes a %s finding into an incident that somebody is looking at', (severity) => {
    expect(joins(sampleIncident({ status: 'responding' }), sampleFinding({ severity }), within)).toBe(true);
  });

  it.each(['concluded', 'failed'] as const)('takes into a %s incident only what is no worse than it was', (status) => {
    const incident = sampleIncident({ status, severity: 'medium' });
    const joining = SEVERITIES.filter((severity) => joins(incident, sampleFinding({ severity }), within));
    expect(joining).toEqual(['informational', 'low', 'medium']);
  });
});

describe('openIncident', () => {
  it('makes an incident that its schema accepts and that nothing is known of yet', () => {
    const incident = sampleIncident();
    expect(incidentSchema.parse(incident)).toEqual(incident);
    expect(incident).toMatchObject({ status: 'opened', confirmed: false, findingCount: 1, duplicateCount: 0 });
  });
});

describe('findingDigest', () => {
  it('is equal for the same key and differs for another', () => {
    expect(findingDigest(sampleFinding({ event: 'a' }))).toBe(findingDigest(sampleFinding({ event: 'a', time: 1 })));
    expect(findingDigest(sampleFinding({ event: 'a' }))).not.toBe(findingDigest(sampleFinding({ event: 'b' })));
  });
});
