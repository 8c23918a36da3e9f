/**
 * What went wrong with a target, in the words its callers act on.
 * `unreachable`: no usable answer came, and for a write nobody knows whether it took effect · `denied`: credential or rights ·
 * `not-found` · `conflict`: somebody else changed it first · `invalid`: the target understood and will never accept this ·
 * `unusable`: the answer, or our own set-up for it, cannot be worked with.
 */
export const TARGET_ERROR_KINDS = ['unreachable', 'denied', 'not-found', 'conflict', 'invalid', 'unusable'] as const;
export type TargetErrorKind = (typeof TARGET_ERROR_KINDS)[number];

export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly kind: TargetErrorKind;
  /** HTTP status of the answer, where one came. */
  readonly status: number | undefined;
  constructor(
    kind: TargetErrorKind,
    message: string,
    options?: { readonly status?: number | undefined; readonly cause?: unknown },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.status = options?.status;
  }
}
