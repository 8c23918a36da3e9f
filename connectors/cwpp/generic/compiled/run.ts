import { LIMITS, MappingLimitError } from '../limits.ts';
import { LeftToInterpreterError } from './outside.ts';

/** Between two looks at the clock; calls of functions look each time. */
const STEPS_BETWEEN_LOOKS = 256;

/** One evaluation of a mapping, with what it has taken so far. It counts steps as the interpreter does, node for node. */
export class Run {
  readonly root: unknown;
  /** jsonata's own functions, by name. */
  readonly natives: ReadonlyMap<string, unknown>;
  readonly now: Date;
  #steps = 0;
  #depth = 0;
  readonly #until: number;

  constructor(root: unknown, natives: ReadonlyMap<string, unknown>, now: Date) {
    this.root = root;
    this.natives = natives;
    this.now = now;
    this.#until = now.getTime() + LIMITS.milliseconds;
  }

  get steps(): number {
    return this.#steps;
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > LIMITS.recursion) throw new LeftToInterpreterError('nested too deeply');
    this.step();
  }

  leave(): void {
    this.#depth -= 1;
  }

  step(): void {
    this.#steps += 1;
    if (this.#steps > LIMITS.steps) throw new MappingLimitError(`it took more than ${LIMITS.steps} steps`);
    if (this.#steps % STEPS_BETWEEN_LOOKS === 0) this.look();
  }

  look(): void {
    if (Date.now() > this.#until) {
      throw new MappingLimitError(
        `Evaluation timeout after ${LIMITS.milliseconds} milliseconds. Check for infinite loop`,
      );
    }
  }
}
