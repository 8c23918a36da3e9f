import type { ModelPrice } from '../config/models.ts';

/** Tokens of one call or of many; `input` does not include what a cache read or wrote. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

export const NO_TOKENS: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

export function tokensOf({ input, output, cacheRead, cacheWrite }: Tokens): number {
  return input + output + cacheRead + cacheWrite;
}

/**
 * Millionths of a US dollar, rounded up: dollars for a million tokens are millionths for one. A cache price that is not
 * given counts as input. Undefined without a price: a cost nobody knows is not zero.
 */
export function microUsdOf(tokens: Tokens, price: ModelPrice | undefined): number | undefined {
  if (price === undefined) return undefined;
  const { input, output, cacheRead = input, cacheWrite = input } = price;
  return Math.ceil(
    tokens.input * input + tokens.output * output + tokens.cacheRead * cacheRead + tokens.cacheWrite * cacheWrite,
  );
}

/** English JSON has 3.5 to 4 bytes for a token (reference measurement); hostile text has fewer, and too much is set right afterwards. */
const BYTES_PER_TOKEN = 3;

/** What a call may cost at most, before it is made: everything sent, and the longest answer. */
export function mostTokens(sentBytes: number, maxOutputTokens: number): Tokens {
  return { ...NO_TOKENS, input: Math.ceil(sentBytes / BYTES_PER_TOKEN), output: maxOutputTokens };
}
