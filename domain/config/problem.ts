/** One thing wrong with the configuration: where, and what to do about it. */
export interface ConfigurationProblem {
  /** Path in the file, e.g. `clusters[0].server`; empty for the file as a whole. */
  readonly path: string;
  readonly reason: string;
}
