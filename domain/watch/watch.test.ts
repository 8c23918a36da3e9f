import { describe, expect, it } from 'vitest';
import { isDrift, periodWords, seenOf, watchesOf, watchWords } from './watch.ts';

const of = {
  incidentId: 'inc-1',
  actionId: 'A1',
  action: 'kubernetes.quarantine-pod',
  planKey: 'incidents/inc-1/plan-v1.json',
} as const;

describe('watchesOf', () => {
  it('plans a look after each configured time, counted from the proof and named by its time', () => {
    expect(watchesOf(of, '2026-01-01T00:00:00.000Z', [900, 3600, 86_400])).toEqual([
      { ...of, watch: '15m', dueAt: '2026-01-01T00:15:00.000Z' },
      { ...of, watch: '1h', dueAt: '2026-01-01T01:00:00.000Z' },
      { ...of, watch: '24h', dueAt: '2026-01-02T00:00:00.000Z' },
    ]);
    expect(watchesOf(of, '2026-01-01T00:00:00.000Z', [])).toEqual([]);
  });

  it('gives different times different names, because the name is the identity of a look', () => {
    expect([1, 59, 60, 61, 90, 120, 3600, 3660, 7200].map(periodWords)).toEqual([
      '1s',
      '59s',
      '1m',
      '61s',
      '90s',
      '2m',
      '1h',
      '61m',
      '2h',
    ]);
  });
});

describe('what was seen', () => {
  it('names the checks that no longer hold', () => {
    const seen = seenOf({
      result: 'failed',
      enforcement: 'none',
      checks: [
        { name: 'label', ok: false, detail: 'the quarantine label is gone' },
        { name: 'policy', ok: true, detail: 'stands' },
      ],
      verifiedAt: '2026-01-01T00:15:02.000Z',
    });
    expect(seen).toEqual({
      result: 'failed',
      at: '2026-01-01T00:15:02.000Z',
      detail: 'label: the quarantine label is gone',
    });
    expect(watchWords({ ...of, watch: '15m', dueAt: '2026-01-01T00:15:00.000Z', seen })).toBe(
      'A1 kubernetes.quarantine-pod after 15m: no longer holds (2026-01-01T00:15:02.000Z): label: the quarantine label is gone',
    );
  });

  it('is drift when less holds than was proven - what could not be read is not called drift, because nobody knows', () => {
    const results = ['contained', 'partial', 'failed', 'unknown', 'undone'] as const;
    expect(results.filter((result) => isDrift({ result }))).toEqual(['partial', 'failed']);
  });
});
