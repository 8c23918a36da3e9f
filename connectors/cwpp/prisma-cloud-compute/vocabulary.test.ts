import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tacticById, techniqueById } from '../../../domain/attack/catalogue.ts';
import { readType } from './alert-types.ts';
import { CATEGORY_WORDS, humanised, meaningOf, severityOf } from './categories.ts';
import { fixedVersionOf } from './fixed-version.ts';
import { readTechniques, TECHNIQUE_IDS, techniqueIdsFor } from './techniques.ts';

const README = readFileSync(new URL('./README.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ');

describe('categories', () => {
  it('give techniques that all exist - a retired id would be dropped at run time', () => {
    for (const word of CATEGORY_WORDS) expect(readTechniques(meaningOf(word)?.techniques ?? []).notes).toEqual([]);
    for (const id of TECHNIQUE_IDS) expect(techniqueById(id) ?? tacticById(id), id).toBeDefined();
  });

  it.each(CATEGORY_WORDS.map((word) => [word, meaningOf(word)?.severity ?? '']))(
    '%s is documented with its severity %s',
    (word, severity) => {
      expect(README).toContain(`| \`${word}\` | ${severity} |`);
    },
  );

  it('are found in any spelling and nowhere else', () => {
    expect(meaningOf('Crypto-Miner process')?.category).toBe('cryptoMinerProcess');
    for (const word of ['', '__proto__', 'constructor', 'toString']) expect(meaningOf(word)).toBeUndefined();
  });

  it.each([
    ['cryptoMinerProcess', 'Crypto miner process'],
    ['explicitlyDeniedDNS', 'Explicitly denied DNS'],
    ['suspiciousELFHeader', 'Suspicious ELF header'],
    ['backdoorSSHAccess', 'Backdoor SSH access'],
    ['', ''],
  ])('%s is shown as %s', (word, shown) => {
    expect(humanised(word)).toBe(shown);
  });
});

describe('techniques', () => {
  it('the vendor named and we do not know are dropped and noted', () => {
    expect(readTechniques(['resourceHijacking', 'timeTravel', '__proto__'])).toMatchObject({
      attacks: [{ technique: { uid: 'T1496' } }],
      notes: [expect.stringContaining('"timeTravel"'), expect.stringContaining('"__proto__"')],
    });
  });

  it('that are only tactics are no technique ids', () => {
    expect(techniqueIdsFor(['commandAndControlGeneral', 'webShell', 'webShell'])).toEqual(['T1505.003']);
  });
});

describe('words', () => {
  it.each([
    ['Critical', 'critical'],
    [' important ', 'high'],
    ['moderate', 'medium'],
    ['negligible', 'informational'],
    ['__proto__', undefined],
    ['', undefined],
  ])('severity %j is %s', (word, severity) => {
    expect(severityOf(word)).toBe(severity);
  });

  it.each([
    ['fixed in 5.6.1+really5.4.5-1', '5.6.1+really5.4.5-1'],
    ['Fixed in 2.15.0, 2.12.2', '2.15.0, 2.12.2'],
    ['needed', undefined],
    ['fixed in', undefined],
    ['not fixed in 3', undefined],
  ])('status %j: fix %s', (status, version) => {
    expect(fixedVersionOf(status)).toBe(version);
  });

  it('type tells read, known and unknown alerts apart', () => {
    expect(readType('app embedded runtime')).toEqual({ kind: 'read', type: 'appEmbeddedRuntime' });
    expect(readType('WAAS health')).toEqual({ kind: 'not-read', type: 'waasHealth' });
    expect(readType('constructor')).toEqual({ kind: 'unknown' });
  });
});
