/**
 * The text as a JSON value; undefined when it is none. A byte order mark is dropped (the vendor's own code does so), and
 * integers beyond 2^53 become texts: machine ids and process hashes are that large, and `JSON.parse` would round them
 * to the id of another machine.
 */
export function parseJsonText(text: string): unknown {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return JSON.parse(withLargeIntegersAsText(plain));
  } catch {
    // Not JSON is an answer here, not a failure: the caller turns undefined into a reason for people.
    return undefined;
  }
}

/** Fewer digits always fit into 2^53. */
const SAFE_DIGITS = 15;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** One pass, whatever the text is; strings are passed over. */
function withLargeIntegersAsText(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  const pieces: string[] = [];
  let kept = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      index = afterString(text, index);
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = index;
      const literal = NUMBER.exec(text)?.[0] ?? '-';
      if (isLargeInteger(literal)) {
        pieces.push(text.slice(kept, index), `"${literal}"`);
        kept = index + literal.length;
      }
      index += literal.length;
    } else {
      index += 1;
    }
  }
  return pieces.join('') + text.slice(kept);
}

function isLargeInteger(literal: string): boolean {
  return /^-?\d+$/.test(literal) && literal.length > SAFE_DIGITS;
}

function afterString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}
