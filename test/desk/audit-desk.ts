import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INCIDENT_ID } from '../stories/asked-action.ts';
import { type Desk, desk } from './desk.ts';

const folders: string[] = [];

/** For `afterEach`: nothing stays in the folder of temporary files. */
export function removeFiles(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

export function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-audit-'));
  folders.push(folder);
  const file = join(folder, 'export.jsonl');
  writeFileSync(file, text);
  return file;
}

/** A desk whose incident has a chain. */
export async function withChain(entries = 4): Promise<Desk> {
  const one = await desk();
  for (let number = 0; number < entries; number += 1) {
    await one.stores.audit.append({
      chain: INCIDENT_ID,
      at: '2025-10-14T09:20:00.000Z',
      actor: { type: 'function', id: 'plan' },
      kind: 'plan.made',
      data: { number },
    });
  }
  return one;
}

/** Lines of an export of that chain. */
export async function exported(): Promise<string[]> {
  const one = await withChain();
  if ((await one.type('audit', 'export', INCIDENT_ID)) !== 0) throw new Error(one.err.join('\n'));
  return one.out;
}
