import type { Code, Native } from './compiled/callable.ts';
import { compiledForm, evaluateCompiled } from './compiled/mapping.ts';
import { nativesOf } from './compiled/natives.ts';
import type { Jsonata } from './jsonata.ts';
import { LIMITS, MappingLimitError } from './limits.ts';
import { isRunaway } from './pattern.ts';
import { excessOf } from './size.ts';

/**
 * Functions a mapping may not use: `$eval` would run text of the alert as code; the others answer differently each time,
 * and the same alert must always give the same finding.
 */
const FORBIDDEN = ['eval', 'now', 'millis', 'random', 'shuffle'] as const;
/** Can make a text of any length in one step, which no limit sees in time. */
const FORBIDDEN_FOR_SIZE = ['pad'] as const;

export interface Mapping {
  readonly evaluate: (body: unknown) => Promise<Evaluated>;
  /** For people: that it is interpreted, and why. Undefined for a mapping that is compiled. */
  readonly note: string | undefined;
}
export type Evaluated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };
export type Compiled =
  | { readonly ok: true; readonly mapping: Mapping }
  | { readonly ok: false; readonly reason: string };

/** A mapping ready to run within its limits, or what is wrong with its text. */
export function compileMapping(jsonata: Jsonata, text: string): Compiled {
  if (text.length > LIMITS.textLength) {
    return { ok: false, reason: `the mapping is longer than ${LIMITS.textLength} characters` };
  }
  try {
    const { milliseconds: timeout, recursion: stack, listLength: sequence } = LIMITS;
    const expression = jsonata(text, { timeout, stack, sequence });
    const wrong = faultOf(expression.ast());
    if (wrong !== undefined) return { ok: false, reason: wrong };
    for (const name of [...FORBIDDEN, ...FORBIDDEN_FOR_SIZE]) {
      expression.registerFunction(name, () => {
        throw new MappingLimitError(`the function $${name} is switched off`);
      });
    }
    expression.assign(Symbol.for('jsonata.__evaluate_entry'), stepCounter());
    return { ok: true, mapping: mappingOf(jsonata, expression) };
  } catch (error) {
    return { ok: false, reason: `the mapping is no JSONata: ${messageOf(error, text)}` };
  }
}

/** Compiled where all of it can be, and interpreted otherwise: decided once, and for the whole. */
function mappingOf(jsonata: Jsonata, expression: ReturnType<Jsonata>): Mapping {
  const interpret = async (body: unknown): Promise<Evaluated> => {
    try {
      return readOut(await expression.evaluate(body));
    } catch (error) {
      return failed(error);
    }
  };
  const form = compiledForm(expression.ast());
  if (!form.ok) {
    const note = `the mapping is interpreted, which is many times slower than compiled: ${form.reason}`;
    return { evaluate: interpret, note };
  }
  let natives: Promise<ReadonlyMap<string, Native>> | undefined;
  const evaluate = async (body: unknown): Promise<Evaluated> => {
    natives ??= nativesOf(jsonata);
    return answerOf(form.code, body, await natives) ?? (await interpret(body));
  };
  return { evaluate, note: undefined };
}

/** Nothing when it is for the interpreter to answer: the compiled form answers with values, and never says what failed. */
function answerOf(code: Code, body: unknown, natives: ReadonlyMap<string, Native>): Evaluated | undefined {
  try {
    const made = evaluateCompiled(code, body, natives, new Date());
    return made === undefined ? undefined : readOut(made.value);
  } catch (error) {
    // Asked again, the interpreter would take up to its own limits to come to the same.
    return error instanceof MappingLimitError ? failed(error) : undefined;
  }
}

/** Counts per evaluation: `base` is made anew for each. */
function stepCounter() {
  const steps = new WeakMap<object, number>();
  return (_expression: unknown, _input: unknown, environment: { readonly base: object }): void => {
    const count = (steps.get(environment.base) ?? 0) + 1;
    if (count > LIMITS.steps) throw new MappingLimitError(`it took more than ${LIMITS.steps} steps`);
    steps.set(environment.base, count);
  };
}

function readOut(value: unknown): Evaluated {
  const tooMuch = excessOf(value, LIMITS);
  if (tooMuch !== undefined) return { ok: false, reason: `the mapping made too much of the body: ${tooMuch}` };
  // JSONata's lists carry marks of their own, and functions may stand among the values: JSON knows neither.
  const text = JSON.stringify(value);
  return { ok: true, value: text === undefined ? undefined : JSON.parse(text) };
}

function failed(error: unknown): Evaluated {
  return { ok: false, reason: `the mapping failed on this body: ${messageOf(error)}` };
}

/** A name that is forbidden, or a pattern that can take forever on a text the sender chooses. */
function faultOf(ast: unknown): string | undefined {
  const seen = new Set<object>();
  const pending: unknown[] = [ast];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if (node instanceof RegExp) {
      if (isRunaway(node.source))
        return `the pattern /${node.source.slice(0, 80)}/ repeats a repetition, which can take forever`;
      continue;
    }
    if ('type' in node && node.type === 'variable' && 'value' in node) {
      const name = [...FORBIDDEN, ...FORBIDDEN_FOR_SIZE].find((forbidden) => forbidden === node.value);
      if (name !== undefined) return `the function $${name} may not be used in a mapping`;
    }
    pending.push(...Object.values(node));
  }
  return undefined;
}

/** JSONata throws plain objects with a message and, for a syntax error, the position in the text. */
function messageOf(error: unknown, text?: string): string {
  if (typeof error !== 'object' || error === null) return 'it ended without a reason';
  const message = 'message' in error && typeof error.message === 'string' ? error.message : 'it ended without a reason';
  const place =
    text !== undefined && 'position' in error && typeof error.position === 'number'
      ? ` (line ${text.slice(0, error.position).split('\n').length})`
      : '';
  return `${message.slice(0, 300)}${place}`;
}
