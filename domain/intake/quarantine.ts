import { sha256Hex } from '../json/canonical.ts';
import type { Source } from '../source.ts';

/** The same body of the same source is one quarantined alert, however often it is delivered. */
export function quarantineIdFor(alert: { readonly source: Source; readonly sha256: string }): string {
  return `qua-${sha256Hex(`${alert.source}\n${alert.sha256}`).slice(0, 20)}`;
}
