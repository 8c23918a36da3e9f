import type { Code, Frame } from './callable.ts';
import { CornerError, LeftToInterpreterError } from './outside.ts';
import type { Run } from './run.ts';
import { appended, isList, isMark } from './values.ts';

export interface PairCode {
  readonly key: Code;
  readonly value: Code;
  /** The key, where the mapping writes it out. */
  readonly constant: string | undefined;
}

/** An object: of each value of the input its keys, and of all that share one the value. */
export function groupCode(pairs: readonly PairCode[]): (run: Run, input: unknown, frame: Frame) => unknown {
  const keys = pairs.map(({ constant }) => constant);
  const areConstant = keys.every((key) => key !== undefined) && new Set(keys).size === keys.length;
  return (run, input, frame) =>
    areConstant && !isList(input) ? writtenOut(pairs, run, input, frame) : grouped(pairs, run, input, frame);
}

/** With different written-out keys and one value there is nothing to group. */
function writtenOut(pairs: readonly PairCode[], run: Run, input: unknown, frame: Frame): unknown {
  const made: Record<string, unknown> = Object.create(null);
  for (const { constant, value } of pairs) {
    run.step();
    const one = value(run, input, frame);
    if (one !== undefined && constant !== undefined) made[constant] = one;
  }
  return made;
}

interface Group {
  data: unknown;
  readonly pair: PairCode;
}

function grouped(pairs: readonly PairCode[], run: Run, input: unknown, frame: Frame): unknown {
  const items: readonly unknown[] = isList(input) ? input : [input];
  // There the empty list itself gets a member, and whoever reads it later sees that.
  if (items.length === 0 && isList(input) && input.sequence !== true) throw new CornerError('an empty list is grouped');
  const groups = new Map<string, Group>();
  // Of an empty list the object is made once, of nothing.
  for (const item of items.length === 0 ? [undefined] : items) {
    for (const pair of pairs) {
      const key = pair.key(run, item, frame);
      if (key !== undefined) put(groups, key, item, pair);
    }
  }
  const made: Record<string, unknown> = Object.create(null);
  for (const [key, { data, pair }] of groups) {
    const value = pair.value(run, data, frame);
    if (value !== undefined) made[key] = value;
  }
  return made;
}

function put(groups: Map<string, Group>, key: unknown, item: unknown, pair: PairCode): void {
  if (typeof key !== 'string') throw new LeftToInterpreterError('a key is no text');
  if (isMark(key)) throw new CornerError('a key is a name that the interpreter takes for its own');
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { data: item, pair });
  else if (group.pair === pair) group.data = appended(group.data, item);
  else throw new LeftToInterpreterError('two keys are one');
}
