import jsonata from 'jsonata';
import * as z from 'zod';

/**
 * Runs a JSONata state machine in memory, as far as our definitions use the language: so that every expression of the file
 * meets data of the declared shapes. What it does is what the Amazon States Language says; it waits for nothing.
 */

const templateSchema = z.unknown();
const catcherSchema = z.object({
  ErrorEquals: z.array(z.string()),
  Next: z.string(),
  Output: templateSchema.optional(),
  Assign: z.record(z.string(), templateSchema).optional(),
});
const retrierSchema = z.object({ ErrorEquals: z.array(z.string()), MaxAttempts: z.number().default(3) });
const common = {
  Comment: z.string(),
  Next: z.string().optional(),
  End: z.literal(true).optional(),
  Output: templateSchema.optional(),
  Assign: z.record(z.string(), templateSchema).optional(),
  Catch: z.array(catcherSchema).default([]),
  Retry: z.array(retrierSchema).default([]),
};
const stateSchema = z.discriminatedUnion('Type', [
  z.object({
    Type: z.literal('Task'),
    Resource: z.string(),
    Arguments: templateSchema,
    TimeoutSeconds: templateSchema,
    ...common,
  }),
  z.object({ Type: z.literal('Pass'), ...common }),
  z.object({
    Type: z.literal('Choice'),
    Choices: z.array(z.object({ Condition: z.string(), Next: z.string(), Output: templateSchema.optional() })),
    Default: z.string(),
    ...common,
  }),
  z.object({
    Type: z.literal('Parallel'),
    get Branches() {
      return z.array(machineSchema);
    },
    ...common,
  }),
  z.object({
    Type: z.literal('Map'),
    Items: templateSchema,
    ItemSelector: templateSchema,
    get ItemProcessor() {
      return machineSchema;
    },
    ...common,
  }),
  z.object({ Type: z.literal('Succeed'), ...common }),
  z.object({ Type: z.literal('Fail'), Error: templateSchema, Cause: templateSchema, ...common }),
]);
type State = z.infer<typeof stateSchema>;
type StateOf<Type extends State['Type']> = Extract<State, { Type: Type }>;

export const machineSchema: z.ZodType<{ StartAt: string; States: Record<string, State> }> = z.object({
  StartAt: z.string(),
  States: z.lazy(() => z.record(z.string(), stateSchema)),
});
export type Machine = z.infer<typeof machineSchema>;

/** An error by its name, as a state reports it and a catcher or retrier matches it. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly error: string;
  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

export interface TaskCall {
  readonly state: string;
  readonly resource: string;
  /** Placeholder of the function, e.g. `PlanFunction`. */
  readonly target: string;
  readonly payload: unknown;
  readonly timeoutSeconds: number;
}

interface Scope {
  readonly variables: Record<string, unknown>;
  /** Names of the scopes around; a branch may read them and must not assign them. */
  readonly outer: ReadonlySet<string>;
  readonly context: Readonly<Record<string, unknown>>;
}
type Seen = Readonly<Record<'input', unknown>> & { readonly result?: unknown; readonly errorOutput?: unknown };

export interface Run {
  readonly visited: string[];
  readonly result:
    | { readonly ok: true; readonly output: unknown }
    | { readonly ok: false; readonly error: string; readonly cause: string };
}

export async function runMachine(
  machine: Machine,
  input: unknown,
  perform: (call: TaskCall) => Promise<unknown>,
): Promise<Run> {
  const visited: string[] = [];
  const scope: Scope = {
    variables: {},
    outer: new Set(),
    context: { Execution: { Id: 'arn:aws:states:::execution:one' } },
  };
  try {
    return {
      visited,
      result: { ok: true, output: await new Interpreter(visited, perform).run(machine, input, scope) },
    };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { visited, result: { ok: false, error: error.error, cause: error.message } };
  }
}

class Interpreter {
  readonly #visited: string[];
  readonly #perform: (call: TaskCall) => Promise<unknown>;
  constructor(visited: string[], perform: (call: TaskCall) => Promise<unknown>) {
    this.#visited = visited;
    this.#perform = perform;
  }

  async run(machine: Machine, input: unknown, scope: Scope): Promise<unknown> {
    let name: string | undefined = machine.StartAt;
    let current = input;
    while (name !== undefined) {
      const state: State | undefined = machine.States[name];
      if (!state) throw new Error(`there is no state ${name}`);
      this.#visited.push(name);
      const step = await this.#step(name, state, current, scope);
      current = step.output;
      name = step.next;
    }
    return current;
  }

