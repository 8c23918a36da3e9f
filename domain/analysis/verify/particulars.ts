import { foldDashes } from './words.ts';

/** What can be made up and is acted on. Each kind is one rule's, so that each rule can be shown to be needed. */
export type ParticularKind = 'cve' | 'technique' | 'id' | 'action' | 'other';

export interface Particular {
  readonly kind: ParticularKind;
  /** In lower case, in the form the evidence would have. */
  readonly token: string;
}

/** However it is written: `CVE-2021-44228`, `cve 2021 44228`, `CVE_2021-44228`. */
const CVE = /\bcve[\s_-]{0,3}(\d{4})[\s_-]{0,3}(\d{3,12})/gi;
const GHSA = /\bghsa(?:[\s_-]{1,3}[0-9a-z]{4}){3}\b/gi;

const TOKENS: readonly RegExp[] = [
  /(?<![\p{L}\p{N}_/])\/[\p{L}\p{N}_.@+-]+(?:\/[\p{L}\p{N}_.@+-]+)*/gu,
  /\b[a-z]:\\[^\s"']+/giu,
  // Numbers of any script, with what is written together with them.
  /[\p{L}\p{N}_.@:/+-]*\p{N}[\p{L}\p{N}_.@:/+-]*/gu,
  // Host and file names, and names of catalogue actions.
  /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]{2,})+(?![\p{L}\p{N}_-])/gu,
  // Names of things in Kubernetes and registries.
  /(?<![\p{L}\p{N}_./-])[\p{L}\p{N}_.-]+(?:\/[\p{L}\p{N}_.-]+)+/gu,
  /\b[0-9a-f]{8,}\b/gi,
  // Flags of commands.
  /(?<![\p{L}\p{N}_-])--[\p{L}][\p{L}\p{N}-]+/gu,
];

/** Of a text that is not longer than rule V1 allows: the patterns are quadratic at worst. */
export function particularsOf(raw: string): Particular[] {
  const found: Particular[] = [];
  const take = (token: string): string => {
    found.push({ kind: 'cve', token });
    return ' ';
  };
  const text = foldDashes(raw)
    .replace(CVE, (_all, year: string, number: string) => take(`cve-${year}-${number}`))
    .replace(GHSA, (all) => take(all.toLowerCase().replace(/[\s_-]+/g, '-')));
  const tokens = TOKENS.flatMap((pattern) => text.match(pattern) ?? [])
    .map((token) => trimmed(token).toLowerCase())
    // `and/or` and `read/write` are words.
    .filter((token) => token.length > 0 && !/^\p{L}+\/\p{L}+$/u.test(token));
  return [...found, ...[...new Set(tokens)].map((token) => ({ kind: kindOf(token), token }))];
}

function trimmed(token: string): string {
  let [from, to] = [0, token.length];
  while (from < to && '.:+'.includes(token.charAt(from))) from += 1;
  while (to > from && '.:+/-'.includes(token.charAt(to - 1))) to -= 1;
  return token.slice(from, to);
}

function kindOf(token: string): ParticularKind {
  if (/^[en]\d+$/.test(token)) return 'id';
  if (/^ta?\d{4}(?:\.\d{3})?$/.test(token)) return 'technique';
  if (/^[a-z][a-z0-9]*\.[a-z]+(?:-[a-z]+)+$/.test(token)) return 'action';
  return 'other';
}
