import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { exported, fileWith, removeFiles, withChain } from '../../test/desk/audit-desk.ts';
import { desk } from '../../test/desk/desk.ts';
import { INCIDENT_ID, storyIncident } from '../../test/stories/asked-action.ts';
import { judgeChain } from '../audit-verdict.ts';

afterEach(removeFiles);

describe('audit verify', () => {
  it('answers yes for a chain that holds', async () => {
    const one = await withChain();
    expect(await one.type('audit', 'verify', INCIDENT_ID, '--json')).toBe(0);
    expect(one.json()).toMatchObject({ ok: true, chains: 1, entries: 4, verdicts: [{ ok: true, chain: INCIDENT_ID }] });
  });

  it('verifies every chain when none is named', async () => {
    const one = await withChain();
    expect(await one.type('audit', 'verify')).toBe(0);
    expect(one.out).toHaveLength(1);
  });

  it('answers no for an incident without a chain: silence is no proof', async () => {
    const one = await desk();
    expect(await one.type('audit', 'verify', INCIDENT_ID)).toBe(1);
    expect(one.out[0]).toContain('the chain has no entries');
  });

  it('answers no when the end of a chain was cut off, because the incident remembers its head', async () => {
    const one = await withChain();
    const head = await one.stores.audit.head(INCIDENT_ID);
    const auditHead = { sequence: 7, hash: head?.hash ?? '' };
    one.stores.incidents.seed(storyIncident({ auditHead }));
    expect(await one.type('audit', 'verify', INCIDENT_ID)).toBe(1);
    expect(one.out[0]).toContain('entries are missing at the end');
  });

  it('accepts entries after the recorded head: a decision that came too late is written after the conclusion', async () => {
    const one = await withChain();
    const [, second] = await one.stores.audit.read(INCIDENT_ID);
    one.stores.incidents.seed(storyIncident({ auditHead: { sequence: 1, hash: second?.hash ?? '' } }));
    expect(await one.type('audit', 'verify', INCIDENT_ID)).toBe(0);
  });

  it('answers no when the whole chain was written anew, because its hashes hold but are not the recorded one', async () => {
    const one = await withChain();
    one.stores.incidents.seed(storyIncident({ auditHead: { sequence: 3, hash: 'f'.repeat(64) } }));
    expect(await one.type('audit', 'verify', INCIDENT_ID)).toBe(1);
    expect(one.out[0]).toContain('at entry 3');
  });
});

describe('audit verify --file', () => {
  it('proves an export without a connection', async () => {
    const one = await desk();
    expect(await one.type('audit', 'verify', '--file', fileWith((await exported()).join('\n')))).toBe(0);
    expect(one.places).toEqual([]);
  });

  it.each<[string, (lines: string[]) => string[], number]>([
    ['a changed entry', (lines) => lines.with(2, lines[2]?.replace('"number":2', '"number":9') ?? ''), 2],
    ['a removed entry', (lines) => lines.toSpliced(1, 1), 1],
    ['two swapped entries', ([a = '', b = '', c = '', d = '']) => [a, c, b, d], 1],
    ['an entry that was added', (lines) => [...lines, lines[3] ?? ''], 4],
  ])('names the entry for %s', async (_what, tamper, entry) => {
    const one = await desk();
    expect(await one.type('audit', 'verify', '--json', '--file', fileWith(tamper(await exported()).join('\n')))).toBe(
      1,
    );
    expect(one.json()).toMatchObject({ ok: false, verdicts: [{ ok: false, firstBroken: entry }] });
  });

  it('ends with 2 for a file that is no export', async () => {
    const one = await desk();
    expect(await one.type('audit', 'verify', '--file', fileWith('hello\n'))).toBe(2);
    expect(one.err[0]).toContain('line 1 is not an audit entry');
    expect(await one.type('audit', 'verify', '--file', fileWith('\n'))).toBe(2);
  });
});

describe('judgeChain', () => {
  it('notices every change of every field of every entry', async () => {
    const one = await withChain(3);
    const entries = await one.stores.audit.read(INCIDENT_ID);
    const last = entries.at(-1);
    const recorded = { sequence: 2, hash: last?.hash ?? '' };
    const keys = Object.keys(entries[0] ?? {});
    fc.assert(
      fc.property(fc.nat({ max: 2 }), fc.constantFrom(...keys), fc.jsonValue(), (index, key, value) => {
        const changed: readonly unknown[] = entries.map((entry, at) =>
          at === index ? { ...entry, [key]: value } : entry,
        );
        fc.pre(JSON.stringify(changed) !== JSON.stringify(entries));
        return !judgeChain(INCIDENT_ID, changed, recorded).ok;
      }),
    );
  });
});
