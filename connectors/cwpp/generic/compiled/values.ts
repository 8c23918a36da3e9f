import { LIMITS } from '../limits.ts';
import { CornerError, LeftToInterpreterError } from './outside.ts';

/**
 * JSONata's lists. A sequence is an array with a mark: one of length one is the one, an empty one is nothing. Other arrays
 * stay as they are. The marks are the interpreter's own, because its functions read and set them too.
 */
export interface List extends Array<unknown> {
  sequence?: boolean;
  keepSingleton?: boolean;
  cons?: boolean;
  /** The body itself is a list, and stands as one value. */
  outerWrapper?: boolean;
}

/** Names the interpreter also looks for on plain values: a body or key that holds one is left to it. */
const MARKS: ReadonlySet<string> = new Set(['tupleStream', 'outerWrapper', '_jsonata_lambda', '_jsonata_function']);

export function isMark(key: string): boolean {
  return MARKS.has(key);
}

/** Whether a JSON value holds a name that the interpreter gives a meaning. As deep as JSON goes, so no recursion. */
export function holdsMark(value: unknown): boolean {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const one = pending.pop();
    if (typeof one !== 'object' || one === null) continue;
    if (Array.isArray(one)) {
      for (const member of one) pending.push(member);
      continue;
    }
    for (const [key, member] of Object.entries(one)) {
      if (MARKS.has(key)) return true;
      if (typeof member === 'object') pending.push(member);
    }
  }
  return false;
}

export function isList(value: unknown): value is List {
  return Array.isArray(value);
}

export function sequenceOf(...values: readonly unknown[]): List {
  const made: List = [...values];
  made.sequence = true;
  return made;
}

export function add(list: List, value: unknown): void {
  if (list.length >= LIMITS.listLength) throw new LeftToInterpreterError('a list is too long');
  // Not `push`: the lists made for jsonata's own functions have one that comes here.
  list[list.length] = value;
}

/** What a node answers with: a sequence of one as the one. */
export function settled(value: unknown, keepArray: boolean): unknown {
  if (!isList(value) || value.sequence !== true) return value;
  if (keepArray) value.keepSingleton = true;
  if (value.length === 0) return undefined;
  return value.length === 1 && value.keepSingleton !== true ? value[0] : value;
}

export function isNumeric(value: unknown): value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) return false;
  if (!Number.isFinite(value)) throw new LeftToInterpreterError('a number is out of range');
  return true;
}

/** `$boolean`, for which an absent value is absent; here it is false, as everywhere it is asked for. */
export function isTrue(value: unknown): boolean {
  if (isList(value)) return value.length === 1 ? isTrue(value[0]) : value.some((one) => isTrue(one));
  if (typeof value === 'string') return value.length > 0;
  if (isNumeric(value)) return value !== 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value === true;
}

export function lookUp(input: unknown, name: string): unknown {
  if (isList(input)) {
    const found = sequenceOf();
    for (const one of input) {
      const value = lookUp(one, name);
      if (isList(value)) for (const member of value) add(found, member);
      else if (value !== undefined) add(found, value);
    }
    return found;
  }
  if (typeof input !== 'object' || input === null || !Object.hasOwn(input, name)) return undefined;
  return (input as Readonly<Record<string, unknown>>)[name];
}

export function appended(to: unknown, value: unknown): unknown {
  if (to === undefined) return value;
  if (value === undefined) return to;
  const before = isList(to) ? to : [to];
  const after = isList(value) ? value : [value];
  if (before.length + after.length > LIMITS.listLength) throw new LeftToInterpreterError('a list is too long');
  return before.concat(after);
}

export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((one, index) => isEqual(one, right[index]));
  }
  if (isList(left)) return isLikeList(right);
  if (isList(right)) return isLikeList(left);
  const [lefts, rights] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
  if (lefts.size !== rights.size) return false;
  return [...lefts].every(([key, value]) => rights.has(key) && isEqual(value, rights.get(key)));
}

/** The interpreter compares the length of a list too, as if it were a member; without one an object is no list. */
function isLikeList(object: object): false {
  if (!Object.hasOwn(object, 'length')) return false;
  throw new CornerError('a list is compared with an object that has a length');
}

/** `$string`, with an absent value as the empty text that `&` takes it for. */
export function textOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  const whole = isList(value) && value.outerWrapper === true ? value[0] : value;
  return JSON.stringify(whole, (_key, one: unknown) =>
    isNumeric(one) && !Number.isInteger(one) ? Number(one.toPrecision(15)) : one,
  );
}
