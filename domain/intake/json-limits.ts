/** How much structure a text may have before anything parses it. */
export interface JsonLimits {
  readonly maxDepth: number;
  /** Members of objects and elements of arrays together, in the whole text. */
  readonly maxMembers: number;
}

/**
 * Far above what any vendor sends, far below what hurts: `JSON.stringify` and every recursive walk fail from 10,000
 * levels, and a million members cost hundreds of megabytes once parsed (measured, Node 20 and 24).
 */
export const INTAKE_LIMITS: JsonLimits = { maxDepth: 100, maxMembers: 50_000 };

export type JsonMeasure =
  | { readonly ok: true; readonly depth: number; readonly members: number }
  | { readonly ok: false; readonly reason: 'too deep' | 'too many members' };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Measures a text in one pass without recursion, so that a hostile one is refused before `JSON.parse` builds it. It does
 * not check the grammar: for JSON the numbers are exact, for anything else they bound what a parser could have seen.
 */
export function measureJson(text: string, limits: JsonLimits = INTAKE_LIMITS): JsonMeasure {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  /** True right after an opening bracket: what follows is the first member, unless it is the closing one. */
  let opened = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code <= 0x20) continue;
    if (opened && code !== CLOSE_BRACKET && code !== CLOSE_BRACE) members += 1;
    opened = false;
    switch (code) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth += 1;
        deepest = Math.max(deepest, depth);
        opened = true;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        // Never below zero: closing brackets nobody opened must not hide the depth of what follows.
        depth = Math.max(0, depth - 1);
        break;
      case COMMA:
        members += 1;
        break;
    }
    if (deepest > limits.maxDepth) return { ok: false, reason: 'too deep' };
    if (members > limits.maxMembers) return { ok: false, reason: 'too many members' };
  }
  return { ok: true, depth: deepest, members };
}

/** Index of the closing quote of the string that opens at `start`, or of the text's end. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === BACKSLASH) index += 1;
    else if (code === QUOTE) return index;
  }
  return text.length;
}
