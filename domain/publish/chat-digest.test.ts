import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERITIES } from '../severity.ts';
import { chatDigest, type DigestIncident } from './chat-digest.ts';

const rate = { perMinute: 20, more: false };

function incident(index: number, change: Partial<DigestIncident['entry']> = {}): DigestIncident {
  return {
    entry: {
      incidentId: `inc-${String(index).padStart(20, '0')}`,
      stoodAt: new Date(Date.parse('2025-10-14T09:20:00.000Z') + index).toISOString(),
      severity: 'low',
      what: 'Suspicious DNS query',
      headline: `Suspicious: query of team ${index}`,
      workload: `team-${index}/checkout in prod-eks`,
      ...change,
    },
  };
}
const many = (count: number, change: Partial<DigestIncident['entry']> = {}) =>
  Array.from({ length: count }, (_, index) => incident(index, change));
const lines = (digest: ReturnType<typeof chatDigest>): string[] =>
  digest.blocks.flatMap((block) => {
    if (block.type === 'bullets') return block.items.map((item) => `- ${item}`);
    return 'text' in block ? [block.text] : [];
  });

describe('the words of a digest', () => {
  it('say how many of what, where, and each with its id and ticket', () => {
    const told: DigestIncident[] = [
      incident(1),
      {
        ...incident(2, { severity: 'medium' }),
        ticket: { key: 'SEC-2', url: 'https://example.atlassian.net/browse/SEC-2' },
      },
      { ...incident(3, { what: 'Port scan', workload: 'host ip-10-0-12-34' }), ticket: { key: 'SEC-3' } },
    ];
    expect(chatDigest(told, rate)).toEqual({
      title: '3 incidents: 1 medium, 2 low',
      blocks: [
        {
          type: 'paragraph',
          text: 'More than 20 messages in a minute, so these are told together. Each is investigated by itself: see its ticket, or parapet incident ID.',
        },
        { type: 'heading', text: 'What was reported' },
        {
          type: 'bullets',
          items: ['2× Suspicious DNS query: team-1/checkout in prod-eks, team-2/checkout in prod-eks'],
        },
        { type: 'bullets', items: ['1× Port scan: host ip-10-0-12-34'] },
        { type: 'heading', text: 'Most severe first' },
        {
          type: 'link',
          text: '[medium] SEC-2 inc-00000000000000000002: Suspicious: query of team 2',
          url: 'https://example.atlassian.net/browse/SEC-2',
        },
        { type: 'paragraph', text: '[low] inc-00000000000000000001: Suspicious: query of team 1' },
        { type: 'paragraph', text: '[low] SEC-3 inc-00000000000000000003: Suspicious: query of team 3' },
      ],
    });
  });

  it('show the first fifteen and count the rest - a digest of a thousand is still one screen', () => {
    const digest = chatDigest(many(1_000), { perMinute: 1, more: true });
    expect(lines(digest).filter((line) => line.startsWith('[low]'))).toHaveLength(15);
    expect(lines(digest)).toContain('The first 15, most severe first');
    expect(lines(digest)).toContain('… and 985 more: parapet incidents lists every one.');
    expect(lines(digest)).toContain('Others wait behind them; the next digest comes in a minute.');
    expect(lines(digest)).toContain(
      '- 1000× Suspicious DNS query: team-0/checkout in prod-eks, team-1/checkout in prod-eks and 998 other workloads',
    );
    expect(lines(digest)[0]).toMatch(/^More than 1 message in a minute/);
  });

  it('group by what was reported, the most frequent first, and count the kinds that find no room', () => {
    const told = Array.from({ length: 30 }, (_, index) => incident(index, { what: `Rule ${index % 10}` }));
    const digest = chatDigest([...told, incident(99, { what: 'Rule 7' })], rate);
    const kinds = lines(digest).filter((line) => line.startsWith('- '));
    expect(kinds).toHaveLength(8);
    expect(kinds[0]).toMatch(/^- 4× Rule 7: /);
    expect(lines(digest)).toContain('… and 2 more kinds of alert (6 incidents).');
  });

  it('put first what is severe, then what waits for a person, then who waits longest', () => {
    const told: DigestIncident[] = [
      incident(1),
      { ...incident(2), now: { severity: 'low', status: 'awaiting-decision' } },
      { ...incident(3), now: { severity: 'critical', status: 'investigating' } },
      { ...incident(4), now: { severity: 'low', status: 'concluded', outcome: 'action-failed' } },
      { ...incident(5), now: { severity: 'informational', status: 'concluded', outcome: 'advice-only' } },
    ];
    const digest = chatDigest(told, rate);
    expect(lines(digest).filter((line) => line.startsWith('['))).toEqual([
      '[critical] inc-00000000000000000003: Suspicious: query of team 3',
      '[low] inc-00000000000000000002: Suspicious: query of team 2 (waiting for a decision by an approver)',
      '[low] inc-00000000000000000004: Suspicious: query of team 4 (the action failed)',
      '[low] inc-00000000000000000001: Suspicious: query of team 1',
      // A severity that stood in the line is never lowered.
      '[low] inc-00000000000000000005: Suspicious: query of team 5 (advice only, nothing was executed)',
    ]);
    expect(digest.title).toBe('5 incidents: 1 critical, 4 low');
  });

  it('count every incident exactly once and stay small, whatever the alerts are called', () => {
    const entry = fc.record({
      severity: fc.constantFrom(...SEVERITIES),
      what: fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.constantFrom('__proto__', 'constructor', 'a')),
      headline: fc.string({ unit: 'binary', maxLength: 240 }),
      workload: fc.string({ unit: 'binary', maxLength: 80 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), (entries) => {
        const told = entries.map((one, index) => incident(index, one));
        const { title, blocks } = chatDigest(told, rate);
        const counted = [...(title.split(': ')[1]?.matchAll(/(\d+) /g) ?? [])].map(([, count]) => Number(count));
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(told.length);
        const incidents = blocks.filter(
          (block) => block.type === 'paragraph' && /^\[\w+\] inc-\d{20}: /.test(block.text),
        );
        expect(incidents).toHaveLength(Math.min(told.length, 15));
        expect(blocks.length).toBeLessThanOrEqual(30);
      }),
    );
  });
});
