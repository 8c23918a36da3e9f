import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, nextEntry, verifyChain } from './entry.ts';
import { ExportLineError, formatExport, parseExport } from './export.ts';

function chainOf(chain: string, length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let index = 0; index < length; index += 1) {
    entries.push(
      nextEntry(entries.at(-1), {
        chain,
        at: '2025-10-14T09:16:05.000Z',
        actor: { type: 'function', id: 'normalize' },
        kind: 'finding.attached',
        data: { index, text: 'line\nbreak \u2028 "quotes" \ud800' },
      }),
    );
  }
  return entries;
}

describe('an export', () => {
  it('gives back every chain as it was, ready to be verified offline', () => {
    const [a, b] = [chainOf('inc-a', 3), chainOf('inc-b', 2)];
    const chains = parseExport(formatExport([...a, ...b]));
    expect([...chains.keys()]).toEqual(['inc-a', 'inc-b']);
    for (const [chain, entries] of chains) expect(verifyChain(chain, entries)).toMatchObject({ ok: true });
    expect(chains.get('inc-a')).toEqual(a);
  });

  it('tells chains apart whatever their mixture', () => {
    const [a, b] = [chainOf('inc-a', 2), chainOf('inc-b', 2)];
    const mixed = [a[0], b[0], b[1], a[1]].flatMap((entry) => entry ?? []);
    const chains = parseExport(formatExport(mixed));
    expect(chains.get('inc-a')).toEqual(a);
    expect(chains.get('inc-b')).toEqual(b);
  });

  it('hands a changed, missing or foreign-shaped entry to the verification, which names it', () => {
    const lines = formatExport(chainOf('inc-a', 3)).trimEnd().split('\n');
    const verdictOf = (text: string) => verifyChain('inc-a', parseExport(text).get('inc-a') ?? []);
    expect(verdictOf(lines.filter((_, index) => index !== 1).join('\n'))).toMatchObject({ ok: false, firstBroken: 1 });
    expect(verdictOf(lines.join('\n').replace('"index":2', '"index":7'))).toMatchObject({ ok: false, firstBroken: 2 });
    expect(verdictOf(`{"chain":"inc-a"}\n${lines.join('\n')}`)).toMatchObject({ ok: false, firstBroken: 0 });
  });

  it('passes over empty lines and takes Windows line ends', () => {
    const text = `\n${formatExport(chainOf('inc-a', 2)).replaceAll('\n', '\r\n')}\r\n\n`;
    expect(parseExport(text).get('inc-a')).toHaveLength(2);
    expect(parseExport('').size).toBe(0);
  });

  it.each([
    ['is not JSON', 'not json'],
    ['is not an object', '[1]'],
    ['is not an object', 'null'],
    ['that names its chain', '{"sequence":0}'],
    ['that names its chain', '{"chain":""}'],
    ['that names its chain', '{"chain":7}'],
    ['nested too deeply', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['is longer than', `"${'x'.repeat(1_000_001)}"`],
  ])('says which line %s', (reason, line) => {
    const text = `${formatExport(chainOf('inc-a', 1))}${line}\n`;
    expect(() => parseExport(text)).toThrow(ExportLineError);
    expect(() => parseExport(text)).toThrow(/^line 2 of the export /);
    expect(() => parseExport(text)).toThrow(reason);
  });

  it('is not misled by names that objects have of themselves', () => {
    const chains = parseExport('{"chain":"__proto__"}\n{"chain":"constructor","__proto__":{"x":1}}\n');
    expect([...chains.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it('either reads any text or names a line, and never fails otherwise', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => {
        try {
          parseExport(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(ExportLineError);
        }
      }),
    );
  });
});
