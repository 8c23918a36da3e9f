/** One thing that must be so. `fix` says what to do when it is not. Never holds a secret's value. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix?: string;
  /** The same for programs, where words are not enough. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Runs one check; an exception is an answer too. */
export async function check(
  name: string,
  fix: string,
  ask: () => Promise<string>,
  describe: (error: unknown) => string,
): Promise<Check> {
  try {
    return { name, ok: true, detail: await ask() };
  } catch (error) {
    return { name, ok: false, detail: describe(error), fix };
  }
}

/** What a check throws to say no in its own words. */
export class NotSoError extends Error {
  override readonly name = 'NotSoError';
}
