import { techniqueById } from '../../attack/catalogue.ts';
import { redactSecrets, visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import type { Verdict } from '../analysis.ts';

/** Limits on what a model may write; longer is not cut but refused, because half a sentence may say the opposite. */
export const LIMITS = { headline: 200, text: 600, claims: 40, unknowns: 20, citations: 12 } as const;

/** Everything the cited evidence says, in lower case: what a sentence may draw its particulars from. */
export function wordsOf(pack: EvidencePack, items: readonly EvidenceItem[]): string {
  const labels = pack.entities
    .filter(({ id }) => items.some((item) => item.entities.includes(id)))
    .flatMap(({ label, canonical }) => [label, canonical]);
  return visibleText(
    redactSecrets([...items.flatMap(({ text, fact }) => [text, ...leaves(fact)]), ...labels].join(' \n ')),
  ).toLowerCase();
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value, value.replace(/^(\d{4}-\d\d-\d\d)T([\d:]{8}).*$/, '$1 $2')];
  if (typeof value === 'number') return [String(value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [...(Array.isArray(value) ? [] : [key]), ...leaves(member)]);
}

export type TextCheck =
  | { readonly ok: true; readonly text: string; readonly stripped: boolean }
  | { readonly ok: false; readonly why: string };

const ADDRESS = /[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\bmailto:|\bjavascript:/i;
const MARKUP = /\]\s*\(|!\[|<[/!a-z]|&[#a-z0-9]+;|```|\|\s*-{3}/i;
const DOWNPLAYS =
  /\b(?:benign|harmless|innocuous|legitimate|false[ -]?(?:positive|alarm)|non-malicious|not (?:malicious|an attack|a threat|suspicious))\b|\b(?:close|dismiss|ignore|suppress|archive)\b[^.]{0,40}\b(?:alert|incident|finding|case|ticket)\b|\bno (?:further |immediate )?(?:action|response|concern)\b|\b(?:authori[sz]ed|approved|scheduled|known|planned)\b[^.]{0,30}\b(?:test|exercise|drill|red team|scan)\b/i;

/**
 * One sentence of a model against what it may say (V5, V6, V8, V9 of the verifier, and V11: no talking down what the rules
 * found). `words` is what the cited evidence says, from `wordsOf`.
 */
export function checkText(
  raw: string,
  context: { readonly words: string; readonly pack: EvidencePack; readonly verdict: Verdict; readonly max: number },
): TextCheck {
  const text = redactSecrets(visibleText(raw));
  if (text.length === 0) return refuse('is empty');
  if (text.length > context.max) return refuse(`is longer than ${context.max} characters`);
  if (ADDRESS.test(text)) return refuse('contains an address');
  if (MARKUP.test(text)) return refuse('contains markup');
  if (context.verdict !== 'benign' && DOWNPLAYS.test(text)) return refuse('talks down what the rules found');
  const strange = particularsOf(text).find((particular) => !isKnown(particular, context));
  // The particular itself is not repeated: what was refused must not be shown by another door.
  if (strange !== undefined) return refuse('names a particular that the cited evidence does not hold');
  return { ok: true, text, stripped: text !== raw.trim() };
}

function refuse(why: string): TextCheck {
  return { ok: false, why };
}

/** Names of techniques and formats that hold a digit and are no particulars of a case. */
const COMMON = new Set([
  'log4shell',
  'base64',
  'md5',
  'sha1',
  'sha-1',
  'sha256',
  'sha-256',
  'k8s',
  'http/2',
  'ipv4',
  'ipv6',
  'x86_64',
  'arm64',
  'utf-8',
  'oauth2',
]);

/** Numbers, addresses, hashes, versions, times, CVEs, paths, host names: what can be made up and is acted on. */
function particularsOf(text: string): string[] {
  const found = [
    ...(text.match(/(?<![\w/])\/[\w.@+-]+(?:\/[\w.@+-]+)*/g) ?? []),
    ...(text.match(/[\w.@:/+-]*\d[\w.@:/+-]*/g) ?? []),
    ...(text.match(/\b[\w-]+(?:\.[\w-]{2,})+\b/g) ?? []),
    ...(text.match(/\b[0-9a-f]{8,}\b/gi) ?? []),
  ];
  return found
    .map((token) => token.replace(/^[.:+-]+|[.:+/-]+$/g, '').toLowerCase())
    .filter((token) => token.length > 0);
}

function isKnown(
  particular: string,
  { words, pack }: { readonly words: string; readonly pack: EvidencePack },
): boolean {
  if (COMMON.has(particular)) return true;
  if (/^e\d+$/.test(particular)) return pack.items.some(({ id }) => id.toLowerCase() === particular);
  if (/^n\d+$/.test(particular)) return pack.entities.some(({ id }) => id.toLowerCase() === particular);
  if (/^t\d{4}(?:\.\d{3})?$/.test(particular)) return techniqueById(particular.toUpperCase()) !== undefined;
  return standsIn(particular, words);
}

/**
 * As a whole: `33` stands neither in `3333` nor in `10.0.33.17`. The beginning of a long hexadecimal id does stand for it.
 */
function standsIn(particular: string, words: string): boolean {
  const shortened = /^[0-9a-f]{8,}$/.test(particular);
  const part = /^\d+$/.test(particular) ? /^[.:-]\d$/ : undefined;
  for (let at = words.indexOf(particular); at !== -1; at = words.indexOf(particular, at + 1)) {
    const end = at + particular.length;
    const begins =
      !isAlphanumeric(words.charAt(at - 1)) &&
      !part?.test([...words.slice(Math.max(0, at - 2), at)].reverse().join(''));
    const ends = shortened || (!isAlphanumeric(words.charAt(end)) && !part?.test(words.slice(end, end + 2)));
    if (begins && ends) return true;
  }
  return false;
}

function isAlphanumeric(character: string): boolean {
  return /^[\p{L}\p{N}]$/u.test(character);
}
