import { KNOWN_WORDS, NEUTRAL_WORDS, OTHER_LANGUAGES } from './language-words.ts';
import { foldDashes, standsIn } from './words.ts';

/** Words of a sentence that are words and nothing else: no path, address, number, name with a hyphen or a dot. */
const PLAIN = /^\p{L}+(?:['\u2019]\p{L}+)?$/u;
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;
/** Ends a thought whatever language it is in. */
const SENTENCES = /[.;:!?]\s+|\s-+\s|\n/;
const ASIDES = /[,()]\s*/;
/** So many words in a row that are neither English nor the evidence's are a stretch of another language. */
const RUN = 4;
/** The least share of known words among those that could be known; of English prose about incidents it is above a half. */
const SHARE = 0.25;
const QUOTED = /"[^"]{1,400}"/g;

/**
 * Whether a text is written in English, as far as code can tell without a dictionary: letters of the Latin script alone, no small
 * word of another language, and in every sentence and aside enough words that English prose about incidents consists of.
 * @param said what evidence says that the workload could not have written: a word of it may be of any language
 * @param all what all cited evidence says: a quotation from it is no prose
 */
export function isEnglish(text: string, said: string, all: string): boolean {
  if (/[^\P{L}\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(text)) return false;
  const folded = foldDashes(text.normalize('NFKD').replace(/\p{M}/gu, ''));
  if (plainWords(folded).some((word) => isForeign(word, said))) return false;
  const prose = folded.replace(QUOTED, (quoted) =>
    standsIn(quoted.slice(1, -1).trim().toLowerCase(), all) ? ' , ' : quoted,
  );
  return prose.split(SENTENCES).every((sentence) => {
    const asides = sentence.split(ASIDES).map((aside) => countsOf(plainWords(aside), said));
    const [known, unknown] = [sum(asides.map((one) => one.known)), sum(asides.map((one) => one.unknown))];
    // Two unknown words alone are a sentence of another language sooner than one of ours.
    if (known === 0 && unknown > 1) return false;
    return reads({ known, unknown, run: 0 }) && asides.every(reads);
  });
}

function plainWords(text: string): string[] {
  return text
    .split(/\s+/)
    .map((token) => token.replace(EDGES, ''))
    .filter((token) => token.length > 1 && PLAIN.test(token))
    .map((token) => token.replace('\u2019', "'"));
}

function isForeign(written: string, said: string): boolean {
  const word = written.toLowerCase();
  return word.split("'").some((part) => OTHER_LANGUAGES.has(part)) && !standsIn(word, said);
}

interface Counts {
  readonly known: number;
  readonly unknown: number;
  /** The longest row of unknown words. */
  readonly run: number;
}

function countsOf(words: readonly string[], said: string): Counts {
  let [known, unknown, row, run] = [0, 0, 0, 0];
  for (const word of words) {
    const lower = word.toLowerCase();
    if (isKnown(lower)) {
      known += 1;
      row = 0;
    } else if (isName(word) || NEUTRAL_WORDS.has(lower) || standsIn(lower, said)) row = 0;
    else {
      unknown += 1;
      row += 1;
      run = Math.max(run, row);
    }
  }
  return { known, unknown, run };
}

/** Fewer words say too little to be judged by their number. */
const LEAST = 3;

function reads({ known, unknown, run }: Counts): boolean {
  return run < RUN && (known + unknown < LEAST || known >= SHARE * (known + unknown));
}

/** `CloudTrail`, `SSRF`: of no language. A sentence in capitals is no row of names. */
function isName(word: string): boolean {
  return /\p{Ll}\p{Lu}/u.test(word) || /^\p{Lu}{2,5}$/u.test(word);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** With the endings by which English makes one word of another; the stem must be known. */
function isKnown(word: string): boolean {
  const plain = word.replace(/'(?:s|t|re|ve|ll|d)$/, '');
  if (KNOWN_WORDS.has(plain)) return true;
  for (const ending of ['s', 'es', 'd', 'ed', 'ing', 'ly', 'er', 'ion', 'ment']) {
    if (!plain.endsWith(ending)) continue;
    const stem = plain.slice(0, -ending.length);
    if (stem.length < 3) continue;
    if (KNOWN_WORDS.has(stem) || KNOWN_WORDS.has(`${stem}e`) || KNOWN_WORDS.has(stem.replace(/(.)\1$/, '$1')))
      return true;
    if (KNOWN_WORDS.has(stem.replace(/i$/, 'y'))) return true;
  }
  return false;
}

/** For texts whose every word must be accounted for: a word of English as far as the lists know it, or one of many languages. */
export function isKnownWord(word: string): boolean {
  const lower = word.toLowerCase().replace('\u2019', "'");
  return lower.split('-').every((part) => part.length < 2 || isKnown(part) || NEUTRAL_WORDS.has(part));
}
