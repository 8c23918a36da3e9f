import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { waitFor } from '../../local/laptop/wait.ts';
import { story } from './stories.ts';
import { openWorld, type World } from './world.ts';

const checksSchema = z.object({ checks: z.array(z.looseObject({ ok: z.boolean() })) });

let world: World;
const folder = mkdtempSync(join(tmpdir(), 'parapet-e2e-'));
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The command as a person runs it. */
function parapet(...args: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/parapet.js', ...args], {
    encoding: 'utf8',
    env: { ...process.env, PARAPET_RUN: inject('runFile'), NO_COLOR: '1' },
    timeout: 60_000,
  });
  return { status, out: stdout, err: stderr };
}

describe('the parapet command against a running stack', () => {
  it('sends a file and answers what the webhook said', () => {
    const file = join(folder, 'alert.json');
    writeFileSync(file, story('whole').body);
    const sent = parapet('send', 'prisma-cloud-compute', file, '--json');
    expect(sent).toMatchObject({ status: 0 });
    expect(JSON.parse(sent.out)).toMatchObject({ status: 202 });
  });

  it('lists incidents and shows one with its analysis, plan and times', async () => {
    const { incidentId } = await world.incidentOf(story('whole'), 'awaiting-decision', 'responding', 'concluded');
    expect(parapet('incidents', '--json').out).toContain(incidentId);
    const shown = parapet('incident', incidentId, '--json');
    expect(shown.status).toBe(0);
    expect(JSON.parse(shown.out)).toMatchObject({
      incident: { incidentId, times: { received: expect.any(String) } },
      analysis: { verdict: 'malicious' },
      plan: { actions: expect.any(Array) },
    });
    expect(parapet('incident', 'inc-00000000000000000000').status).toBe(1);
  });

  it('answers what spawned a process, with citations of the evidence pack, goes on in the thread, and cannot tell the rest', async () => {
    const { incidentId } = await world.incidentOf(story('whole'), 'awaiting-decision', 'responding', 'concluded');
    const answer = z.looseObject({
      answer: z.string(),
      citations: z.array(z.string()).min(2),
      threadId: z.string(),
    });
    const first = parapet('ask', incidentId, 'What spawned this process?', '--json');
    expect({ status: first.status, err: first.err }).toMatchObject({ status: 0 });
    const said = answer.parse(JSON.parse(first.out));
    expect(said.answer).toMatch(/xmrig( \(user \w+\))? was started by process \d+ \/bin\/sh/);
    const view = z
      .looseObject({ pack: z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) }) })
      .parse(JSON.parse(parapet('incident', incidentId, '--json').out));
    expect(view.pack.items.map(({ id }) => id)).toEqual(expect.arrayContaining(said.citations));
    const next = parapet('ask', incidentId, 'And what did it connect to?', '--thread', said.threadId);
    expect(next.status).toBe(0);
    expect(next.out).toMatch(/connected outbound to [\s\S]*\[E\d+\]/);
    expect(parapet('ask', incidentId, 'What spawned pid 999999?').status).toBe(1);
    expect(parapet('ask', 'inc-00000000000000000000', 'What spawned this process?').status).toBe(2);
    expect(parapet('audit', 'verify', incidentId).status).toBe(0);
  });

  it('verifies a chain, and names the entry in which one byte of an export was changed', async () => {
    const { incidentId } = await world.incidentOf(story('whole'), 'awaiting-decision', 'responding', 'concluded');
    const verified = parapet('audit', 'verify', incidentId, '--json');
    expect(verified).toMatchObject({ status: 0 });
    expect(JSON.parse(verified.out)).toMatchObject({ ok: true });
    const file = join(folder, 'chain.jsonl');
    writeFileSync(file, parapet('audit', 'export', incidentId).out);
    expect(parapet('audit', 'verify', '--file', file)).toMatchObject({ status: 0 });
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[3] = (lines[3] ?? '').replace(/"at":"2/, '"at":"3');
    writeFileSync(file, lines.join('\n'));
    const broken = parapet('audit', 'verify', '--file', file, '--json');
    expect(broken.status).toBe(1);
    expect(JSON.parse(broken.out)).toMatchObject({ ok: false, verdicts: [{ chain: incidentId, firstBroken: 3 }] });
    expect(broken.out).toMatch(/entry 3 was changed/);
  });

  it('holds what was not understood in quarantine with the reason, and replays it', async () => {
    const file = join(folder, 'unknown.json');
    writeFileSync(file, JSON.stringify({ type: 'newKindOfAlert', time: 'Oct 14, 2025 09:16:04 UTC', unique: folder }));
    expect(parapet('send', 'prisma-cloud-compute', file).status).toBe(0);
    const held = await waitFor(
      'the quarantine of an unknown alert',
      async () =>
        (await world.connection.quarantine.list({ limit: 50 })).find(({ reason }) => reason.includes('newKindOfAlert')),
      { withinMs: 30_000 },
    );
    expect(parapet('quarantine', 'list').out).toContain(held.quarantineId);
    expect(parapet('quarantine', 'show', held.quarantineId).out).toContain('newKindOfAlert');
    expect(parapet('quarantine', 'replay', held.quarantineId)).toMatchObject({ status: 0 });
  });

  it('keeps what is not JSON, byte by byte, and tells its sender so', async () => {
    for (const body of [
      Buffer.from(`{"no": json, "${folder}"}`),
      Buffer.from([0x7b, 0x00, 0xff, ...Buffer.from(folder)]),
    ]) {
      expect(await world.send(body)).toBe(400);
      const held = await waitFor(
        'the quarantine of what is not JSON',
        async () =>
          (await world.connection.quarantine.list({ limit: 50 })).find(({ sha256 }) => sha256 === sha256Hex(body)),
        { withinMs: 30_000 },
      );
      expect(held).toMatchObject({ reason: expect.stringMatching(/^the body is not JSON/), bytes: body.byteLength });
      const kept = await world.connection.blobs.get(held.rawKey);
      expect(Buffer.from(kept, held.encoding ?? 'utf8')).toEqual(body);
    }
  });

  it('says that everything is in order, check by check', () => {
    const { status, out, err } = parapet('doctor', '--json');
    expect({ status, err }).toMatchObject({ status: 0 });
    expect(checksSchema.parse(JSON.parse(out)).checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(out).not.toMatch(/sandbox-token|sandbox-only-read-password/);
  });
});