  async #step(
    name: string,
    state: State,
    input: unknown,
    scope: Scope,
  ): Promise<{ output: unknown; next: string | undefined }> {
    try {
      if (state.Type === 'Choice') return await this.#choose(state, input, scope);
      const result = await this.#retried(state, () => this.#result(name, state, input, scope));
      return { output: await leave(state, { input, result }, scope, result), next: state.Next };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const catcher = state.Catch.find(({ ErrorEquals }) => matches(ErrorEquals, error.error));
      if (!catcher) throw error;
      const errorOutput = { Error: error.error, Cause: error.message };
      return { output: await leave(catcher, { input, errorOutput }, scope, errorOutput), next: catcher.Next };
    }
  }

  async #retried(state: State, attempt: () => Promise<unknown>): Promise<unknown> {
    const used = new Map<unknown, number>();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        const retrier = state.Retry.find(({ ErrorEquals }) => matches(ErrorEquals, error.error));
        const count = used.get(retrier) ?? 0;
        if (!retrier || count >= retrier.MaxAttempts) throw error;
        used.set(retrier, count + 1);
      }
    }
  }

  async #result(
    name: string,
    state: Exclude<State, { Type: 'Choice' }>,
    input: unknown,
    scope: Scope,
  ): Promise<unknown> {
    switch (state.Type) {
      case 'Pass':
      case 'Succeed':
        return input;
      case 'Fail':
        throw new StateError(
          String(await fill(state.Error, { input }, scope)),
          String(await fill(state.Cause, { input }, scope)),
        );
      case 'Parallel':
        return await Promise.all(state.Branches.map((branch) => this.run(branch, input, inner(scope, {}))));
      case 'Map':
        return await this.#map(state, input, scope);
      case 'Task':
        return await this.#task(name, state, input, scope);
    }
  }

  async #map(state: StateOf<'Map'>, input: unknown, scope: Scope): Promise<unknown> {
    const items = z.array(z.unknown()).parse(await fill(state.Items, { input }, scope));
    return await Promise.all(
      items.map(async (Value, Index) => {
        const within = inner(scope, { Map: { Item: { Value, Index } } });
        return await this.run(state.ItemProcessor, await fill(state.ItemSelector, { input }, within), within);
      }),
    );
  }

  async #task(name: string, state: StateOf<'Task'>, input: unknown, scope: Scope): Promise<unknown> {
    const waits = state.Resource.endsWith('.waitForTaskToken');
    const within = waits ? { ...scope, context: { ...scope.context, Task: { Token: `token of ${name}` } } } : scope;
    const { FunctionName, Payload } = z
      .object({ FunctionName: z.string(), Payload: z.unknown() })
      .parse(await fill(state.Arguments, { input }, within));
    const answer = await this.#perform({
      state: name,
      resource: state.Resource,
      target: FunctionName.replace(/^\$\{(.*)\}$/, '$1'),
      payload: Payload,
      timeoutSeconds: z
        .number()
        .int()
        .positive()
        .parse(await fill(state.TimeoutSeconds, { input }, scope)),
    });
    return waits ? answer : { StatusCode: 200, Payload: answer };
  }

  async #choose(state: StateOf<'Choice'>, input: unknown, scope: Scope): Promise<{ output: unknown; next: string }> {
    for (const choice of state.Choices) {
      const holds = z.boolean().parse(await fill(choice.Condition, { input }, scope));
      if (holds) return { output: await leave(choice, { input }, scope, input), next: choice.Next };
    }
    return { output: await leave(state, { input }, scope, input), next: state.Default };
  }
}

/** What a state (or its choice or catcher) hands on. Output and Assign are both evaluated before either takes effect. */
async function leave(
  from: { readonly Output?: unknown; readonly Assign?: Record<string, unknown> | undefined },
  seen: Seen,
  scope: Scope,
  otherwise: unknown,
): Promise<unknown> {
  const output = from.Output === undefined ? otherwise : await fill(from.Output, seen, scope);
  const assigned = Object.entries(from.Assign ?? {}).map(async ([name, value]) => {
    if (scope.outer.has(name))
      throw new Error(`${name} is a variable of an outer scope; AWS refuses to assign it here`);
    return [name, await fill(value, seen, scope)] as const;
  });
  Object.assign(scope.variables, Object.fromEntries(await Promise.all(assigned)));
  return output;
}

function inner(scope: Scope, context: Readonly<Record<string, unknown>>): Scope {
  return {
    variables: { ...scope.variables },
    outer: new Set(Object.keys(scope.variables)),
    context: { ...scope.context, ...context },
  };
}

/** Fills a template: every `{% … %}` string in it is an expression. An expression without a result is an error, as on AWS. */
async function fill(template: unknown, seen: Seen, scope: Scope): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(template)?.[1];
    return expression === undefined ? template : await evaluate(expression, seen, scope);
  }
  if (Array.isArray(template)) return await Promise.all(template.map((one) => fill(one, seen, scope)));
  if (template === null || typeof template !== 'object') return template;
  const members = Object.entries(template).map(async ([key, value]) => [key, await fill(value, seen, scope)] as const);
  return Object.fromEntries(await Promise.all(members));
}

async function evaluate(expression: string, seen: Seen, scope: Scope): Promise<unknown> {
  const unknownVariable = (expression.match(/\$[a-z]\w*(?!\w*\()/gi) ?? []).find(
    (name) => name !== '$states' && !(name.slice(1) in scope.variables),
  );
  if (unknownVariable) throw new Error(`${unknownVariable} is not assigned where ${expression} is evaluated`);
  const states = { ...seen, context: scope.context };
  const value: unknown = await jsonata(expression).evaluate(undefined, { ...scope.variables, states });
  if (value === undefined) throw new StateError('States.QueryEvaluationError', `no result: ${expression}`);
  // The engine marks its arrays; JSON is what travels.
  return JSON.parse(JSON.stringify(value));
}

/** `States.ALL` is every error, `States.TaskFailed` every one but a timeout. */
function matches(names: readonly string[], error: string): boolean {
  return names.some(
    (name) => name === error || name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout'),
  );
}
