import { applied, type Code, Frame, Handed, isCallable, Lambda, Pattern, Thunk, UNBOUND } from './callable.ts';
import type { Base, Call, Expression, Filter, Pairs } from './expression.ts';
import { groupCode } from './group.ts';
import { listCode, sortCode } from './lists.ts';
import { isNative, takesFunction } from './natives.ts';
import { negativeCode, operatorCode } from './operators.ts';
import { OutsideError } from './outside.ts';
import { descendantsOf, type FilterCode, filtered, membersOf, pathCode, type Step } from './path.ts';
import type { Scope } from './scope.ts';
import { isList, isMark, isTrue, lookUp, settled } from './values.ts';

/** What an expression is made into: a function of its own, counted as the interpreter counts its node. */
export function codeOf(expression: Expression, scope: Scope): Code {
  const base = baseCode(expression, scope);
  const { keepArray } = expression;
  const predicates = expression.predicates.map((filter) => filterCode(filter, scope));
  const group = expression.group === undefined ? undefined : groupCode(pairCodes(expression.group, scope));
  if (predicates.length === 0 && group === undefined) {
    return (run, input, frame) => {
      run.enter();
      const value = base(run, input, frame);
      run.leave();
      return settled(value, keepArray);
    };
  }
  return (run, input, frame) => {
    run.enter();
    const kept = filtered(predicates, base(run, input, frame), run, frame);
    const value = group === undefined ? kept : group(run, kept, frame);
    run.leave();
    return settled(value, keepArray);
  };
}

function baseCode(of: Expression, scope: Scope): Code {
  switch (of.type) {
    case 'literal':
      return () => of.value;
    case 'name':
      return (_run, input) => lookUp(input, of.name);
    case 'variable':
      return of.name === '' ? (_run, input) => contextOf(input) : scope.readValue(of.name);
    case 'wildcard':
      return (_run, input) => membersOf(input);
    case 'descendant':
      return (_run, input) => descendantsOf(input);
    case 'path':
      return pathCode(
        of.steps.map((step, index) => stepOf(step, index, scope)),
        of.keepSingleton,
      );
    case 'sort':
      throw new OutsideError('it sorts outside a path');
    case 'binary':
      return operatorCode(of.operator, codeOf(of.left, scope), codeOf(of.right, scope));
    case 'negative':
      return negativeCode(codeOf(of.of, scope));
    case 'array':
      return listCode(
        of.items.map(({ nested, item }) => ({ nested, code: codeOf(item, scope) })),
        of.consarray,
      );
    case 'object':
      return groupCode(pairCodes(of.pairs, scope));
    case 'condition':
      return conditionCode(of, scope);
    case 'block':
      return blockCode(of.statements, scope);
    case 'bind':
      throw new OutsideError(`it binds $${of.name} within an expression`);
    case 'regex':
      throw new OutsideError('a pattern stands where a value is expected');
    case 'lambda':
      throw new OutsideError('a function stands where a value is expected');
    case 'call':
      return callCode(of, scope);
    case 'apply':
      return applyCode(of, scope);
    case 'thunk':
      return thunkCode(of.call, scope);
  }
}

type Of<T extends Base['type']> = Extract<Expression, { readonly type: T }>;

function contextOf(input: unknown): unknown {
  return isList(input) && input.outerWrapper === true ? input[0] : input;
}

function stepOf(step: Expression, index: number, scope: Scope): Step {
  const alone = step.predicates.length === 0 && step.group === undefined && !step.keepArray;
  if (index === 0 && step.consarray && (!alone || step.type !== 'array')) {
    throw new OutsideError('a path begins with a list in brackets that is filtered');
  }
  return {
    code:
      step.type === 'sort'
        ? sortCode(step.terms.map(({ descending, by }) => ({ descending, by: codeOf(by, scope) })))
        : codeOf(step, scope),
    stages: step.stages.map((filter) => filterCode(filter, scope)),
    name: step.type === 'name' && alone ? step.name : undefined,
    isVariable: step.type === 'variable',
    isSort: step.type === 'sort',
    consarray: step.consarray,
  };
}

function filterCode(filter: Filter, scope: Scope): FilterCode {
  return 'index' in filter ? filter : { when: codeOf(filter.when, scope) };
}

function pairCodes(pairs: Pairs, scope: Scope) {
  return pairs.map(([key, value]) => {
    const constant = key.type === 'literal' && typeof key.value === 'string' ? key.value : undefined;
    if (constant !== undefined && isMark(constant)) throw new OutsideError(`it has the key ${constant}`);
    return { key: codeOf(key, scope), value: codeOf(value, scope), constant };
  });
}

function conditionCode(of: Of<'condition'>, scope: Scope): Code {
  const [condition, yes] = [codeOf(of.condition, scope), codeOf(of.yes, scope)];
  const no = of.no === undefined ? () => undefined : codeOf(of.no, scope);
  return (run, input, frame) => (isTrue(condition(run, input, frame)) ? yes : no)(run, input, frame);
}

