import { describe, expect, it } from 'vitest';
import { changed, changeOf, periodWords, type Seen, seenOf, type Watch, watchesOf, watchWords } from './watch.ts';

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

  const look = (watch: string, dueAt: string, result?: Seen['result'], from?: 'partial'): Watch => ({
    ...of,
    watch,
    dueAt,
    ...(from === undefined ? {} : { from }),
    ...(result === undefined ? {} : { seen: { result, at: dueAt, detail: 'd' } }),
  });
  const RESULTS = ['contained', 'partial', 'failed', 'unknown', 'undone'] as const;
  const changesFrom = (from?: 'partial') => {
    const one = look('15m', '2026-01-01T00:15:00.000Z', undefined, from);
    return RESULTS.map((result) => changeOf(one, { result }, [one]));
  };

  it('is drift when less holds than was proven - what could not be read is not called drift, because nobody knows', () => {
    expect(changesFrom()).toEqual(['none', 'drifted', 'drifted', 'none', 'none']);
  });

  it('is news as well when what held only in part holds as a whole', () => {
    expect(changesFrom('partial')).toEqual(['settled', 'none', 'drifted', 'none', 'none']);
  });

  it('is held against the best that was seen before it, and not against what comes after', () => {
    const [first, second, third] = [
      look('15m', '2026-01-01T00:15:00.000Z', 'contained', 'partial'),
      look('1h', '2026-01-01T01:00:00.000Z', 'contained', 'partial'),
      look('24h', '2026-01-02T00:00:00.000Z', 'partial', 'partial'),
    ];
    const looks = [third, second, first];
    expect(changed(looks, 'settled')).toEqual([first]);
    expect(changed(looks, 'drifted')).toEqual([third]);
    const another = { ...first, actionId: 'A2' };
    expect(changed([another, third], 'drifted')).toEqual([]);
  });
});
