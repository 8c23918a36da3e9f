import { isKnownWord } from '../analysis/verify/language.ts';
import { type Briefing, type Figure, nounsOf, sentenceOf } from './figures.ts';

const NUMBER =
  /(usd\s*|\$\s*)?(?<![\p{L}\p{N}.,-])(\d[\d,]*(?:\.\d+)?)(?![\p{L}\p{N}])\s*(%|per ?cent\b|minutes?\b|min\b|hours?\b|h\b|days?\b|weeks?\b|seconds?\b|usd\b|dollars?\b|k\b|m\b|million\b|thousand\b|times\b|x\b)?/giu;
const UNIT: Readonly<Record<string, Figure['unit']>> = {
  '%': 'percent',
  percent: 'percent',
  'per cent': 'percent',
  minute: 'minutes',
  minutes: 'minutes',
  usd: 'usd',
  dollar: 'usd',
  dollars: 'usd',
};
const WORDS = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
];
/** A quantity nobody counted, or not in a figure of its own. */
const VAGUE =
  /\b(?:(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|halved|thirds?|quarters?|fifths?|double[ds]?|tripled?|twice|thrice|once|all|every|each|both|most|mostly|majority|minority|many|several|some|few|lots?|much|nearly|almost|about|around|roughly|approximately|over|under|average|averages|mean|total|totals|record|first|second|best|worst|better|worse|improved?|improvements?|always|usually|often|rarely|typically|everybody|everything|everyone)\b/i;
const NOTHING = /\b(?:no|none|nothing|nobody|never|not any|without)\b/i;
const ROSE =
  /\b(?:more|rose|risen|ris(?:e|es|ing)|increas\w*|grew|grown|grow\w*|up|higher|longer|slower|climb\w*|gain\w*)\b/i;
const FELL =
  /\b(?:fewer|less|fell|fallen|fall\w*|decreas\w*|declin\w*|down|lower|shorter|faster|quicker|dropp?\w*|shr[aiu]nk\w*|reduc\w*)\b/i;
const STAYED = /\b(?:unchanged|same|stable|steady|constant|flat)\b/i;
const NOUNS: ReadonlySet<string> = new Set([
  ...['incident', 'incidents', 'alert', 'alerts', 'duplicate', 'duplicates', 'action', 'actions', 'call', 'calls'],
  ...['token', 'tokens'],
]);

/**
 * Why a sentence about figures may not stand, or undefined. Each number must be the value of a figure it cites, in its unit and of
 * the things it counts; a direction must be that of the figures; every word that is no English must be a name of a figure.
 */
export function faultIn(text: string, cited: readonly Figure[], briefing: Briefing): string | undefined {
  const told = withoutDates(text, briefing);
  const plain = withoutNames(told, cited);
  if (VAGUE.test(plain)) return 'names a quantity that is no figure';
  for (const number of numbersIn(plain))
    if (!cited.some((figure) => isFigure(number, figure))) return 'holds a number that is none of the figures it cites';
  if (NOTHING.test(plain) && !cited.some(({ value, before }) => value === 0 || before === 0))
    return 'says that there was nothing, and no figure it cites is zero';
  return directionFault(plain, cited) ?? nameFault(told, cited);
}

interface Said {
  readonly value: number;
  /** Undefined: a unit no figure has. */
  readonly unit: Figure['unit'] | undefined;
  readonly noun: string | undefined;
}

function numbersIn(text: string): Said[] {
  const written = [...text.matchAll(NUMBER)].map((match): Said => {
    const [whole, money, digits = '', unit] = match;
    const after = text.slice((match.index ?? 0) + whole.length);
    return {
      value: Number(digits.replaceAll(',', '')),
      unit: money === undefined ? unitOf(unit) : 'usd',
      noun: nounAfter(after),
    };
  });
  const spelled = [...text.matchAll(new RegExp(`\\b(${WORDS.join('|')})\\b`, 'gi'))].map(
    (match): Said => ({
      value: WORDS.indexOf((match[1] ?? '').toLowerCase()),
      unit: unitOf(
        /^\s*(%|per ?cent|minutes?|hours?|days?)/i.exec(text.slice((match.index ?? 0) + match[0].length))?.[1],
      ),
      noun: nounAfter(text.slice((match.index ?? 0) + match[0].length)),
    }),
  );
  return [...written, ...spelled];
}

function unitOf(word: string | undefined): Figure['unit'] | undefined {
  if (word === undefined) return 'count';
  const key = word.toLowerCase();
  return Object.hasOwn(UNIT, key) ? UNIT[key] : undefined;
}

/** What is counted: the first such word among the next four, before anything else is numbered. */
function nounAfter(rest: string): string | undefined {
  const words = (rest.split(/[.;:!?\d]/)[0] ?? '').split(/[^\p{L}]+/u).filter((word) => word !== '');
  return words
    .slice(0, 4)
    .find((word) => NOUNS.has(word.toLowerCase()))
    ?.toLowerCase();
}

function isFigure({ value, unit, noun }: Said, figure: Figure): boolean {
  if (unit !== figure.unit || (value !== figure.value && value !== figure.before)) return false;
  const nouns = nounsOf(figure);
  return noun === undefined || figure.unit !== 'count' || nouns.includes(noun);
}

function directionFault(text: string, cited: readonly Figure[]): string | undefined {
  const compared = cited.filter(({ before }) => before !== undefined);
  const holds = (is: (value: number, before: number) => boolean): boolean =>
    compared.length > 0 && compared.every(({ value, before }) => before !== undefined && is(value, before));
  const wrong =
    (ROSE.test(text) && !holds((value, before) => value > before)) ||
    (FELL.test(text) && !holds((value, before) => value < before)) ||
    (STAYED.test(text) && !holds((value, before) => value === before));
  return wrong ? 'says a direction that the figures it cites do not have' : undefined;
}

/** Words of briefings that the lists of English prose about incidents do not hold. */
const OWN = [
  'faster',
  'slower',
  'quicker',
  'shorter',
  'longer',
  'fewer',
  'usd',
  'percent',
  'noise',
  'triage',
  'containment',
];

function nameFault(text: string, cited: readonly Figure[]): string | undefined {
  const names = [...OWN, ...cited.flatMap((figure) => tokensOf(sentenceOf(figure)))].map((token) =>
    token.toLowerCase(),
  );
  const strange = tokensOf(text).some(
    (token) => !/^[\d,.%]+$/.test(token) && !names.includes(token.toLowerCase()) && !isKnownWord(token),
  );
  return strange ? 'names something that no figure it cites names' : undefined;
}

function tokensOf(text: string): string[] {
  return text
    .split(/\s+/)
    .map((token) => token.replace(/^[^\p{L}\p{N}%]+|[^\p{L}\p{N}%]+$/gu, ''))
    .filter((token) => token !== '');
}

function withoutNames(text: string, cited: readonly Figure[]): string {
  return cited.reduce((rest, { of }) => (of === undefined || of === '' ? rest : rest.replaceAll(of, ' ')), text);
}

/** The days of the period are no figures and may be told. */
function withoutDates(text: string, { period }: Briefing): string {
  return [period.from, period.to].reduce((rest, at) => rest.replaceAll(at.slice(0, 10), ' '), text);
}
