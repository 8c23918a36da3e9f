/**
 * The version a fix came with, from the vendor's status text: `fixed in 5.6.1+really5.4.5-1`, or several separated by
 * commas for parallel release lines. Any other status (`needed`, `deferred`, …) means that no fix is known.
 */
export function fixedVersionOf(status: string): string | undefined {
  const match = /^\s*fixed in\s+(\S.*)$/is.exec(status.slice(0, 512));
  return match?.[1]?.trim() || undefined;
}
