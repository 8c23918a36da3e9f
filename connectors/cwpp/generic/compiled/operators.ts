import { LIMITS } from '../limits.ts';
import type { Code } from './callable.ts';
import type { Operator } from './expression.ts';
import { LeftToInterpreterError } from './outside.ts';
import { isEqual, isList, isNumeric, isTrue, type List, sequenceOf, textOf } from './values.ts';

/** A binary operator over two codes; `and` and `or` ask the right one only where it counts. */
export function operatorCode(operator: Operator, left: Code, right: Code): Code {
  switch (operator) {
    case 'and':
      return (run, input, frame) => isTrue(left(run, input, frame)) && isTrue(right(run, input, frame));
    case 'or':
      return (run, input, frame) => isTrue(left(run, input, frame)) || isTrue(right(run, input, frame));
    case '=':
    case '!=':
    case 'in':
      return strict(equality(operator), left, right);
    case '&':
      return strict((one, other) => textOf(one) + textOf(other), left, right);
    case '..':
      return strict(range, left, right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return strict(comparison(operator), left, right);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return strict(arithmetic(operator), left, right);
  }
}

export function negativeCode(code: Code): Code {
  return (run, input, frame) => {
    const value = code(run, input, frame);
    if (value === undefined) return undefined;
    if (isNumeric(value)) return -value;
    throw new LeftToInterpreterError('what is no number is negated');
  };
}

function strict(of: (left: unknown, right: unknown) => unknown, left: Code, right: Code): Code {
  return (run, input, frame) => {
    const one = left(run, input, frame);
    return of(one, right(run, input, frame));
  };
}

function equality(operator: '=' | '!=' | 'in'): (left: unknown, right: unknown) => boolean {
  return (left, right) => {
    if (left === undefined || right === undefined) return false;
    if (operator === 'in') return isList(right) ? right.some((one) => one === left) : right === left;
    return isEqual(left, right) === (operator === '=');
  };
}

function arithmetic(operator: '+' | '-' | '*' | '/' | '%'): (left: unknown, right: unknown) => unknown {
  return (left, right) => {
    const [one, other] = [numberOf(left), numberOf(right)];
    if (one === undefined || other === undefined) return undefined;
    switch (operator) {
      case '+':
        return one + other;
      case '-':
        return one - other;
      case '*':
        return one * other;
      case '/':
        return one / other;
      case '%':
        return one % other;
    }
  };
}

function numberOf(value: unknown): number | undefined {
  if (value === undefined || isNumeric(value)) return value;
  throw new LeftToInterpreterError('a number is expected');
}

function comparison(operator: '<' | '<=' | '>' | '>='): (left: unknown, right: unknown) => boolean | undefined {
  return (left, right) => {
    if (!isComparable(left) || !isComparable(right)) throw new LeftToInterpreterError('what is compared has no order');
    if (left === undefined || right === undefined) return undefined;
    if (typeof left !== typeof right) throw new LeftToInterpreterError('a text is compared with a number');
    switch (operator) {
      case '<':
        return left < right;
      case '<=':
        return left <= right;
      case '>':
        return left > right;
      case '>=':
        return left >= right;
    }
  };
}

function isComparable(value: unknown): value is string | number | undefined {
  return value === undefined || typeof value === 'string' || typeof value === 'number';
}

function range(from: unknown, to: unknown): List | undefined {
  for (const end of [from, to]) {
    if (end !== undefined && !Number.isInteger(end))
      throw new LeftToInterpreterError('an end of a range is no integer');
  }
  if (typeof from !== 'number' || typeof to !== 'number' || from > to) return undefined;
  if (to - from + 1 > LIMITS.listLength) throw new LeftToInterpreterError('a range is too long');
  return sequenceOf(...Array.from({ length: to - from + 1 }, (_, index) => from + index));
}
