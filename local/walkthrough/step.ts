/** One thing that must really have happened, as it looked from the outside. */
export interface Step {
  readonly what: string;
  readonly ok: boolean;
  /** What was seen. */
  readonly seen: string;
}

export function step(what: string, ok: boolean, seen: string): Step {
  return { what, ok, seen };
}
