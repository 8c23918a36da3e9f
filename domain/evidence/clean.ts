/** Longest cleaned text, in UTF-16 code units, marks included. */
export const MAX_TEXT = 2_000;

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
  const { text: visible, invisible, sequences } = stripHidden(text);
  const redacted = redactSecrets(visible);
  const removed = [
    ...(invisible > 0 ? [`${invisible} invisible`] : []),
    ...(sequences > 0 ? [`${sequences} terminal sequences`] : []),
  ];
  const mark = removed.length > 0 ? ` [removed: ${removed.join(', ')}]` : '';
  return (cap(redacted, (options.max ?? MAX_TEXT) - mark.length) + mark).trimStart();
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

function cap(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = max - ' ... [cut: 99999999 more]'.length;
  // A surrogate pair is not split: half of it would be no character at all.
  const head = text
    .slice(0, kept)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd();
  return `${head} ... [cut: ${text.length - head.length} more]`;
}

/** What takes the place of a credential. */
export const SECRET_MARK = '[secret]';

/** Credentials recognised by their own shape. */
const SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
  /\bxox[a-z](?:\.xox[a-z])?-[\w-]{6,}/g,
  /\bxapp-[\w-]{6,}/g,
  /\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\bk8s-aws-v1\.[\w-]+/g,
  /\beyJ[\w-]{8,4096}\.[\w-]{8,}(?:\.[\w-]*)?/g,
];

/** Credentials recognised by what stands before them; the words before are kept, because they say what was there. */
const INTRODUCED: readonly RegExp[] = [
  /(\b(?:Bearer|Basic)\s+)[\w.+/=~-]{8,}/gi,
  // password=x, "token": "x", --api-key x, AWS_SECRET_ACCESS_KEY=x
  /((?:pass(?:word|wd|phrase)|(?<![a-z])pwd|secret(?:[_-]?(?:access[_-]?)?key)?|(?:api|access|auth|session|security|private)[_-]?(?:key|token)|(?<![a-z])token)["']?\s{0,3}[=:]\s{0,3})(?:"[^"]*"|'[^']*'|[^\s"'&;,|]+)/gi,
  /(--(?:password|passwd|token|secret|api-key|access-key)\s{1,3})(?:"[^"]*"|'[^']*'|[^\s"'&;,|-][^\s"'&;,|]*)/gi,
  // user:password@ of an address
  /(:\/\/[^\s/:@]{1,256}:)[^\s/@]{1,1024}(?=@)/g,
];

/** Replaces what looks like a credential. It errs on the side of replacing: evidence can do without a value. */
export function redactSecrets(text: string): string {
  const shaped = SHAPES.reduce((current, shape) => current.replace(shape, SECRET_MARK), text);
  return INTRODUCED.reduce((current, shape) => current.replace(shape, `$1${SECRET_MARK}`), shaped);
}
