import { afterEach, describe, expect, it } from 'vitest';
import { type AuditEntry, nextEntry } from '../../domain/audit/entry.ts';
import { exported, fileWith, removeFiles, withChain } from '../../test/desk/audit-desk.ts';
import { type Desk, desk, NOW } from '../../test/desk/desk.ts';
import { anchorSigner } from '../../test/fakes/anchors.ts';
import { INCIDENT_ID } from '../../test/stories/asked-action.ts';

afterEach(removeFiles);

describe('audit verify with anchors', () => {
  const OTHER = 'inc-11111111111111111111';
  const append = (one: Desk, chain: string) =>
    one.stores.audit.append({
      chain,
      at: '2025-10-14T09:20:00.000Z',
      actor: { type: 'function', id: 'plan' },
      kind: 'plan.made',
      data: {},
    });
  /** Another chain of the same incident in which every hash holds. */
  const anew: AuditEntry[] = [];
  for (let number = 0; number < 4; number += 1) {
    const actor = { type: 'person' as const, id: 'eve' };
    const record = { chain: INCIDENT_ID, at: NOW.toISOString(), actor, kind: 'plan.made' as const, data: { number } };
    anew.push(nextEntry(anew.at(-1), record));
  }
  /** Two chains, and an anchor of both. */
  async function anchored() {
    const one = await withChain();
    await append(one, OTHER);
    one.anchors.keep(one.signer.anchor('2025-10-14T09:25:00.000Z', await headsOf(one, INCIDENT_ID, OTHER)));
    return one;
  }
  const headsOf = async (one: Desk, ...chains: readonly string[]) =>
    await Promise.all(
      chains.map(async (chain) => {
        const { sequence, hash } = (await one.stores.audit.head(chain)) ?? { sequence: 0, hash: '' };
        return { chain, sequence, hash };
      }),
    );
  const without = (chain: string, entries: (all: readonly unknown[]) => readonly unknown[]) => async (one: Desk) => {
    const all = await one.stores.audit.readUnparsed(chain);
    const { audit } = one.stores;
    const readUnparsed = async (of: string) => (of === chain ? entries(all) : await audit.readUnparsed(of));
    const changed = await desk({ connection: { audit: { ...audit, readUnparsed } } });
    for (const { text } of one.anchors.held) changed.anchors.held.push({ name: 'kept', text, hidden: false });
    return { changed, publicKey: fileWith(one.signer.publicKey) };
  };

  it('says up to where each chain is fixed, and which anchors say so', async () => {
    const one = await anchored();
    await append(one, INCIDENT_ID);
    expect(await one.type('audit', 'verify')).toBe(0);
    expect(one.out).toEqual([
      expect.stringMatching(`holds   ${INCIDENT_ID}: 5 entries, .* anchored up to entry 3 at 2025-10-14T09:25:00.000Z`),
      expect.stringMatching(`holds   ${OTHER}: 1 entries, `),
    ]);
    expect(one.err[0]).toBe('1 anchors, the newest of 2025-10-14T09:25:00.000Z: each is signed and whole.');
    expect(one.anchors.asked).toEqual([new Date(NOW.getTime() - 8 * 24 * 3600_000)]);
  });

  it.each<[string, (all: readonly unknown[]) => readonly unknown[], RegExp, 0 | 1]>([
    ['removed', () => [], /the chain was removed: the anchor of .* fixed its entry 3/, 1],
    ['cut', (all) => all.slice(0, 2), /at entry 2: entries are missing at the end: the anchor of/, 0],
    ['written anew', () => anew, /at entry 3: entry 3 is not the one the anchor of .* written anew/, 0],
  ])('names a chain that was %s, although its incident remembers no head', async (_, change, reason, unanchored) => {
    const { changed, publicKey } = await without(INCIDENT_ID, change)(await anchored());
    for (const named of [[], [INCIDENT_ID]]) {
      changed.out.length = 0;
      expect(await changed.type('audit', 'verify', ...named, '--public-key', publicKey)).toBe(1);
      expect(changed.out[0]).toMatch(reason);
    }
    // By its own hashes the chain holds, as long as there is one.
    expect(await changed.type('audit', 'verify', INCIDENT_ID, '--no-anchors')).toBe(unanchored);
  });

  it('names a chain whose incident was removed with it: only the anchor still knows', async () => {
    const { changed, publicKey } = await without(OTHER, () => [])(await anchored());
    expect(await changed.type('audit', 'verify', '--public-key', publicKey)).toBe(1);
    expect(changed.out.join('\n')).toContain(`BROKEN  ${OTHER}: at entry 0: the chain was removed`);
  });

  it('names an anchor that was forged or deleted, and does not take its word', async () => {
    const one = await anchored();
    const [kept] = one.anchors.held;
    one.anchors.held.push({ name: 'anchors/2025-10-14T09:26:00.000Z.json', text: '{}', hidden: false });
    one.anchors.held.push({ name: 'anchors/2025-10-14T09:27:00.000Z.json', text: kept?.text ?? '', hidden: true });
    expect(await one.type('audit', 'verify', '--json')).toBe(1);
    expect(one.json()).toMatchObject({
      ok: false,
      verdicts: [{ ok: true }, { ok: true }],
      anchors: {
        checked: 3,
        newest: '2025-10-14T09:25:00.000Z',
        broken: [
          { anchor: 'anchors/2025-10-14T09:26:00.000Z.json', reason: 'it is not an anchor' },
          { anchor: 'anchors/2025-10-14T09:27:00.000Z.json', reason: expect.stringContaining('deleted') },
        ],
      },
    });
  });

  it('says that nothing was fixed when there is no anchor, and looks further back when it is told to', async () => {
    const one = await withChain();
    expect(await one.type('audit', 'verify', '--since', '400d')).toBe(0);
    expect(one.err[0]).toMatch(/no anchor of this time/);
    expect(one.anchors.asked).toEqual([new Date(NOW.getTime() - 400 * 24 * 3600_000)]);
  });

  it('exports anchors and key beside the entries, and proves it all without a connection', async () => {
    const one = await anchored();
    const [anchors, key] = [fileWith(''), fileWith('')];
    expect(await one.type('audit', 'export', INCIDENT_ID, '--anchors', anchors, '--public-key', key)).toBe(0);
    const offline = await desk();
    const given = ['--anchor', anchors, '--public-key', key, '--file'];
    expect(await offline.type('audit', 'verify', INCIDENT_ID, ...given, fileWith(one.out.join('\n')))).toBe(0);
    expect(offline.places).toEqual([]);
    // Cut at its end, the chain by itself is whole; the anchor knows better.
    const cut = fileWith(one.out.slice(0, 3).join('\n'));
    expect(await offline.type('audit', 'verify', INCIDENT_ID, '--file', cut)).toBe(0);
    expect(await offline.type('audit', 'verify', INCIDENT_ID, ...given, cut)).toBe(1);
    expect(offline.out.at(-1)).toContain('at entry 3: entries are missing at the end');
    // Of the other chain the export has nothing.
    expect(await offline.type('audit', 'verify', ...given, fileWith(one.out.join('\n')))).toBe(1);
    expect(offline.out.at(-1)).toContain(`BROKEN  ${OTHER}`);
    const strange = fileWith(anchorSigner().publicKey);
    const forged = ['--anchor', anchors, '--public-key', strange, '--file', fileWith(one.out.join('\n'))];
    expect(await offline.type('audit', 'verify', INCIDENT_ID, ...forged)).toBe(1);
    expect(offline.out.at(-1)).toMatch(/BROKEN {2}anchor .* line 1: its signature is not one of this key/);
  });

  it('ends with 2 when one half of the proof is missing, or is no proof', async () => {
    const one = await withChain();
    const file = ['--file', fileWith((await exported()).join('\n'))];
    const key = ['--public-key', fileWith(one.signer.publicKey)];
    const anchor = ['--anchor', fileWith(JSON.stringify(one.signer.anchor(NOW.toISOString(), [])))];
    expect(await one.type('audit', 'verify', ...file, ...key, ...anchor)).toBe(0);
    for (const [args, reason] of [
      [[...file, ...anchor], /Name both/],
      [[...file, ...key], /Name both/],
      [[...file, ...anchor, '--public-key', fileWith('no key')], /is not a public key in PEM/],
      [[...file, ...key, '--anchor', fileWith('\n')], /holds no anchor/],
      [anchor, /--anchor is for --file/],
    ] as const) {
      expect(await one.type('audit', 'verify', ...args)).toBe(2);
      expect(one.err.at(-1)).toMatch(reason);
    }
  });
});
