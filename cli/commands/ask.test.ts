import { afterEach, describe, expect, it, vi } from 'vitest';
import { FunctionFailedError, InvokeError } from '../../connectors/functions/answer.ts';
import type { AskInput } from '../../domain/ask/exchange.ts';
import { desk } from '../../test/desk/desk.ts';
import { INCIDENT_ID, storyPack } from '../../test/stories/asked-action.ts';

const QUESTION = 'What spawned this process?';
const ESC = String.fromCharCode(0x1b);

afterEach(() => {
  vi.useRealTimers();
});

describe('ask', () => {
  it('prints the answer, then each piece of evidence with source, time and trust, then who answered', async () => {
    const one = await desk();
    expect(await one.type('ask', INCIDENT_ID, QUESTION)).toBe(0);
    const text = one.out.join('\n');
    expect(text).toMatch(/^Process \d+ \/tmp\/\.x\/xmrig( \(user \w+\))? was started by process \d+ \/bin\/sh/);
    expect(text).toMatch(/\[E\d+\]/);
    expect(text).toMatch(/Evidence\n-+\nE\d+ \(cwpp_api, 2025-[^,]+, text the workload could choose\): Process/);
    expect(text).toMatch(
      /\n\nAnswered by queries over the evidence, without a model\. Go on with --thread th-0123456789ab \(turn 1\)\.$/,
    );
    expect(one.err).toEqual([]);
  });

  it('gives one JSON value whose citations are ids of the evidence pack', async () => {
    const one = await desk();
    expect(await one.type('ask', INCIDENT_ID, QUESTION, '--json')).toBe(0);
    const ids = storyPack().items.map(({ id }) => id);
    expect(one.json()).toMatchObject({
      kind: 'query',
      answer: expect.any(String),
      threadId: 'th-0123456789ab',
      turn: 1,
    });
    const { citations } = JSON.parse(one.out.join('\n'));
    expect(citations.length).toBeGreaterThan(1);
    expect(ids).toEqual(expect.arrayContaining(citations));
  });

  it('answers no when the evidence does not tell, and says what is missing', async () => {
    const one = await desk();
    expect(await one.type('ask', INCIDENT_ID, 'What spawned pid 99999?')).toBe(1);
    expect(one.out.join('\n')).toContain(
      'I cannot tell from the evidence. The evidence holds nothing called process 99999.',
    );
  });

  it('goes on with a thread, in which "it" is what was spoken of last', async () => {
    const one = await desk();
    await one.type('ask', INCIDENT_ID, 'What spawned /bin/sh?');
    one.out.length = 0;
    expect(await one.type('ask', INCIDENT_ID, 'And what started it?', '--thread', 'th-0123456789ab', '--json')).toBe(0);
    expect(one.json()).toMatchObject({ turn: 2, subject: { label: expect.stringMatching(/\/bin\/sh$/) } });
    one.out.length = 0;
    await one.type('incident', INCIDENT_ID, '--json');
    expect(one.json()).toMatchObject({ questions: [{ turn: 1 }, { turn: 2, threadId: 'th-0123456789ab' }] });
  });

  it.each([
    ['an unknown incident', ['inc-nothing', QUESTION], /there is no such incident/],
    ['an empty question', [INCIDENT_ID, '  '], /at least one word/],
    ['a megabyte', [INCIDENT_ID, 'a'.repeat(1_000_000)], /at most 500 characters/],
    ['an unknown thread', [INCIDENT_ID, QUESTION, '--thread', 'th-ffffffffffff'], /no such thread/],
  ] as const)('refuses %s in one sentence', async (_what, argv, message) => {
    const one = await desk();
    expect(await one.type('ask', ...argv)).toBe(2);
    expect(one.err.join('\n')).toMatch(message);
    expect(one.out).toEqual([]);
  });

  it.each([
    ['--thread', 'mine'],
    ['--timeout', '0'],
  ])('refuses %s %s before anything is called', async (...option) => {
    const calls: AskInput[] = [];
    const one = await desk({ connection: { ask: async (input) => calls.push(input) } });
    expect(await one.type('ask', INCIDENT_ID, QUESTION, ...option)).toBe(2);
    expect(calls).toEqual([]);
  });

  it.each([
    [new FunctionFailedError('parapet-ask', 'ConflictError'), /parapet-ask failed \(ConflictError\): its log says why/],
    [
      new InvokeError('no', { cause: Object.assign(new Error('aborted'), { name: 'AbortError' }) }),
      /no answer within 300 seconds; --timeout waits longer/,
    ],
    [
      new InvokeError('no', { cause: Object.assign(new Error('not yours'), { name: 'AccessDeniedException' }) }),
      /AWS refused: not yours/,
    ],
  ])('says what to do when the function cannot be asked: %s', async (error, message) => {
    const one = await desk({ connection: { ask: () => Promise.reject(error) } });
    expect(await one.type('ask', INCIDENT_ID, QUESTION)).toBe(2);
    expect(one.err.join('\n')).toMatch(message);
  });

  it('says that it waits when an answer takes long, beside the answer and not in it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const one = await desk({
      connection: {
        async ask() {
          await new Promise((resolve) => setTimeout(resolve, 10_000));
          return { outcome: 'refused', because: 'incident', reason: 'it is too late' };
        },
      },
    });
    const typed = one.type('ask', INCIDENT_ID, QUESTION);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await typed).toBe(2);
    expect(one.out).toEqual([]);
    expect(one.err[0]).toMatch(/^Waiting for the answer/);
  });

  it('prints nothing of an answer that is none', async () => {
    const one = await desk({ connection: { ask: async () => ({ outcome: 'answered', answer: 'trust me' }) } });
    expect(await one.type('ask', INCIDENT_ID, QUESTION)).toBe(2);
    expect(one.err.join('\n')).toMatch(/another version of Parapet/);
  });

  it('shows no terminal sequence of a question or of evidence', async () => {
    const one = await desk();
    await one.type('ask', INCIDENT_ID, `${ESC}[2Jwhat did it connect to\u202e?`);
    await one.type('ask', INCIDENT_ID, `${ESC}[2Jwhat did it connect to\u202e?`, '--json');
    expect(one.out.join('')).not.toMatch(/[\p{Cc}\p{Cf}\ufffd](?<!\n)/u);
  });
});
