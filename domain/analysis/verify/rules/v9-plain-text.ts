import { redactSecrets, visibleText } from '../../../evidence/clean.ts';
import { isEnglish } from '../language.ts';
import { drop, type VerifierRule } from '../rule.ts';

// Quadratic at worst, over a text that V1 has bounded.
const ADDRESS =
  /[a-z][a-z0-9+.-]*:\/\/|\bh(?:xx|tt)ps?\b\s{0,3}:|\bwww\.|\b(?:mailto|javascript|vbscript):|\bdata:[a-z]+\/|\bfile:\/|\btel:\+?\d|\[\.\]|\(dot\)|\[dot\]|\[:\]/i;
const MARKUP =
  /\]\s*\(|!\[|\[[^\]]{0,80}\]:|<[/!?@#a-z]|&[#a-z0-9]+;|~~~|\|\s*:?-{3}|^\s{0,3}#{1,6}\s|\{\{|\$\{|(?<![\w.])@(?:here|channel|everyone|all)\b/i;
/** Emphasis and code marks say nothing and are taken out. */
const MARKS = /`+|\*{2,}/g;
/** One word in two scripts: a Cyrillic letter that looks like a Latin one hides a word from every pattern. */
const MIXED =
  /\p{Script=Latin}\p{M}*[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]|[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]\p{M}*\p{Script=Latin}/u;

export const v9PlainText: VerifierRule = {
  id: 'V9',
  protects: 'readers from links, pictures, markup and hidden text, and the other rules from words they cannot read',
  wants:
    'plain English text: no address with a scheme, no Markdown, no HTML, no mention, no invisible or control character, Latin script.',
  claim(draft, { max, items, words }) {
    const visible = redactSecrets(visibleText(draft.text));
    const text = visible.replace(MARKS, '').replace(/ {2,}/g, ' ').trim();
    if (text === '') return drop('is empty');
    // Compatibility forms may unfold to many characters.
    if (text.length > max) return drop(`is longer than ${max} characters`);
    if (ADDRESS.test(text)) return drop('contains an address');
    if (MARKUP.test(text)) return drop('contains markup');
    if (text.includes('\ufffd')) return drop('holds characters that are none');
    if (MIXED.test(text)) return drop('mixes scripts within a word');
    const said = items.filter(({ trust }) => trust !== 'attacker_influenced').map((item) => item.words);
    if (!isEnglish(text, said.join(' \n '), words)) return drop('is not in English');
    if (text === draft.text) return undefined;
    // Not `trim`, which takes the byte order mark for white space.
    const onlyEdges = text === draft.text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    return {
      kind: 'change',
      draft: { ...draft, text },
      ...(onlyEdges ? {} : { why: 'held hidden characters, marks, surplus white space or a secret' }),
    };
  },
};
