import type { Turn } from '../../domain/ask/exchange.ts';

/** Questions about an incident and their answers, in threads. Nothing is changed or removed. */
export interface ThreadStore {
  /**
   * Adds a turn behind the last one of its thread, whoever else does the same at the same time: each gets its own number.
   * @throws ConflictError (too many others at once), ThreadFullError
   */
  append(incidentId: string, turn: Omit<Turn, 'turn'>): Promise<Turn>;
  /** The newest turns of one thread, oldest first; empty for a thread that does not exist. */
  turns(incidentId: string, threadId: string, options: { readonly last: number }): Promise<readonly Turn[]>;
  /** All turns of an incident, thread by thread, oldest first in each. */
  all(incidentId: string, options: { readonly limit: number }): Promise<readonly Turn[]>;
}

/** A thread takes no more turns; a new one does. */
export class ThreadFullError extends Error {
  override readonly name = 'ThreadFullError';
}
