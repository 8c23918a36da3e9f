import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson, table } from './io.ts';
import { wrap } from './render.ts';

const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/u;
const anyText = fc.string({ unit: 'binary' });

describe('what is printed', () => {
  it('holds no character that a terminal would obey, whatever came in', () => {
    fc.assert(fc.property(anyText, (text) => !HIDDEN.test(printable(text))));
    fc.assert(fc.property(anyText, (text) => wrap(text, '  ').every((line) => !HIDDEN.test(line))));
  });

  it('means the same as JSON and hides nothing from a terminal', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        const json = printableJson(texts);
        expect(JSON.parse(json)).toEqual(texts);
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}]/u);
      }),
    );
  });

  it('aligns columns and leaves no blanks at the end of a line', () => {
    expect(
      table(
        ['A', 'LONGER'],
        [
          ['value', 'x'],
          ['v', ''],
        ],
      ),
    ).toEqual(['A      LONGER', 'value  x', 'v']);
  });
});