function blockCode(statements: readonly Expression[], outer: Scope): Code {
  const scope = outer.ofBlock(statements);
  const codes = statements.map((statement) => statementCode(statement, scope));
  const { size } = scope;
  return (run, input, frame) => {
    const own = new Frame(frame, new Array<unknown>(size).fill(UNBOUND));
    let result: unknown;
    for (const code of codes) result = code(run, input, own);
    return result;
  };
}

/** Only here may a variable be bound: the interpreter evaluates members of objects and lists side by side. */
function statementCode(statement: Expression, scope: Scope): Code {
  if (statement.type !== 'bind') return codeOf(statement, scope);
  if (statement.predicates.length > 0 || statement.group !== undefined || statement.keepArray) {
    throw new OutsideError(`it filters where it binds $${statement.name}`);
  }
  const slot = scope.slotOf(statement.name);
  const value = handedCode(statement.to, scope);
  return (run, input, frame) => {
    run.enter();
    const bound = value(run, input, frame);
    frame.slots[slot] = bound;
    run.leave();
    return bound;
  };
}

/** A value that may be a function. */
function handedCode(expression: Expression, scope: Scope): Code {
  const make = functionCode(expression, scope);
  if (make === undefined) return codeOf(expression, scope);
  if (expression.predicates.length > 0 || expression.group !== undefined || expression.keepArray) {
    throw new OutsideError('it filters a function');
  }
  return (run, input, frame) => {
    run.enter();
    const made = make(run, input, frame);
    run.leave();
    return settled(made, false);
  };
}

function functionCode(expression: Expression, scope: Scope): Code | undefined {
  switch (expression.type) {
    case 'lambda':
      return lambdaCode(expression, scope);
    case 'regex':
      return () => new Pattern(expression.pattern);
    case 'variable':
      return expression.name === '' || expression.predicates.length > 0 ? undefined : scope.read(expression.name);
    default:
      return undefined;
  }
}

function lambdaCode({ parameters, body }: Of<'lambda'>, outer: Scope): Code {
  const scope = outer.ofFunction(parameters);
  const code = codeOf(body, scope);
  const slots = parameters.map((name) => scope.slotOf(name));
  const { size } = scope;
  return (_run, input, frame) => new Lambda({ parameters: slots, slots: size, body: code, input, frame });
}

/** The function of a call, and whether it is one of jsonata's. */
function calleeOf(call: Call, scope: Scope): { readonly code: Code; readonly native: string | undefined } {
  const { callee } = call;
  if (callee.type !== 'variable' && callee.type !== 'lambda') throw new OutsideError('it calls what has no name');
  const native =
    callee.type === 'variable' && scope.isFree(callee.name) && isNative(callee.name) ? callee.name : undefined;
  return { code: handedCode(callee, scope), native };
}

function argumentCodes(call: Call, native: string | undefined, scope: Scope): readonly Code[] {
  return call.args.map((arg) => {
    if (native === undefined || takesFunction(native)) return handedCode(arg, scope);
    return codeOf(arg, scope);
  });
}

function callCode(call: Call, scope: Scope, first?: Code): Code {
  const { code: callee, native } = calleeOf(call, scope);
  if (native === 'replace' && call.args[first === undefined ? 2 : 1]?.type === 'lambda') {
    throw new OutsideError('it replaces by a function');
  }
  const codes = argumentCodes(call, native, scope);
  return (run, input, frame) => {
    const before = first === undefined ? [] : [first(run, input, frame)];
    const callable = callee(run, input, frame);
    const args = codes.map((code) => {
      const value = code(run, input, frame);
      return isCallable(value) ? new Handed(value) : value;
    });
    return applied(run, callable, [...before, ...args], input);
  };
}

function applyCode({ left, right }: Of<'apply'>, scope: Scope): Code {
  const value = codeOf(left, scope);
  if (right.type === 'call') {
    if (right.predicates.length > 0 || right.group !== undefined) throw new OutsideError('it filters what ~> calls');
    return callCode(right, scope, value);
  }
  const callee = functionCode(right, scope) === undefined ? undefined : handedCode(right, scope);
  if (callee === undefined) throw new OutsideError('~> leads to what has no name');
  return (run, input, frame) => {
    const one = value(run, input, frame);
    return applied(run, callee(run, input, frame), [one], null);
  };
}

function thunkCode(call: Call, scope: Scope): Code {
  const { code: callee, native } = calleeOf(call, scope);
  if (native === 'replace' && call.args[2]?.type === 'lambda') throw new OutsideError('it replaces by a function');
  const args = argumentCodes(call, native, scope);
  return (_run, input, frame) => new Thunk({ callee, args, input, frame });
}
