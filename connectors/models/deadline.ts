import { ModelError } from './port.ts';

/** How long one call may take, repetitions and lower rungs included, and whoever wants to end it earlier. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #ms: number;

  constructor(ms: number, caller: AbortSignal | undefined) {
    this.#ms = ms;
    const own = AbortSignal.timeout(ms);
    this.signal = caller === undefined ? own : AbortSignal.any([own, caller]);
  }

  /** Whatever `work` does: an answer, its error, or `timeout`. A body that never ends ends here. @throws ModelError */
  async race<T>(work: Promise<T>): Promise<T> {
    let end: (() => void) | undefined;
    const over = new Promise<never>((_, reject) => {
      end = () => reject(this.timeout());
      if (this.signal.aborted) end();
      else this.signal.addEventListener('abort', end, { once: true });
    });
    try {
      return await Promise.race([work, over]);
    } catch (error) {
      throw this.signal.aborted && !(error instanceof ModelError) ? this.timeout(error) : error;
    } finally {
      if (end !== undefined) this.signal.removeEventListener('abort', end);
    }
  }

  timeout(cause?: unknown): ModelError {
    return new ModelError('timeout', `the model did not answer within ${this.#ms} ms or was stopped before`, { cause });
  }
}
