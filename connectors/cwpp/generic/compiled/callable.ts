import { LIMITS } from '../limits.ts';
import { CornerError, LeftToInterpreterError } from './outside.ts';
import type { Run } from './run.ts';
import { add, type List } from './values.ts';

export type Code = (run: Run, input: unknown, frame: Frame) => unknown;

/** The variables of a block or a call of a function; which slot holds which name is known when a mapping is compiled. */
export class Frame {
  readonly parent: Frame | undefined;
  readonly slots: unknown[];

  constructor(parent: Frame | undefined, slots: unknown[]) {
    this.parent = parent;
    this.slots = slots;
  }
}

/** A function as a value. The mark is the one by which the interpreter's own checks of arguments know a function. */
abstract class Callable {
  readonly _jsonata_function = true;
  abstract readonly arity: number;
}

export class Lambda extends Callable {
  readonly parameters: readonly number[];
  readonly slots: number;
  readonly body: Code;
  readonly input: unknown;
  readonly frame: Frame;

  constructor(made: Omit<Lambda, 'arity' | '_jsonata_function'>) {
    super();
    this.parameters = made.parameters;
    this.slots = made.slots;
    this.body = made.body;
    this.input = made.input;
    this.frame = made.frame;
  }

  get arity(): number {
    return this.parameters.length;
  }
}

/** What jsonata keeps of one of its functions, taken from it: the check of its arguments and the function are its own. */
export interface Definition {
  readonly implementation: (this: unknown, ...args: unknown[]) => unknown;
  readonly signature: { readonly validate: (args: readonly unknown[], context: unknown) => unknown[] };
}

/** A function of jsonata that is no promise, or our form of one that is. */
export class Native extends Callable {
  readonly definition: Definition;
  readonly own: ((run: Run, args: readonly unknown[]) => unknown) | undefined;

  constructor(definition: Definition, own: Native['own']) {
    super();
    this.definition = definition;
    this.own = own;
  }

  get arity(): number {
    return this.definition.implementation.length;
  }

  call(run: Run, args: readonly unknown[], context: unknown): unknown {
    const checked = this.definition.signature.validate(args, context);
    const place = this.own === undefined ? undefined : PLACE_OF_FUNCTION;
    if (checked.some((one, index) => index !== place && holdsCallable(one))) {
      throw new CornerError('a function is an argument where a value is expected');
    }
    if (this.own !== undefined) return this.own(run, checked);
    return this.definition.implementation.apply(focusOf(run, context), checked);
  }
}

/** Functions and patterns are second to what they are for. */
const PLACE_OF_FUNCTION = 1;

/** Where a list is expected one value stands for a list of it, a function too. */
function holdsCallable(value: unknown): boolean {
  return isCallable(value) || (Array.isArray(value) && value.length === 1 && isCallable(value[0]));
}

/** A function handed to another: the interpreter calls it without a context. */
export class Handed extends Callable {
  readonly callable: AnyCallable;

  constructor(callable: AnyCallable) {
    super();
    this.callable = callable;
  }

  get arity(): number {
    return this.callable.arity;
  }
}

/** A pattern. Each evaluation has its own expression, because that remembers where it stands. */
export class Pattern extends Callable {
  readonly arity = 2;
  readonly expression: RegExp;

  constructor(pattern: RegExp) {
    super();
    this.expression = new RegExp(pattern);
  }
}

export type AnyCallable = Lambda | Native | Handed | Pattern;

/** A call in the last place of a function, still to be made. */
export class Thunk {
  readonly callee: Code;
  readonly args: readonly Code[];
  readonly input: unknown;
  readonly frame: Frame;

  constructor(made: Thunk) {
    this.callee = made.callee;
    this.args = made.args;
    this.input = made.input;
    this.frame = made.frame;
  }
}

export function isCallable(value: unknown): value is AnyCallable {
  return value instanceof Lambda || value instanceof Native || value instanceof Handed || value instanceof Pattern;
}

/** Calls until there is a value; a call in last place needs no stack. */
export function applied(run: Run, callable: unknown, args: readonly unknown[], input: unknown): unknown {
  let result = appliedOnce(run, callable, args, input);
  while (result instanceof Thunk) {
    const { callee, args: codes, input: itsInput, frame } = result;
    const next = callee(run, itsInput, frame);
    const values = codes.map((code) => code(run, itsInput, frame));
    result = appliedOnce(run, next, values, input);
  }
  return result;
}

function appliedOnce(run: Run, callable: unknown, args: readonly unknown[], input: unknown): unknown {
  run.look();
  if (callable instanceof Native) return callable.call(run, args, input);
  if (callable instanceof Handed) return applied(run, callable.callable, args, null);
  if (callable instanceof Lambda) {
    const slots = new Array<unknown>(callable.slots).fill(UNBOUND);
    callable.parameters.forEach((slot, index) => {
      slots[slot] = args[index];
    });
    return callable.body(run, callable.input, new Frame(callable.frame, slots));
  }
  throw new LeftToInterpreterError('what is called is no function');
}

export const UNBOUND = Symbol('a variable before it is bound');

/** What jsonata's functions find as `this`. */
function focusOf(run: Run, input: unknown) {
  return {
    input,
    options: { sequence: LIMITS.listLength },
    environment: { timestamp: run.now },
    createSequence: (...values: unknown[]): List => limitedSequence(values),
  };
}

function limitedSequence(values: readonly unknown[]): List {
  const made: List = [];
  Object.defineProperty(made, 'push', {
    value: (...more: unknown[]): number => {
      for (const one of more) add(made, one);
      return made.length;
    },
  });
  made.sequence = true;
  if (values.length === 1) add(made, values[0]);
  return made;
}
