import type { StructuredMode } from '../../domain/config/models.ts';
import { ModelError } from './port.ts';

export type StepDown = (from: StructuredMode, to: StructuredMode) => void;

/**
 * Ways to a JSON answer, best first. A way the model refuses is left for the rest of the process, and told once; it counts as
 * refused only when a lower way is taken, because a request that no way can mend says nothing about any of them.
 */
export class Ladder {
  readonly #rungs: readonly StructuredMode[];
  readonly #told: StepDown | undefined;
  #rung = 0;

  constructor(rungs: readonly StructuredMode[], told?: StepDown) {
    this.#rungs = rungs;
    this.#told = told;
  }

  /** @throws ModelError; of several refusals the first, because the lower ways were not meant */
  async climb<T>(ask: (mode: StructuredMode) => Promise<T>): Promise<T> {
    let refusal: unknown;
    for (let at = this.#rung; ; at += 1) {
      const mode = this.#rungs[at];
      if (mode === undefined) throw refusal;
      try {
        const answer = await ask(mode);
        this.#stay(at);
        return answer;
      } catch (error) {
        if (error instanceof RungRefusedError) refusal ??= error;
        else throw ours(error);
      }
    }
  }

  /** Another call may have stepped down meanwhile: the ladder is never climbed again. */
  #stay(at: number): void {
    const [from, to] = [this.#rungs[this.#rung], this.#rungs[at]];
    if (at <= this.#rung || from === undefined || to === undefined) return;
    this.#rung = at;
    this.#told?.(from, to);
  }
}

/** What is no ModelError is a fault of ours in building the request or reading the reply. */
function ours(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError('invalid_request', 'the request or the reply could not be handled', { cause: error });
}

/** The provider does not take the request as it is (status 400): another way to structured output may pass. */
export class RungRefusedError extends ModelError {
  constructor(message: string, options?: ErrorOptions) {
    super('invalid_request', message, options);
  }
}
