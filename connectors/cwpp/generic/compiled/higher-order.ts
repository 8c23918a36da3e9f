import { type AnyCallable, applied, Handed, isCallable, Lambda } from './callable.ts';
import { LeftToInterpreterError } from './outside.ts';
import type { Run } from './run.ts';
import { add, isList, isNumeric, isTrue, type List, sequenceOf } from './values.ts';

/** The functions of jsonata that call a function, which are promises there. Their arguments have been checked. */
export function map(run: Run, [list, by]: readonly unknown[]): unknown {
  if (list === undefined) return undefined;
  const made = sequenceOf();
  for (const [index, one] of listOf(list).entries()) {
    const value = called(run, by, one, index, list);
    if (value !== undefined) add(made, value);
  }
  return made;
}

export function filter(run: Run, [list, by]: readonly unknown[]): unknown {
  if (list === undefined) return undefined;
  const made = sequenceOf();
  for (const [index, one] of listOf(list).entries()) {
    if (isTrue(called(run, by, one, index, list))) add(made, one);
  }
  return made;
}

export function single(run: Run, [list, by]: readonly unknown[]): unknown {
  if (list === undefined) return undefined;
  const found: unknown[] = [];
  for (const [index, one] of listOf(list).entries()) {
    if (by === undefined || isTrue(called(run, by, one, index, list))) found.push(one);
  }
  if (found.length !== 1) throw new LeftToInterpreterError('not exactly one matches');
  return found[0];
}

export function reduce(run: Run, [list, by, start]: readonly unknown[]): unknown {
  if (list === undefined) return undefined;
  const callable = callableOf(by);
  if (callable.arity < 2) throw new LeftToInterpreterError('the function takes too few arguments');
  const members = listOf(list);
  const fromFirst = start === undefined && members.length > 0;
  let result = fromFirst ? members[0] : start;
  for (let index = fromFirst ? 1 : 0; index < members.length; index += 1) {
    const args = [result, members[index], index, list].slice(0, Math.max(2, Math.min(4, callable.arity)));
    result = invoked(run, callable, args);
  }
  return result;
}

export function each(run: Run, [object, by]: readonly unknown[]): unknown {
  const made = sequenceOf();
  for (const [key, value] of entriesOf(object)) {
    const result = called(run, by, value, key, object);
    if (result !== undefined) add(made, result);
  }
  return made;
}

export function sift(run: Run, [object, by]: readonly unknown[]): unknown {
  const kept: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entriesOf(object)) {
    if (isTrue(called(run, by, value, key, object))) kept[key] = value;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

export function sort(run: Run, [list, by]: readonly unknown[]): unknown {
  if (list === undefined) return undefined;
  const members = listOf(list);
  if (members.length <= 1) return members;
  if (by !== undefined) {
    const callable = callableOf(by);
    if (!(callable instanceof Handed)) throw new LeftToInterpreterError('the comparison is no function');
    return sorted(members, (left, right) => Boolean(invoked(run, callable, [left, right])));
  }
  if (members.every((one) => isNumeric(one))) return sorted(members, isGreater);
  if (members.every((one) => typeof one === 'string')) return sorted(members, isGreater);
  throw new LeftToInterpreterError('neither numbers nor texts are sorted');
}

function isGreater(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left > right;
  return String(left) > String(right);
}

/** The merge sort of jsonata, which compares in the same order: a comparison may say anything. */
export function sorted(list: readonly unknown[], swaps: (left: unknown, right: unknown) => boolean): unknown[] {
  if (list.length <= 1) return [...list];
  const middle = Math.floor(list.length / 2);
  const [left, right] = [sorted(list.slice(0, middle), swaps), sorted(list.slice(middle), swaps)];
  const merged: unknown[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    if (swaps(left[l], right[r])) {
      merged.push(right[r]);
      r += 1;
    } else {
      merged.push(left[l]);
      l += 1;
    }
  }
  return [...merged, ...left.slice(l), ...right.slice(r)];
}

/** With as many arguments as the function takes. */
function called(run: Run, by: unknown, value: unknown, place: unknown, whole: unknown): unknown {
  const callable = callableOf(by);
  return invoked(run, callable, [value, place, whole].slice(0, Math.max(1, Math.min(3, callable.arity))));
}

function invoked(run: Run, callable: AnyCallable, args: readonly unknown[]): unknown {
  if (callable instanceof Handed) return applied(run, callable, args, undefined);
  // In the last place of a function the interpreter hands a function on as it is.
  if (callable instanceof Lambda) return applied(run, callable, args, callable.input);
  throw new LeftToInterpreterError('what is called is no function');
}

function callableOf(value: unknown): AnyCallable {
  if (!isCallable(value)) throw new LeftToInterpreterError('what is called is no function');
  return value;
}

function listOf(value: unknown): List {
  if (!isList(value)) throw new LeftToInterpreterError('no list where one is expected');
  return value;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
