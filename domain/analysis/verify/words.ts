import { redactSecrets, visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';

/** Everything some evidence says, in lower case: what a sentence that cites it may draw its particulars from. */
export function wordsOf({ entities }: Pick<EvidencePack, 'entities'>, items: readonly EvidenceItem[]): string {
  const named = new Set(items.flatMap((item) => item.entities));
  const labels = entities.filter(({ id }) => named.has(id)).flatMap(({ label, canonical }) => [label, canonical]);
  const said = [...items.flatMap(({ text, fact }) => [text, ...leaves(fact)]), ...labels];
  return foldDashes(visibleText(redactSecrets(said.join(' \n ')))).toLowerCase();
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value, value.replace(/^(\d{4}-\d\d-\d\d)T([\d:]{8}).*$/, '$1 $2')];
  if (typeof value === 'number') return [String(value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [...(Array.isArray(value) ? [] : [key]), ...leaves(member)]);
}

/** Hyphens of every kind as one, so that a CVE written with another is still that CVE. */
export function foldDashes(text: string): string {
  return text.replace(/[\p{Pd}\u2212]/gu, '-');
}

/**
 * As a whole: `33` stands neither in `3333` nor in `10.0.33.17`. The beginning of a long hexadecimal id does stand for it.
 * Both in lower case.
 */
export function standsIn(particular: string, words: string): boolean {
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

/**
 * A text as a reader takes it in whatever it is split or decorated with, for rules that look for words: without accents,
 * hyphens as one, in lower case; once as it stands and once with what separates single letters or stands within words gone.
 */
export function readings(text: string): readonly [string, string] {
  const plain = foldDashes(text.normalize('NFKD').replace(/\p{M}/gu, '')).toLowerCase();
  const joined = plain
    .replace(/(?<=(?<!\p{L})\p{L})[\s.*_~'’·-]{1,3}(?=\p{L}(?!\p{L}))/gu, '')
    .replace(/(?<=\p{L})[.*_~'’·-](?=\p{L})/gu, '');
  return [plain, joined];
}
