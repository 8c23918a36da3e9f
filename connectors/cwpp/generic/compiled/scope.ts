import { type Code, type Frame, isCallable, UNBOUND } from './callable.ts';
import type { Expression } from './expression.ts';
import { isNative } from './natives.ts';
import { CornerError, OutsideError } from './outside.ts';

interface Variable {
  readonly slot: number;
  /** A parameter always has a value; a variable of a block may be read before it is bound, and then an outer one counts. */
  readonly bound: boolean;
  readonly callable: boolean;
}

/** The names a block or function binds, known before it runs: a variable is a place and not a search by name. */
export class Scope {
  readonly #parent: Scope | undefined;
  readonly #variables = new Map<string, Variable>();

  private constructor(parent: Scope | undefined) {
    this.#parent = parent;
  }

  static top(): Scope {
    return new Scope(undefined);
  }

  get size(): number {
    return this.#variables.size;
  }

  ofFunction(parameters: readonly string[]): Scope {
    const scope = new Scope(this);
    for (const name of parameters) {
      if (!scope.#variables.has(name)) {
        scope.#variables.set(name, { slot: scope.size, bound: true, callable: false });
      }
    }
    return scope;
  }

  ofBlock(statements: readonly Expression[]): Scope {
    const scope = new Scope(this);
    for (const statement of statements) {
      if (statement.type !== 'bind') continue;
      const { name, to } = statement;
      const before = scope.#variables.get(name);
      const callable = before?.callable === true || scope.#isFunction(to);
      scope.#variables.set(name, { slot: before?.slot ?? scope.size, bound: false, callable });
    }
    return scope;
  }

  slotOf(name: string): number {
    const variable = this.#variables.get(name);
    if (variable === undefined) throw new OutsideError(`it binds $${name} within an expression`);
    return variable.slot;
  }

  /** The value of a variable, whatever it is. */
  read(name: string): Code {
    const places = this.#placesOf(name);
    const [first, ...more] = places;
    const last = lastOf(name, places.at(-1)?.variable);
    if (first === undefined) return last;
    if (more.length === 0) {
      const { up, variable } = first;
      return (run, input, frame) => {
        const value = slotAt(frame, up, variable.slot);
        return value === UNBOUND ? last(run, input, frame) : value;
      };
    }
    return (run, input, frame) => {
      for (const { up, variable } of places) {
        const value = slotAt(frame, up, variable.slot);
        if (value !== UNBOUND) return value;
      }
      return last(run, input, frame);
    };
  }

  /** The value of a variable where a function would be out of place. */
  readValue(name: string): Code {
    if (this.#mayBeFunction(name)) throw new OutsideError(`it uses the function $${name} as a value`);
    const read = this.read(name);
    return (run, input, frame) => {
      const value = read(run, input, frame);
      if (isCallable(value)) throw new CornerError('a function stands where a value is expected');
      return value;
    };
  }

  /** Whether no block and no function binds the name. */
  isFree(name: string): boolean {
    return this.#placesOf(name).length === 0;
  }

  #isFunction(of: Expression): boolean {
    return of.type === 'lambda' || of.type === 'regex' || (of.type === 'variable' && this.#mayBeFunction(of.name));
  }

  #mayBeFunction(name: string): boolean {
    const places = this.#placesOf(name);
    if (places.some(({ variable }) => variable.callable)) return true;
    return places.length === 0 && isNative(name);
  }

  #placesOf(name: string): readonly { readonly up: number; readonly variable: Variable }[] {
    const places: { readonly up: number; readonly variable: Variable }[] = [];
    let up = 0;
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#parent) {
      const variable = scope.#variables.get(name);
      if (variable !== undefined) places.push({ up, variable });
      if (variable?.bound === true) break;
      up += 1;
    }
    return places;
  }
}

function slotAt(frame: Frame, up: number, slot: number): unknown {
  let at: Frame | undefined = frame;
  for (let left = up; left > 0; left -= 1) at = at?.parent;
  return at?.slots[slot];
}

/** What a name means that no block and no function has bound, or not yet. */
function lastOf(name: string, bound: Variable | undefined): Code {
  if (bound?.bound === true) return () => undefined;
  if (name === '$') return (run) => run.root;
  if (isNative(name)) return (run) => run.natives.get(name);
  if (bound !== undefined) return () => undefined;
  throw new OutsideError(`it uses $${name.slice(0, 80)}, which is not compiled`);
}
