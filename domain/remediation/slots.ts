import { quote } from '../analysis/rules/facts.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { Parameter } from './guidance.ts';
import { type Known, knownValues } from './known.ts';
import { isSpelledAs, type ValueKind } from './values.ts';

/** Guidance that cannot be written with the values there are. Caught where guidance is composed, and told (guide.ts). */
export class Unrepresentable extends Error {
  override readonly name = 'Unrepresentable';
}

/** A value of the evidence, checked for its kind. Only `Slots.take` makes one, so that nothing else can be written into a step. */
export class Slot {
  readonly kind: ValueKind;
  readonly text: string;
  readonly from: string;
  /** @internal by `Slots` only */
  constructor(kind: ValueKind, text: string, from: string) {
    this.kind = kind;
    this.text = text;
    this.from = from;
  }

  /** A part of the value, such as the artifact of `group:artifact`; it stays bound to the same evidence. */
  cut(pattern: RegExp): Slot | undefined {
    const part = pattern.exec(this.text)?.[1];
    return part === undefined ? undefined : new Slot(this.kind, part, this.from);
  }

  get parameter(): Parameter {
    return { kind: this.kind, value: this.text, from: this.from };
  }
}

export class Slots {
  readonly known: Known;
  constructor(pack: EvidencePack) {
    this.known = knownValues(pack);
  }

  /** @throws {Unrepresentable} when the evidence does not hold the value, or it cannot be written safely */
  take(kind: ValueKind, text: string | undefined): Slot {
    if (text === undefined || text === '') throw new Unrepresentable(`the evidence names no ${words(kind)}`);
    if (!isSpelledAs(kind, text))
      throw new Unrepresentable(`the ${words(kind)} "${quote(text, 60)}" cannot be written safely`);
    const from = this.known.get(kind)?.get(text);
    if (from === undefined) throw new Unrepresentable(`the ${words(kind)} is no value of the evidence`);
    return new Slot(kind, text, from);
  }

  maybe(kind: ValueKind, text: string | undefined): Slot | undefined {
    const from = text === undefined ? undefined : this.known.get(kind)?.get(text);
    return text === undefined || from === undefined || !isSpelledAs(kind, text)
      ? undefined
      : new Slot(kind, text, from);
  }

  /** The only value of a kind; several leave nobody able to say which is meant. */
  only(kind: ValueKind): Slot | undefined {
    const all = [...(this.known.get(kind) ?? [])];
    const [first] = all;
    return first === undefined || all.length > 1 ? undefined : this.maybe(kind, first[0]);
  }
}

export function words(kind: ValueKind): string {
  return kind.replace('-', ' ');
}
