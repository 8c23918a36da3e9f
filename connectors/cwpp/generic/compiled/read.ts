import type { Base, Call, Expression, Filter, Pairs, SortTerm } from './expression.ts';
import { OPERATORS } from './expression.ts';
import { OutsideError } from './outside.ts';

type Node = Readonly<Record<string, unknown>>;

/** Marks of the parser for `%`, `@` and `#`, which carry more than a value along a path. */
const CARRIES_MORE = ['tuple', 'focus', 'index', 'ancestor', 'seekingParent'] as const;

/** The tree that `jsonata(text).ast()` gives, as far as it is compiled. @throws OutsideError naming what is not */
export function readExpression(value: unknown): Expression {
  const node = nodeOf(value);
  if (CARRIES_MORE.some((mark) => node[mark] !== undefined)) throw new OutsideError('it uses %, @ or #');
  const predicates = filtersOf(node['predicate']);
  const group = node['group'] === undefined ? undefined : pairsOf(nodeOf(node['group'])['lhs']);
  const base = baseOf(node);
  if ((predicates.length > 0 || group !== undefined) && endsInThunk(base)) {
    throw new OutsideError('a function ends in a filter on a block or condition that ends in a call');
  }
  return {
    ...base,
    predicates,
    group,
    stages: filtersOf(node['stages']),
    keepArray: node['keepArray'] === true,
    consarray: node['consarray'] === true,
  };
}

function baseOf(node: Node): Base {
  switch (node['type']) {
    case 'string':
    case 'number':
    case 'value':
      return { type: 'literal', value: node['value'] };
    case 'name':
      return { type: 'name', name: textOf(node['value']) };
    case 'variable':
      return { type: 'variable', name: textOf(node['value']) };
    case 'wildcard':
      return { type: 'wildcard' };
    case 'descendant':
      return { type: 'descendant' };
    case 'regex':
      return regexOf(node['value']);
    case 'path':
    case 'sort':
      return pathOrSortOf(node);
    case 'binary':
      return binaryOf(node);
    case 'unary':
      return unaryOf(node);
    default:
      return structureOf(node);
  }
}

function structureOf(node: Node): Base {
  switch (node['type']) {
    case 'condition':
      return {
        type: 'condition',
        condition: readExpression(node['condition']),
        yes: readExpression(node['then']),
        no: node['else'] === undefined ? undefined : readExpression(node['else']),
      };
    case 'block':
      return { type: 'block', statements: listOf(node['expressions']).map(readExpression) };
    case 'bind':
      return { type: 'bind', name: variableOf(node['lhs']), to: readExpression(node['rhs']) };
    case 'function':
      return callOf(node);
    case 'apply':
      return { type: 'apply', left: readExpression(node['lhs']), right: readExpression(node['rhs']) };
    case 'lambda':
      return lambdaOf(node);
    case 'partial':
      throw new OutsideError('it fills in a function in part (?)');
    case 'transform':
      throw new OutsideError('it uses the transform operator | |');
    case 'parent':
      throw new OutsideError('it uses %, @ or #');
    default:
      throw new OutsideError(`it uses ${String(node['type']).slice(0, 40)}`);
  }
}

function pathOrSortOf(node: Node): Base {
  if (node['type'] === 'sort') return { type: 'sort', terms: listOf(node['terms']).map(termOf) };
  const [first, ...rest] = listOf(node['steps']).map(readExpression);
  if (first === undefined) throw new OutsideError('it has an empty path');
  return { type: 'path', steps: [first, ...rest], keepSingleton: node['keepSingletonArray'] === true };
}

function binaryOf(node: Node): Base {
  const operator = OPERATORS.find((one) => one === node['value']);
  if (operator === undefined) throw new OutsideError(`it uses the operator ${String(node['value']).slice(0, 10)}`);
  return { type: 'binary', operator, left: readExpression(node['lhs']), right: readExpression(node['rhs']) };
}

function unaryOf(node: Node): Base {
  switch (node['value']) {
    case '-':
      return { type: 'negative', of: readExpression(node['expression']) };
    case '[':
      return {
        type: 'array',
        items: listOf(node['expressions']).map((item) => ({
          nested: nodeOf(item)['value'] === '[',
          item: readExpression(item),
        })),
      };
    case '{':
      return { type: 'object', pairs: pairsOf(node['lhs']) };
    default:
      throw new OutsideError(`it uses the operator ${String(node['value']).slice(0, 10)}`);
  }
}

function lambdaOf(node: Node): Base {
  if (node['signature'] !== undefined) throw new OutsideError('a function declares the types of its parameters');
  if (node['thunk'] === true) return { type: 'thunk', call: callOf(nodeOf(node['body'])) };
  return {
    type: 'lambda',
    parameters: listOf(node['arguments']).map(variableOf),
    body: readExpression(node['body']),
  };
}

function callOf(node: Node): Call {
  return {
    type: 'call',
    callee: readExpression(node['procedure']),
    args: listOf(node['arguments']).map(readExpression),
  };
}

function regexOf(value: unknown): Base {
  if (!(value instanceof RegExp)) throw new OutsideError('a pattern is none');
  return { type: 'regex', pattern: value };
}

function filtersOf(value: unknown): readonly Filter[] {
  if (value === undefined) return [];
  return listOf(value).map((one) => {
    const filter = nodeOf(one);
    if (filter['type'] !== 'filter') throw new OutsideError('it uses %, @ or #');
    const by = nodeOf(filter['expr']);
    if (by['type'] === 'number' && typeof by['value'] === 'number') return { index: Math.floor(by['value']) };
    return { when: readExpression(by) };
  });
}

function pairsOf(value: unknown): Pairs {
  return listOf(value).map((pair) => {
    const [key, of] = listOf(pair);
    return [readExpression(key), readExpression(of)] as const;
  });
}

function termOf(value: unknown): SortTerm {
  const term = nodeOf(value);
  return { descending: term['descending'] === true, by: readExpression(term['expression']) };
}

/** Whether evaluating it can give a call that is still to be made. */
function endsInThunk(base: Base): boolean {
  switch (base.type) {
    case 'thunk':
      return true;
    case 'condition':
      return endsInThunk(base.yes) || (base.no !== undefined && endsInThunk(base.no));
    case 'block': {
      const last = base.statements.at(-1);
      return last !== undefined && endsInThunk(last);
    }
    default:
      return false;
  }
}

function variableOf(value: unknown): string {
  const node = nodeOf(value);
  if (node['type'] !== 'variable') throw new OutsideError('it binds what is no variable');
  return textOf(node['value']);
}

function nodeOf(value: unknown): Node {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OutsideError('its tree is unknown');
  return Object.fromEntries(Object.entries(value));
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new OutsideError('its tree is unknown');
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new OutsideError('its tree is unknown');
  return value;
}
