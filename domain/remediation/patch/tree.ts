import type { Parameter } from '../guidance.ts';
import { Slot } from '../slots.ts';

/** A word of ours in a patch. The type keeps plain strings out: what is neither `fixed` nor a slot cannot be written. */
export class Fixed {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Only for literals of our code. */
export function fixed(text: string): Fixed {
  return new Fixed(text);
}

/** A string made of words of ours and slots, such as `203.0.113.50/32`. */
export class Joined {
  readonly parts: readonly (string | Slot)[];
  constructor(...parts: readonly (string | Slot)[]) {
    this.parts = parts;
  }

  get text(): string {
    return this.parts.map((part) => (typeof part === 'string' ? part : part.text)).join('');
  }
}

export type Scalar = Slot | Fixed | Joined | number | boolean;
/** Pairs, because a label's key comes from the evidence too. */
export type Entries = readonly (readonly [key: string | Slot, value: Tree])[];
export type Tree = Scalar | readonly Tree[] | { readonly entries: Entries };

/** An object whose keys are words of ours. */
export function object(members: Readonly<Record<string, Tree | undefined>>): { readonly entries: Entries } {
  return {
    entries: Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  };
}

export function pairs(entries: Entries): { readonly entries: Entries } {
  return { entries };
}

export function isScalar(tree: Tree): tree is Scalar {
  return (
    tree instanceof Slot ||
    tree instanceof Fixed ||
    tree instanceof Joined ||
    typeof tree === 'number' ||
    typeof tree === 'boolean'
  );
}

export function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** The values of the evidence in a patch, each once. */
export function slotsIn(tree: Tree): Slot[] {
  if (tree instanceof Slot) return [tree];
  if (tree instanceof Joined) return tree.parts.filter((part) => typeof part !== 'string');
  if (isScalar(tree)) return [];
  if (isList(tree)) return tree.flatMap(slotsIn);
  return tree.entries.flatMap(([key, value]) => [...(key instanceof Slot ? [key] : []), ...slotsIn(value)]);
}

export function parametersOf(slots: readonly Slot[]): Parameter[] {
  return slots
    .map(({ parameter }) => parameter)
    .filter(
      ({ kind, value }, index, all) => all.findIndex((one) => one.kind === kind && one.value === value) === index,
    );
}
