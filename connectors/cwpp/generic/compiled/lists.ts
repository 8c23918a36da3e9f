import type { Code } from './callable.ts';
import { sorted } from './higher-order.ts';
import { LeftToInterpreterError } from './outside.ts';
import { appended, isList, type List } from './values.ts';

/** A list in brackets: of its members those that are lists are joined, but for those in brackets themselves. */
export function listCode(items: readonly { readonly nested: boolean; readonly code: Code }[], isCons: boolean): Code {
  return (run, input, frame) => {
    let made: List = [];
    for (const { nested, code } of items) {
      const value = code(run, input, frame);
      if (value === undefined) continue;
      if (nested) made.push(value);
      else made = listOf(appended(made, value));
    }
    if (isCons) Object.defineProperty(made, 'cons', { value: true });
    return made;
  };
}

/** `^( )`: by one term after the other. */
export function sortCode(terms: readonly { readonly descending: boolean; readonly by: Code }[]): Code {
  return (run, input, frame) => {
    const values = listOf(input);
    if (values.length <= 1) return values;
    return sorted(values, (left, right) => {
      for (const { descending, by } of terms) {
        const order = orderOf(by(run, left, frame), by(run, right, frame), descending);
        if (order !== 0) return order > 0;
      }
      return false;
    });
  };
}

/** What is absent stands last, whichever way the rest is sorted. */
function orderOf(left: unknown, right: unknown, descending: boolean): number {
  if (left === undefined) return right === undefined ? 0 : 1;
  if (right === undefined) return -1;
  const bothTexts = typeof left === 'string' && typeof right === 'string';
  const bothNumbers = typeof left === 'number' && typeof right === 'number';
  if (!bothTexts && !bothNumbers) throw new LeftToInterpreterError('what is sorted has no order');
  if (left === right) return 0;
  return left < right === descending ? 1 : -1;
}

function listOf(value: unknown): List {
  if (!isList(value)) throw new LeftToInterpreterError('no list where one is expected');
  return value;
}
