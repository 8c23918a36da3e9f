import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { ConflictError } from '../ports.ts';
import { insist, isContention, PATIENCE, type Patience } from './patience.ts';

const busy = () => new TransactionConflictException({ message: 'conflict', $metadata: {} });
const cancelled = (...codes: (string | undefined)[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => (Code === undefined ? {} : { Code })),
  });

function watched(attempts: number): { patience: Patience; waits: number[] } {
  const waits: number[] = [];
  return { waits, patience: { attempts, sleep: async (ms) => void waits.push(ms), random: () => 1 } };
}

describe('insist', () => {
  it('repeats a write while the item is busy, waiting longer each time up to a limit', async () => {
    const { patience, waits } = watched(9);
    let tries = 0;
    const result = await insist(patience, 'incident inc-1', async () => {
      tries += 1;
      if (tries < 9) throw busy();
      return 'written';
    });
    expect(result).toBe('written');
    expect(waits).toEqual([20, 40, 80, 160, 320, 640, 640, 640]);
  });

  it('gives up with a ConflictError that keeps the cause, so that the queue delivers again', async () => {
    const { patience } = watched(3);
    const cause = busy();
    const attempt = insist(patience, 'incident inc-1', () => Promise.reject(cause));
    await expect(attempt).rejects.toBeInstanceOf(ConflictError);
    await expect(attempt).rejects.toMatchObject({ cause, message: expect.stringContaining('incident inc-1') });
  });

  it('does not repeat what will fail each time', async () => {
    const { patience, waits } = watched(9);
    const error = new Error('AccessDenied');
    await expect(insist(patience, 'x', () => Promise.reject(error))).rejects.toBe(error);
    expect(waits).toEqual([]);
  });

  it('waits no longer in all than a queue consumer may run', () => {
    let longest = 0;
    for (let attempt = 1; attempt < PATIENCE.attempts; attempt += 1) longest += Math.min(640, 20 * 2 ** (attempt - 1));
    expect(longest).toBeLessThan(15_000);
  });
});

describe('isContention', () => {
  it.each([
    ['a lost condition', ['None', 'ConditionalCheckFailed'], true],
    ['a conflict', ['TransactionConflict', 'None'], true],
    ['throttling', ['ThrottlingError', 'ProvisionedThroughputExceeded'], true],
    ['no reasons, as some emulators answer', [undefined], true],
    ['an item that is too large', ['None', 'ValidationError'], false],
    ['a conflict beside a malformed write', ['TransactionConflict', 'ValidationError'], false],
  ])('of a transaction cancelled for %s', (_, codes, expected) => {
    expect(isContention(cancelled(...codes))).toBe(expected);
  });

  it('is not every error', () => {
    expect(isContention(busy())).toBe(true);
    expect(isContention(new Error('conflict'))).toBe(false);
  });
});
