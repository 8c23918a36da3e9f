import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/planning.ts';
import { digestOf } from '../json/canonical.ts';
import { configurationRecord } from './configuration-record.ts';

const AT = '2026-01-01T00:01:00.000Z';
const assist = sampleConfiguration();
const automate = sampleConfiguration({
  rollout: [{ scope: { cluster: 'prod-eks', namespace: 'payments' }, phase: 'automate' }],
});

describe('the record of a configuration', () => {
  it('says what decides who is asked, by which digest the whole is known, and which one it follows', () => {
    const first = configurationRecord(assist, undefined, AT);
    expect(first).toMatchObject({
      chain: 'configuration',
      kind: 'configuration.changed',
      data: {
        digest: digestOf(assist),
        before: null,
        changed: ['rollout', 'actions', 'playbooks', 'automaticPerHour'],
        rollout: [{ phase: 'assist' }],
      },
    });
    expect(configurationRecord(automate, first, AT)?.data).toMatchObject({
      digest: digestOf(automate),
      before: digestOf(assist),
      changed: ['rollout'],
      rollout: [{ scope: { cluster: 'prod-eks', namespace: 'payments' }, phase: 'automate' }],
    });
  });

  it('is not written again for the same configuration, and is for one that differs in anything', () => {
    const first = configurationRecord(assist, undefined, AT);
    expect(configurationRecord(sampleConfiguration(), first, AT)).toBeUndefined();
    const other = sampleConfiguration({ incidents: { windowMinutes: 61 } });
    expect(configurationRecord(other, first, AT)?.data['changed']).toEqual([]);
  });
});
