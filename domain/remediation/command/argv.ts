/**
 * How a command is written and read. There is no shell in this grammar: a word is bare, or it stands whole between single
 * quotes, and neither form can hold a character by which a shell would do more than hand the words to one program
 * (; | & $ ` > < ~ * ? ! # \ quotes, line breaks). What cannot be written so is no command.
 */
const BARE = /^[A-Za-z0-9_@%+=:,./-]+$/;
const QUOTABLE = /^[A-Za-z0-9_@%+=:,./ {}"[\]-]+$/;
export const MAX_COMMAND = 600;

/** The one quoting function; undefined for words that cannot be written. */
export function renderArgv(argv: readonly string[]): string | undefined {
  const quoted = argv.map((word) => (BARE.test(word) ? word : QUOTABLE.test(word) ? `'${word}'` : undefined));
  if (quoted.length === 0 || quoted.some((word) => word === undefined)) return undefined;
  const text = quoted.join(' ');
  return text.length <= MAX_COMMAND ? text : undefined;
}

export type ArgvReading =
  | { readonly ok: true; readonly argv: readonly string[] }
  | { readonly ok: false; readonly why: string };

/** The inverse of `renderArgv`, for text of any origin. */
export function parseArgv(text: string): ArgvReading {
  if (text.length === 0 || text.length > MAX_COMMAND) return refuse('is empty or too long');
  const argv: string[] = [];
  let rest = text;
  while (rest !== '') {
    const [whole, quoted, bare] = /^(?:'([^']*)'|([^ ']+))(?: |$)/.exec(rest) ?? [];
    const word = quoted ?? bare;
    if (whole === undefined || word === undefined) return refuse('is not written in words and single quotes');
    if (quoted === undefined ? !BARE.test(word) : !QUOTABLE.test(word))
      return refuse('holds a character that a shell reads as its own');
    argv.push(word);
    rest = rest.slice(whole.length);
  }
  // A blank at the end, or quotes around a word that needs none, is another spelling than ours.
  return { ok: true, argv };
}

function refuse(why: string): ArgvReading {
  return { ok: false, why };
}
