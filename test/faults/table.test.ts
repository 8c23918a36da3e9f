import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const ROW = /^\| (.+?) \| `(.+?)` \| (.+?) \|$/;

const rows = readFileSync(new URL('docs/faults.md', ROOT), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, what, file, quoted] = ROW.exec(line) ?? [];
    return what === undefined || file === undefined || quoted === undefined ? [] : [[what, file, quoted] as const];
  });

describe('the page about faults', () => {
  it('names many of them', () => {
    expect(rows.length).toBeGreaterThan(25);
  });

  it.each(rows)('does not claim a test that is not there: %s', (_, file, quoted) => {
    const path = new URL(file, ROOT);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(quoted);
  });
});
