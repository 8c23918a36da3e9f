import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ChildFailedError, runChild } from './child.ts';
import { visit } from './visit.ts';
import { WaitedTooLongError, waitFor } from './wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'parapet-child-'));
afterAll(() => rmSync(folder, { recursive: true }));

function child(script: string, signal?: AbortSignal): Promise<void> {
  return runChild({
    name: 'the child',
    command: process.execPath,
    args: ['-e', script],
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    log: join(folder, 'child.log'),
    signal,
  });
}

describe('runChild', () => {
  it('keeps all output in the log, and tells the end of it when the program fails, without the unremarkable lines', async () => {
    const script = `console.log('x | CREATE_IN_PROGRESS | y'); console.error('x | CREATE_FAILED | because'); process.exit(3)`;
    const failure = await child(script).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ChildFailedError);
    expect(failure).toMatchObject({ tail: 'x | CREATE_FAILED | because' });
    expect(readFileSync(join(folder, 'child.log'), 'utf8')).toContain('CREATE_IN_PROGRESS');
  });

  it('ends the program when the run is interrupted, so that it does not go on without us', async () => {
    const interrupted = new AbortController();
    const running = child('setInterval(() => {}, 1000)', interrupted.signal);
    setTimeout(() => interrupted.abort(), 50);
    await expect(running).rejects.toThrow(/abort/i);
  });
});

describe('waitFor', () => {
  it('gives the first answer', async () => {
    let asked = 0;
    const answer = await waitFor('x', async () => (++asked === 3 ? asked : undefined), { withinMs: 5_000, everyMs: 1 });
    expect(answer).toBe(3);
  });

  it('ends with what was waited for when it does not come', async () => {
    await expect(waitFor('the mail', async () => undefined, { withinMs: 5, everyMs: 1 })).rejects.toThrow(
      WaitedTooLongError,
    );
  });
});

describe('visit', () => {
  it.each(['http://example.com/', 'https://127.0.0.1.example.com/', 'http://10.0.0.1/'])(
    'does not visit %s, because a mail could name any address',
    async (address) => {
      await expect(visit(address)).rejects.toThrow(/only this machine's own pages/);
    },
  );
});
