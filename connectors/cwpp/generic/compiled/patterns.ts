import { Handed, Pattern } from './callable.ts';
import { CornerError, LeftToInterpreterError } from './outside.ts';
import type { Run } from './run.ts';
import { add, sequenceOf } from './values.ts';

/** The functions of jsonata that take a pattern, which are promises there. Their arguments have been checked. */
export function contains(_run: Run, [text, what]: readonly unknown[]): unknown {
  if (text === undefined || what === undefined) return undefined;
  if (typeof what === 'string') return textOf(text).includes(what);
  return matchesOf(textOf(text), what).next().done !== true;
}

export function match(_run: Run, [text, what, limit]: readonly unknown[]): unknown {
  if (text === undefined) return undefined;
  const made = sequenceOf();
  for (const found of limited(matchesOf(textOf(text), what), limit)) {
    add(made, { match: found[0], index: found.index, groups: found.slice(1) });
  }
  return made;
}

export function split(_run: Run, [text, by, limit]: readonly unknown[]): unknown {
  if (text === undefined) return undefined;
  const whole = textOf(text);
  const most = limitOf(limit);
  if (most === 0) return [];
  if (typeof by === 'string') return whole.split(by, most);
  const parts: string[] = [];
  let from = 0;
  for (const found of limited(matchesOf(whole, by), limit)) {
    parts.push(whole.substring(from, found.index));
    from = found.index + found[0].length;
  }
  if (most === undefined || parts.length < most) parts.push(whole.substring(from));
  return parts;
}

export function replace(_run: Run, [text, what, by, limit]: readonly unknown[]): unknown {
  if (text === undefined) return undefined;
  const whole = textOf(text);
  if (what === '') throw new LeftToInterpreterError('nothing is to be replaced');
  if (typeof by !== 'string') throw new CornerError('a replacement is no text');
  const most = limitOf(limit);
  if (most === 0) return whole;
  if (typeof what === 'string') return replacedText(whole, what, by, most);
  let made = '';
  let from = 0;
  for (const found of limited(matchesOf(whole, what), limit)) {
    made += whole.substring(from, found.index) + filledIn(by, found);
    from = found.index + found[0].length;
  }
  return made + whole.substring(from);
}

function replacedText(whole: string, what: string, by: string, most: number | undefined): string {
  let made = '';
  let from = 0;
  let count = 0;
  for (let at = whole.indexOf(what); at !== -1 && (most === undefined || count < most); count += 1) {
    made += whole.substring(from, at) + by;
    from = at + what.length;
    at = whole.indexOf(what, from);
  }
  return made + whole.substring(from);
}

/** `$1` and the like of a replacement, `$$` for the sign; a sign before anything else stands for itself. */
function filledIn(by: string, found: RegExpExecArray): string {
  const groups = found.slice(1);
  const most = groups.length === 0 ? 1 : Math.floor(Math.log(groups.length) * Math.LOG10E) + 1;
  let made = '';
  let from = 0;
  for (let at = by.indexOf('$'); at !== -1; at = by.indexOf('$', from)) {
    made += by.substring(from, at);
    from = at + 1;
    const next = by.charAt(from);
    if (next === '$' || next === '0') {
      made += next === '$' ? '$' : found[0];
      from += 1;
      continue;
    }
    const group = groupAt(by, from, most, groups.length);
    if (Number.isNaN(group)) {
      made += '$';
      continue;
    }
    made += groups[group - 1] ?? '';
    from += String(group).length;
  }
  return made + by.substring(from);
}

function groupAt(by: string, from: number, digits: number, groups: number): number {
  const group = Number.parseInt(by.substring(from, from + digits), 10);
  return digits > 1 && group > groups ? Number.parseInt(by.substring(from, from + digits - 1), 10) : group;
}

/** @throws LeftToInterpreterError for a pattern that matches nothing twice, which it refuses */
function* matchesOf(text: string, what: unknown): Generator<RegExpExecArray, undefined> {
  let pattern = what;
  while (pattern instanceof Handed) pattern = pattern.callable;
  if (!(pattern instanceof Pattern)) throw new CornerError('a pattern is a function');
  const { expression } = pattern;
  expression.lastIndex = 0;
  for (let found = expression.exec(text), first = true; found !== null; first = false) {
    if (!first && found[0] === '') throw new LeftToInterpreterError('a pattern matches nothing');
    yield found;
    if (expression.lastIndex >= text.length) return undefined;
    found = expression.exec(text);
  }
  return undefined;
}

/** Each one is asked for only after the one before, and none beyond the limit but the next, as the interpreter does. */
function* limited(found: Iterable<RegExpExecArray>, limit: unknown): Generator<RegExpExecArray, undefined> {
  const most = limitOf(limit);
  if (most === 0) return undefined;
  let count = 0;
  for (const one of found) {
    if (most !== undefined && count >= most) return undefined;
    yield one;
    count += 1;
  }
  return undefined;
}

function limitOf(limit: unknown): number | undefined {
  if (limit === undefined) return undefined;
  if (typeof limit !== 'number' || limit < 0) throw new LeftToInterpreterError('a limit is below zero');
  return limit;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new LeftToInterpreterError('no text where one is expected');
  return value;
}
