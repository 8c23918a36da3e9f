/** The part of a parsed JSONata expression that is compiled. Whatever is not here is interpreted. */
export type Expression = Base & {
  readonly predicates: readonly Filter[];
  readonly stages: readonly Filter[];
  readonly group: Pairs | undefined;
  readonly keepArray: boolean;
  /** An array in a path that is not flattened into it. */
  readonly consarray: boolean;
};

export type Pairs = readonly (readonly [key: Expression, value: Expression])[];
export type Filter = { readonly index: number } | { readonly when: Expression };
export type SortTerm = { readonly descending: boolean; readonly by: Expression };

export type Base =
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'wildcard' | 'descendant' }
  | { readonly type: 'path'; readonly steps: readonly [Expression, ...Expression[]]; readonly keepSingleton: boolean }
  | { readonly type: 'sort'; readonly terms: readonly SortTerm[] }
  | { readonly type: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'negative'; readonly of: Expression }
  | { readonly type: 'array'; readonly items: readonly { readonly nested: boolean; readonly item: Expression }[] }
  | { readonly type: 'object'; readonly pairs: Pairs }
  | {
      readonly type: 'condition';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression | undefined;
    }
  | { readonly type: 'block'; readonly statements: readonly Expression[] }
  | { readonly type: 'bind'; readonly name: string; readonly to: Expression }
  | { readonly type: 'regex'; readonly pattern: RegExp }
  | Call
  | { readonly type: 'apply'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'lambda'; readonly parameters: readonly string[]; readonly body: Expression }
  /** A call in the last place of a function, which the parser marks so that recursion there needs no stack. */
  | { readonly type: 'thunk'; readonly call: Call };

export type Call = {
  readonly type: 'call';
  readonly callee: Expression;
  readonly args: readonly Expression[];
};

export const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&',
  '..',
  'in',
  'and',
  'or',
] as const;
export type Operator = (typeof OPERATORS)[number];
