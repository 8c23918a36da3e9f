import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type RunFile, readRunFile } from './run-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'parapet-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run: RunFile = {
  pid: process.pid,
  startedAt: '2025-10-14T09:15:40.000Z',
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  stack: 'Parapet',
  outputs: { BusName: 'parapet' },
  edges: {
    webhooks: 'http://127.0.0.1:4566/restapis/a/v1/_user_request_',
    people: 'http://b.execute-api.localhost:4566',
  },
  sandbox: { http: 'http://127.0.0.1:4580', kubernetes: 'https://127.0.0.1:4581' },
  configuration: '.parapet/laptop/parapet.config.json',
};

function named(content: string): NodeJS.ProcessEnv {
  const file = join(folder, `run-${Math.random()}.json`);
  writeFileSync(file, content);
  return { PARAPET_RUN: file };
}

describe('readRunFile', () => {
  it('finds the run that is up', () => {
    expect(readRunFile(named(JSON.stringify(run)))).toEqual(run);
  });

  it('does not send commands to a run that has ended, because another program may listen there now', () => {
    // Process ids end at 4,194,304 on Linux and at 99,999 on macOS.
    expect(() => readRunFile(named(JSON.stringify({ ...run, pid: 2 ** 30 })))).toThrow(/has ended: start it again/);
  });

  it.each([
    ['is no JSON', 'hello', /is not JSON/],
    ['is of another version', '{"pid":1}', /another version/],
  ])('says in one sentence what to do when the file %s', (_what, content, message) => {
    expect(() => readRunFile(named(content))).toThrow(message);
  });

  it('says so when the named file does not exist', () => {
    expect(() => readRunFile({ PARAPET_RUN: join(folder, 'none.json') })).toThrow(/does not exist/);
  });
});
