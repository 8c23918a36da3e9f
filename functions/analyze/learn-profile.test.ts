import { describe, expect, it } from 'vitest';
import { compare } from '../../domain/baseline/baseline.ts';
import { baselineKeyOf } from '../../domain/baseline/observe.ts';
import { composePack } from '../../domain/evidence/pack.ts';
import { memoryBaselineStore } from '../../test/fakes/context-stores.ts';
import { sampleWorkload } from '../../test/fakes/findings.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { cryptoMinerParts } from '../../test/stories/crypto-miner.ts';
import { learnProfile } from './learn-profile.ts';

const now = new Date('2025-10-14T09:20:00.000Z');
const pack = composePack({
  incidentId: 'inc-0123456789abcdef0123',
  workload: sampleWorkload(),
  vendorSeverity: 'high',
  parts: cryptoMinerParts(),
});

describe("the vendor's profile", () => {
  it('is known at the next incident, as seen since the vendor learned it', async () => {
    const baselines = memoryBaselineStore();
    await learnProfile({ baselines, telemetry: recordingTelemetry() }, pack, now);
    const learned = await baselines.get(baselineKeyOf(sampleWorkload()));
    const later = now.getTime() + 3_600_000;
    expect(compare(learned, { dimension: 'process', value: '/usr/bin/java' }, later)).toMatchObject({
      neverSeenBefore: false,
      firstSeen: Date.parse('2025-09-01T00:00:00.000Z'),
    });
  });

  it('makes nobody sure of an earlier time - it says what was seen, not that all was seen', async () => {
    const baselines = memoryBaselineStore();
    await learnProfile({ baselines, telemetry: recordingTelemetry() }, pack, now);
    const learned = await baselines.get(baselineKeyOf(sampleWorkload()));
    expect(compare(learned, { dimension: 'user', value: 'root' }, now.getTime())).toBeUndefined();
    expect(compare(learned, { dimension: 'user', value: 'root' }, now.getTime() + 1)).toEqual({
      neverSeenBefore: true,
      knownSince: now.getTime(),
    });
  });

  it('is left out when it cannot be kept, and the analysis goes on', async () => {
    const baselines = memoryBaselineStore();
    baselines.failNext('learn', new Error('throttled'), 9);
    const telemetry = recordingTelemetry();
    await learnProfile({ baselines, telemetry }, pack, now);
    expect(telemetry.said).toMatchObject([{ level: 'warn', event: 'profile not remembered' }]);
  });
});
