import { redactSecrets } from './secrets.ts';

export { redactSecrets, SECRET_MARK } from './secrets.ts';

/** Longest cleaned text, in UTF-16 code units, marks included. */
export const MAX_TEXT = 2_000;

/**
 * No further than here is read, and what is left out is counted as cut. A single word of five megabytes overflows the stack
 * of V8's regular expressions (measured), and an alert must not be lost because of one.
 */
const MAX_READ = 1_000_000;

export interface CleanOptions {
  /** Code units, marks included; at least 80. Default `MAX_TEXT`. */
  readonly max?: number;
}

/**
 * Makes text from outside fit to be read by people and models, in one line:
 * - terminal sequences, control characters, and everything invisible or reordering (zero-width, bidirectional, tag and
 *   variation characters, soft hyphens, fillers) are removed, and the end says how many: `[removed: 2 invisible]`.
 *   They are removed rather than shown because a word split by them must still be found by eyes, searches and patterns;
 * - white space of any kind becomes single spaces; compatibility forms are folded (NFKC); lone surrogates, private-use and
 *   unassigned characters become U+FFFD;
 * - what looks like a credential becomes `[secret]`;
 * - longer text is cut and says so: `[cut: 120 more]`.
 */
export function cleanText(text: string, options: CleanOptions = {}): string {
  const { text: visible, invisible, sequences } = stripHidden(text.slice(0, MAX_READ));
  const redacted = redactSecrets(visible);
  const removed = [
    ...(invisible > 0 ? [`${invisible} invisible`] : []),
    ...(sequences > 0 ? [`${sequences} terminal sequences`] : []),
  ];
  const mark = removed.length > 0 ? ` [removed: ${removed.join(', ')}]` : '';
  return (
    cap(redacted, (options.max ?? MAX_TEXT) - mark.length, Math.max(0, text.length - MAX_READ)) + mark
  ).trimStart();
}

/** The text as eyes would see it, in one line: nothing hidden in it, but neither redacted nor cut. For patterns, never for showing. */
export function visibleText(text: string): string {
  return stripHidden(text).text;
}

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
/** CSI (`ESC [ … final`), string sequences (OSC, DCS, SOS, PM, APC, up to BEL or ST), and any other two-character escape. */
const TERMINAL_SEQUENCE = new RegExp(
  `${ESC}\\[[0-?]{0,64}[ -/]{0,16}[@-~]|${ESC}[\\]PX^_][^${ESC}${BEL}]{0,4096}(?:${BEL}|${ESC}\\\\)|${ESC}[ -~]?`,
  'g',
);
// Not U+FEFF, which JavaScript counts as white space although it is seen by nobody: a word it stands in would fall apart.
const WHITE_SPACE = /(?:(?!\ufeff)[\s\u0085])+/g;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const UNREADABLE = /[\p{Co}\p{Cn}\p{Cs}]/gu;

function stripHidden(text: string): {
  readonly text: string;
  readonly invisible: number;
  readonly sequences: number;
} {
  let invisible = 0;
  let sequences = 0;
  const count = (): string => {
    invisible += 1;
    return '';
  };
  let current = text.toWellFormed().replace(TERMINAL_SEQUENCE, () => {
    sequences += 1;
    return '';
  });
  // Twice, because folding may bring forth a character that is itself hidden (U+FFA0 becomes a filler), and taking a
  // hidden character away may bring two others together that fold into one.
  for (let round = 0; round < 2; round += 1) {
    current = current
      .replace(WHITE_SPACE, ' ')
      .replace(INVISIBLE, count)
      .replace(UNREADABLE, '\ufffd')
      .normalize('NFKC');
  }
  return { text: current.replace(WHITE_SPACE, ' ').trim(), invisible, sequences };
}

/** @param unread code units that followed and were left out before */
function cap(text: string, max: number, unread: number): string {
  if (text.length <= max && unread === 0) return text;
  const kept = max - ' ... [cut: 99999999 more]'.length;
  // A surrogate pair is not split: half of it would be no character at all.
  const head = text
    .slice(0, kept)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd();
  return `${head} ... [cut: ${text.length - head.length + unread} more]`;
}
