import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SetupError } from '../../cli/setup-error.ts';
import { type Ended, ensurePython, type Run } from './python.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parapet-python-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const ok = (output = ''): Ended => ({ status: 0, output });
const no = (output: string): Ended => ({ status: 1, output });
const absent: Ended = { status: undefined, output: '' };

/** A machine by what its programs answer: interpreters by name, then venv, then pip. */
function machine(given: {
  readonly versions?: Readonly<Record<string, string>>;
  readonly venv?: Ended;
  readonly pip?: Ended;
}) {
  const calls: string[] = [];
  const run: Run = async (command, args) => {
    calls.push([command, ...args].join(' '));
    if (args[0] === '-c') {
      const version = (given.versions ?? { python3: '3.11' })[command];
      return version === undefined ? absent : ok(`${version}\n`);
    }
    if (args[1] === 'venv') {
      const folder = args.at(-1) ?? '';
      mkdirSync(join(folder, 'bin'), { recursive: true });
      writeFileSync(join(folder, 'bin', 'python'), '');
      return given.venv ?? ok();
    }
    return given.pip ?? ok();
  };
  return { calls, run };
}

async function refusal(given: Parameters<typeof machine>[0]): Promise<SetupError> {
  try {
    await ensurePython({ root, say: () => undefined, run: machine(given).run });
  } catch (error) {
    if (error instanceof SetupError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('ensurePython', () => {
  it('installs once, with hashes and without building anything, and is quick ever after', async () => {
    const { run, calls } = machine({});
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const python = await ensurePython({ root, say, run });
    expect(calls.at(-1)).toMatch(
      /pip install .*--require-hashes --no-deps --only-binary :all: -r .*requirements\.txt$/,
    );
    expect(await ensurePython({ root, say, run })).toBe(python);
    expect(calls.filter((call) => call.includes('pip'))).toHaveLength(1);
    expect(said).toHaveLength(1);
  });

  it('makes another environment for another interpreter, because compiled packages fit one version only', async () => {
    const first = await ensurePython({ root, say: () => undefined, run: machine({}).run });
    const second = await ensurePython({
      root,
      say: () => undefined,
      run: machine({ versions: { python3: '3.13' } }).run,
    });
    expect(second).not.toBe(first);
  });

  it('passes over an old python3 when a newer one has a name of its own', async () => {
    const { run, calls } = machine({ versions: { python3: '3.9', 'python3.12': '3.12' } });
    await ensurePython({ root, say: () => undefined, run });
    expect(calls.some((call) => call.startsWith('python3.12 -m venv'))).toBe(true);
  });

  it.each([
    ['no Python', { versions: {} }, /needs Python 3\.10 or newer, but no python3 was found: install it/],
    ['an old Python', { versions: { python3: '3.9' } }, /but python3 is 3\.9: install it/],
    ['no venv module (Debian)', { venv: no('ensurepip is not available') }, /apt-get install python3-venv/],
    [
      'no network',
      { pip: no('Failed to establish a new connection\nERROR: No matching distribution found for x') },
      /no Python package index can be reached/,
    ],
    [
      'a package that is not the pinned one',
      { pip: no('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE') },
      /is not the file whose digest is pinned/,
    ],
    ['anything else', { pip: no('first\nERROR: disk full') }, /could not be installed: ERROR: disk full/],
  ])('says in one sentence what to do about %s, and leaves nothing half made', async (_what, given, message) => {
    const error = await refusal(given);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(readdirSync(root)).toEqual([]);
  });
});
