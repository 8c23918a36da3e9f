import { type Code, Frame, type Native } from './callable.ts';
import { codeOf } from './code.ts';
import { OutsideError } from './outside.ts';
import { readExpression } from './read.ts';
import { Run } from './run.ts';
import { Scope } from './scope.ts';
import { holdsMark, sequenceOf } from './values.ts';

export { LeftToInterpreterError } from './outside.ts';

export type CompiledForm = { readonly ok: true; readonly code: Code } | { readonly ok: false; readonly reason: string };

/** A parsed mapping as functions, or why it cannot be: one node outside the compiled part leaves the whole interpreted. */
export function compiledForm(ast: unknown): CompiledForm {
  try {
    return { ok: true, code: codeOf(readExpression(ast), Scope.top()) };
  } catch (error) {
    if (error instanceof OutsideError) return { ok: false, reason: error.message };
    throw error;
  }
}

/**
 * What a compiled mapping makes of a body, or undefined when the body holds names that the interpreter takes for its own.
 * @throws LeftToInterpreterError and whatever jsonata's functions throw: the interpreter tells what is wrong
 * @throws MappingLimitError
 */
export function evaluateCompiled(
  code: Code,
  body: unknown,
  natives: ReadonlyMap<string, Native>,
  now: Date,
): { readonly value: unknown } | undefined {
  if (holdsMark(body)) return undefined;
  return { value: code(new Run(body, natives, now), inputOf(body), new Frame(undefined, [])) };
}

/** A body that is a list stands as one value. */
function inputOf(body: unknown): unknown {
  if (!Array.isArray(body)) return body;
  const input = sequenceOf(body);
  input.outerWrapper = true;
  return input;
}
