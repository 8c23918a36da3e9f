import { describe, expect, it } from 'vitest';
import { desk } from '../test/desk/desk.ts';

describe('the parapet command', () => {
  it('gives its help for every command and ends with 0, because asking is no fault', async () => {
    for (const argv of [
      [],
      ...['send', 'normalize', 'incidents', 'incident', 'approvals', 'quarantine', 'audit', 'doctor'].map((name) => [
        name,
      ]),
      ...['list', 'show', 'replay'].map((name) => ['quarantine', name]),
      ...['verify', 'export'].map((name) => ['audit', name]),
    ]) {
      const one = await desk();
      expect(await one.type(...argv, '--help'), argv.join(' ')).toBe(0);
      expect(one.out.join('\n')).toContain('Usage: parapet');
      expect(one.places).toEqual([]);
    }
  });

  it.each([
    ['an unknown command', ['destroy']],
    ['an unknown option', ['incidents', '--delete']],
    ['a missing argument', ['incident']],
    ['a source that does not exist', ['normalize', 'wiz', 'x.json']],
    ['a limit that is no number', ['incidents', '--limit', 'many']],
    ['a file that does not exist', ['normalize', 'prisma-cloud-compute', '/nonexistent/alert.json']],
  ])('ends with 2 and one sentence for %s', async (_what, argv) => {
    const one = await desk();
    expect(await one.type(...argv)).toBe(2);
    expect(one.out).toEqual([]);
    expect(one.err.join('\n')).not.toContain('    at ');
    expect(one.err[0]).toBeTruthy();
  });

  it('hands --stack and --region to the connection, so that a deployed stack is reached by the same commands', async () => {
    const one = await desk();
    await one.type('incidents', '--stack', 'Parapet-eu', '--region', 'eu-central-1');
    expect(one.places).toEqual([{ stack: 'Parapet-eu', region: 'eu-central-1', limit: 50 }]);
  });

  it('says what AWS refused in one line and ends with 2, because that is no answer to the question', async () => {
    const one = await desk();
    one.stores.incidents.failNext(
      'list',
      Object.assign(new Error('User: x is not authorized\nmore'), { name: 'AccessDeniedException' }),
    );
    expect(await one.type('incidents')).toBe(2);
    expect(one.err).toEqual(['AWS refused: User: x is not authorized']);
  });
});
