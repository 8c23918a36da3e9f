import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArgv, renderArgv } from './argv.ts';

/** Characters by which a shell does more than hand words to one program. */
const SHELL = /[;|&$`<>~*?!#\\(){}\n\r]/;

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.stringMatching(/^[A-Za-z0-9_@%+=:,./-]{1,20}$/),
  fc.stringMatching(/^[A-Za-z0-9 {}"[\]:-]{1,20}$/),
  fc.constantFrom(
    '$(id)',
    '`id`',
    "it's",
    'a;b',
    '~root',
    '*',
    '--',
    '',
    ' ',
    'a\nb',
    '{"a": "b"}',
    '\u2028',
    '\u202e',
  ),
);

describe('the quoting function', () => {
  it('writes nothing that a shell would read as its own outside single quotes, whatever the words are', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const text = renderArgv(argv);
        if (text === undefined) return;
        expect(text.replace(/'[^']*'/g, '')).not.toMatch(SHELL);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  it('is undone by the reading, so that what is checked is what is shown', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const text = renderArgv(argv);
        if (text !== undefined) expect(parseArgv(text)).toEqual({ ok: true, argv });
      }),
    );
  });

  it.each([
    ['kubectl get pods; rm -rf /'],
    ['kubectl get pods | sh'],
    ['kubectl get pods && id'],
    ['kubectl get pods > /etc/passwd'],
    ['kubectl get $(id)'],
    ['kubectl get `id`'],
    ['kubectl get ~/x'],
    ['kubectl get p*'],
    ['kubectl get pods\nid'],
    ["kubectl get 'unclosed"],
    ["kubectl get glued'quotes'"],
    ['kubectl get "double quotes"'],
    ['kubectl  get'],
    [''],
    ['x'.repeat(700)],
  ])('does not read %j', (text) => {
    expect(parseArgv(text)).toEqual({ ok: false, why: expect.any(String) });
  });
});
