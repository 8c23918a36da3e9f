/** Integers of this many digits may lie beyond 2^53, where a JavaScript number would name another resource. */
const UNSAFE_DIGITS = 16;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * A text as a JSON value, integers of 16 digits and more as text: ids of Google Cloud instances have up to 20, and rounding
 * one makes another resource of it. A byte order mark is forgiven. @returns undefined when it is no JSON
 */
export function parseExact(text: string): unknown {
  const bare = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  try {
    return JSON.parse(quoted(bare));
  } catch {
    // Not JSON is an answer here, not a failure: the caller says so in its own words.
    return undefined;
  }
}

/** Long integers outside strings in quotes. One pass, whatever the text is. */
function quoted(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  let index = 0;
  while (index < text.length) {
    const character = text.charCodeAt(index);
    if (character === 0x22) {
      index = afterString(text, index);
    } else if (isNumeric(character)) {
      const end = afterNumber(text, index);
      const literal = text.slice(index, end);
      if (literal.length >= UNSAFE_DIGITS && /^-?\d+$/.test(literal)) {
        pieces.push(text.slice(kept, index), `"${literal}"`);
        kept = end;
      }
      index = end;
    } else {
      index += 1;
    }
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(kept);
}

function afterString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== 0x22) index += text.charCodeAt(index) === 0x5c ? 2 : 1;
  return index + 1;
}

function afterNumber(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && isNumeric(text.charCodeAt(index))) index += 1;
  return index;
}

/** Digits and what else a JSON number may hold: `-`, `+`, `.`, `e`, `E`. */
function isNumeric(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2b || code === 0x2e || code === 0x65 || code === 0x45
  );
}
