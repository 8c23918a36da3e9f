import { measureJson } from './json-limits.ts';

/** Why an authentic body cannot be read, as the quarantine says it, whoever sees it first: `receive` or `normalize`. */
export const UNREADABLE = {
  'not-json-type': 'the body was not sent as application/json in UTF-8; a replay reads it all the same',
  'not-utf8': 'the body is not JSON: it is not text in UTF-8',
  'not-json': 'the body is not JSON',
  'too-deep': 'the body is nested too deeply',
  'too-many-members': 'the body is too large in structure',
} as const;
export type Unreadable = keyof typeof UNREADABLE;

// `ignoreBOM` keeps a byte order mark in the text, so that the text's bytes are the sender's bytes; mappers forgive it too.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text whose UTF-8 form these bytes are; undefined when they are no text. NUL is in no text and no JSON, but in every UTF-16. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is wrong with a text before a parser may touch it. */
export function structureFault(text: string): Extract<Unreadable, 'too-deep' | 'too-many-members'> | undefined {
  const measure = measureJson(text);
  if (measure.ok) return undefined;
  return measure.reason === 'too deep' ? 'too-deep' : 'too-many-members';
}
