import type { Code, Frame } from './callable.ts';
import { CornerError, LeftToInterpreterError } from './outside.ts';
import type { Run } from './run.ts';
import { add, appended, isList, isNumeric, isTrue, type List, lookUp, sequenceOf, settled } from './values.ts';

export type FilterCode = { readonly index: number } | { readonly when: Code };

export interface Step {
  readonly code: Code;
  readonly stages: readonly FilterCode[];
  /** Of a step that is only a name: what it looks up. */
  readonly name: string | undefined;
  readonly isVariable: boolean;
  readonly isSort: boolean;
  readonly consarray: boolean;
}

/** One step after the other, each over all that the one before gave. */
export function pathCode(steps: readonly Step[], keepSingleton: boolean): Code {
  const straight = keepSingleton ? [] : straightSteps(steps);
  const fromVariable = steps[0]?.isVariable === true;
  const general: Code = (run, input, frame) => {
    const before = isList(input) && !fromVariable ? input : sequenceOf(input);
    return kept(walked(steps, 0, before, run, frame), keepSingleton);
  };
  if (straight.length === 0) return general;
  return (run, input, frame) =>
    isList(input) && !fromVariable ? general(run, input, frame) : straightened(steps, straight, run, input, frame);
}

/** The first steps, as long as they are names and nothing else: `process.pod.name`, by far the most of a mapping. */
function straightSteps(steps: readonly Step[]): readonly Step[] {
  const end = steps.findIndex(
    ({ name, isVariable, stages }, index) => stages.length > 0 || (name === undefined && !(isVariable && index === 0)),
  );
  return end === -1 ? steps : steps.slice(0, end);
}

/** The same without a list for each single value. */
function straightened(
  steps: readonly Step[],
  straight: readonly Step[],
  run: Run,
  input: unknown,
  frame: Frame,
): unknown {
  let value = input;
  for (const [index, step] of straight.entries()) {
    if (step.name === undefined) value = step.code(run, value, frame);
    else {
      run.step();
      value = settled(lookUp(value, step.name), false);
    }
    if (value === undefined) return undefined;
    if (isList(value)) {
      if (index === steps.length - 1 && value.sequence !== true) return value;
      return walked(steps, index + 1, flattened([value]), run, frame);
    }
  }
  return straight.length === steps.length ? value : walked(steps, straight.length, sequenceOf(value), run, frame);
}

function walked(steps: readonly Step[], from: number, before: List, run: Run, frame: Frame): List {
  let values = before;
  for (let at = from; at < steps.length; at += 1) {
    const step = steps[at];
    if (step === undefined) break;
    const next =
      at === 0 && step.consarray ? step.code(run, values, frame) : stepped(step, values, at, steps, run, frame);
    if (!isList(next)) throw new LeftToInterpreterError('a step of a path gives no list');
    values = next;
    if (values.length === 0) break;
  }
  return values;
}

function stepped(step: Step, values: List, at: number, steps: readonly Step[], run: Run, frame: Frame): unknown {
  if (step.isSort) return filtered(step.stages, step.code(run, values, frame), run, frame);
  const results: List = [];
  for (const one of values) {
    const value = filtered(step.stages, step.code(run, one, frame), run, frame);
    if (value !== undefined) add(results, value);
  }
  const [only] = results;
  if (at === steps.length - 1 && results.length === 1 && isList(only) && only.sequence !== true) return only;
  return flattened(results);
}

function flattened(results: List): List {
  const flat = sequenceOf();
  for (const result of results) {
    if (isList(result) && result.cons !== true) for (const member of result) add(flat, member);
    else add(flat, result);
  }
  return flat;
}

function kept(result: List, keepSingleton: boolean): List {
  if (!keepSingleton) return result;
  const made = result.cons === true && result.sequence !== true ? sequenceOf(result) : result;
  made.keepSingleton = true;
  return made;
}

export function filtered(filters: readonly FilterCode[], value: unknown, run: Run, frame: Frame): unknown {
  let result = value;
  for (const filter of filters) {
    const values = isList(result) ? result : [result];
    result = 'index' in filter ? atIndex(values, filter.index) : keptBy(filter.when, values, run, frame);
  }
  return result;
}

function atIndex(values: List, index: number): List {
  const found = values[index < 0 ? values.length + index : index];
  if (found === undefined) return sequenceOf();
  return isList(found) ? found : sequenceOf(found);
}

function keptBy(when: Code, values: List, run: Run, frame: Frame): List {
  const kept = sequenceOf();
  for (const [index, one] of values.entries()) {
    const answer = when(run, one, frame);
    const places = isNumeric(answer) ? [answer] : answer;
    if (isList(places) && places.every((place) => isNumeric(place))) {
      for (const place of places) if (placeOf(place, values.length) === index) add(kept, one);
    } else if (isTrue(answer)) add(kept, one);
  }
  return kept;
}

function placeOf(place: number, length: number): number {
  const down = Math.floor(place);
  return down < 0 ? length + down : down;
}

/** `*`: the values of an object, lists among them flattened all the way, which makes an ordinary list of them all. */
export function membersOf(input: unknown): List {
  const of = isList(input) && input.outerWrapper === true && input.length > 0 ? input[0] : input;
  let members = sequenceOf();
  if (typeof of !== 'object' || of === null) return members;
  if (isList(of) && of.sequence === true) throw new CornerError('the members of a sequence are asked for');
  for (const value of Object.values(of)) {
    if (isList(value)) members = listOf(appended(members, value.flat(Number.POSITIVE_INFINITY)));
    else if (members.sequence === true) add(members, value);
    else members.push(value);
  }
  return members;
}

/** `**`: a value and everything in it. */
export function descendantsOf(input: unknown): unknown {
  if (input === undefined) return undefined;
  const found = sequenceOf();
  collect(input, found);
  return found.length === 1 ? found[0] : found;
}

function collect(value: unknown, into: List): void {
  if (isList(value)) {
    for (const member of value) collect(member, into);
    return;
  }
  add(into, value);
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) collect(member, into);
}

function listOf(value: unknown): List {
  if (!isList(value)) throw new LeftToInterpreterError('no list where one is expected');
  return value;
}
