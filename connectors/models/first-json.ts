/** A text with more braces that lead nowhere is not an answer somebody meant. */
const MAX_STARTS = 20;

/**
 * The first balanced JSON object of a text, for models that wrap it in prose or a code fence. Undefined if there is none.
 * An object that is cut off never counts, nor does an inner object of one that is.
 */
export function firstJsonObject(text: string): unknown {
  let start = text.indexOf('{');
  for (let tries = 0; start !== -1 && tries < MAX_STARTS; tries += 1) {
    const end = balancedEnd(text, start);
    if (end === undefined) return undefined;
    const value = parsed(text.slice(start, end));
    if (value !== undefined) return value.json;
    start = text.indexOf('{', start + 1);
  }
  return undefined;
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    // Prose with braces: the caller looks for the next one.
    return undefined;
  }
}

/** Position after the brace that closes the one at `start`; braces inside strings do not count. */
function balancedEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}
