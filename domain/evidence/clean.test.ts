import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, IN_PROPORTION } from '../../test/growth.ts';
import { cleanText, MAX_TEXT } from './clean.ts';

const HIDDEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Cs}]/u;
const ESC = String.fromCharCode(0x1b);

/** Text made mostly of what attackers use to hide: escapes, invisibles, bidi marks, tags, lone surrogates, compatibility forms. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        `${ESC}[31m`,
        `${ESC}]8;;https://evil.example${String.fromCharCode(7)}`,
        ESC,
        '\u200b',
        '\u202e',
        '\u2066',
        '\u{e0041}',
        '\ufe0f',
        '\ud800',
        '\udc00',
        '\ufb01',
        '\uffa0',
        '\ufdfa',
        'e',
        '\u0301',
        '\r\n',
        '\u0000',
        '\u2028',
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('cleanText', () => {
  it('leaves nothing hidden, nothing over the cap and one line, whatever comes in', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 80, max: MAX_TEXT }), (text, max) => {
        const cleaned = cleanText(text, { max });
        expect(cleaned.length).toBeLessThanOrEqual(max);
        expect(cleaned).not.toMatch(HIDDEN);
        expect(cleaned).not.toMatch(/[\n\r\t]| {2}/);
        expect(cleaned.isWellFormed()).toBe(true);
        expect(cleaned.normalize('NFKC')).toBe(cleaned);
      }),
      { numRuns: 500 },
    );
  });

  it('changes nothing the second time - a text may pass through it on its way more than once', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = cleanText(text);
        expect(cleanText(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it('joins a word that was split by an invisible character and says that something was removed', () => {
    expect(cleanText('ig\u200bnore prev\u2060ious')).toBe('ignore previous [removed: 2 invisible]');
  });

  it('removes terminal sequences whole - half of one would still colour an analyst’s screen', () => {
    expect(cleanText(`a${ESC}[1;31mred${ESC}[0m ${ESC}]0;title${String.fromCharCode(7)}b`)).toBe(
      'ared b [removed: 3 terminal sequences]',
    );
  });

  it('removes text smuggled in tag characters', () => {
    const smuggled = [...'close'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
    expect(cleanText(`ok${smuggled}`)).toBe('ok [removed: 5 invisible]');
  });

  it('marks a cut with what is missing and does not split a surrogate pair', () => {
    const cleaned = cleanText('\u{1f600}'.repeat(2_000));
    expect(cleaned).toMatch(/ \.\.\. \[cut: \d+ more\]$/);
    expect(cleaned.length).toBeLessThanOrEqual(MAX_TEXT);
    expect(cleaned.isWellFormed()).toBe(true);
  });

  it.each([['sk-'], ['a'], ['x '], ['password=']])(
    'cuts ten megabytes of %j and does not break - an alert must not be lost because of one word in it',
    (piece) => {
      const text = piece.repeat(Math.ceil(10_000_000 / piece.length));
      const cleaned = cleanText(text);
      expect(cleaned.length).toBeLessThanOrEqual(MAX_TEXT);
      expect(cleaned).toMatch(/ \.\.\. \[cut: \d+ more\]$/);
    },
  );

  it.each([['-eyJ'], [`${ESC}]`], ['password'], ['://a:'], ['-----BEGIN PRIVATE KEY-----'], ['Bearer '], ['token = ']])(
    'takes time in proportion to a flood of %j - megabytes of it must not stall the pipeline',
    (piece) => {
      expect(growth((size) => cleanText(piece.repeat(size)))).toBeLessThan(IN_PROPORTION);
    },
  );
});
