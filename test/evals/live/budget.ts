import type { ConversationDeps } from '../../../connectors/models/question.ts';
import { tokensOf } from '../../../domain/models/spending.ts';

/**
 * What a run may cost. Before each call what it may cost at most is set aside, as in production; a call that would pass the
 * ceiling is not made. The ceiling in tokens is that of each conversation by itself.
 */
export class RunBudget {
  readonly #mostMicroUsd: number;
  #microUsd = 0;
  #refused = false;

  constructor(mostMicroUsd: number) {
    this.#mostMicroUsd = mostMicroUsd;
  }

  /** Spent, and set aside for a call whose price nobody told. */
  get microUsd(): number {
    return this.#microUsd;
  }

  /** Whether a call was not made for money. */
  get refused(): boolean {
    return this.#refused;
  }

  /** For one conversation. */
  spending(): ConversationDeps['spending'] {
    let tokens = 0;
    return {
      reserve: async (want, { tokensPerIncident }) => {
        if (tokens + want.tokens > tokensPerIncident) return 'incident-tokens';
        if (this.#microUsd + want.microUsd > this.#mostMicroUsd) {
          this.#refused = true;
          return 'day-money';
        }
        tokens += want.tokens;
        this.#microUsd += want.microUsd;
        return 'reserved';
      },
      settle: async (reserved, spent) => {
        tokens += tokensOf(spent.tokens) - reserved.tokens;
        this.#microUsd += (spent.microUsd ?? reserved.microUsd) - reserved.microUsd;
      },
    };
  }
}
