/**
 * The body's text as a JSON value; undefined when it is none. Whether the console writes nothing at all for an empty bare
 * macro (`"labels": ,`) is unverified (reference 1.2), so such a gap is read as null before giving up. A byte order mark is forgiven.
 */
export function parseBodyText(text: string): unknown {
  const unmarked = text.startsWith('\ufeff') ? text.slice(1) : text;
  return tryParse(unmarked) ?? tryParse(withoutGaps(unmarked));
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer here, not a failure: the caller turns undefined into a reason for people.
    return undefined;
  }
}

/** `: ,` and `: }` outside strings become `:null,` and `:null}`. One pass, whatever the text is. */
function withoutGaps(text: string): string {
  const pieces: string[] = [];
  let kept = 0;
  let index = 0;
  while (index < text.length) {
    const character = text[index];
    if (character === '"') {
      index = afterString(text, index);
      continue;
    }
    index += 1;
    if (character !== ':') continue;
    const next = afterSpace(text, index);
    if (text[next] === ',' || text[next] === '}') {
      pieces.push(text.slice(kept, index), 'null');
      kept = index;
    }
    index = next;
  }
  return pieces.join('') + text.slice(kept);
}

function afterString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

function afterSpace(text: string, start: number): number {
  let index = start;
  while (index < text.length && ' \t\r\n'.includes(text[index] ?? '')) index += 1;
  return index;
}
