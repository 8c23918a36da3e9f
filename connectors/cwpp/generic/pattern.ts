const REPEATS = '*+{';

/**
 * Whether a pattern repeats a group that itself holds a repetition, `(a+)+`: such a pattern can take forever on a text the
 * sender chooses. A rough sign, on the safe side.
 */
export function isRunaway(source: string): boolean {
  const plain = source.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_');
  /** For each open group, whether something in it is repeated. */
  const open: boolean[] = [];
  for (const [index, character] of [...plain].entries()) {
    if (character === '(') open.push(false);
    else if (character === ')') {
      const holds = open.pop() ?? false;
      if (holds && REPEATS.includes(plain[index + 1] ?? ' ')) return true;
      if (holds) markInnermost(open);
    } else if (REPEATS.includes(character)) markInnermost(open);
  }
  return false;
}

function markInnermost(open: boolean[]): void {
  if (open.length > 0) open[open.length - 1] = true;
}
