/** Longest `message`: longer ones end in a marker; the whole text stays in the raw alert, which is kept by digest. */
export const MESSAGE_CAP = 4096;
/** Longest command line, path or URL. */
export const LONG_TEXT_CAP = 2048;
/** Longest name, id or label. */
export const SHORT_TEXT_CAP = 512;

/**
 * A text of at most `max` UTF-16 code units. A longer one keeps its beginning and says how much there was, so that
 * nobody takes the part for the whole. Never ends in half a character.
 */
export function capped(text: string, max: number): string {
  if (text.length <= max) return text;
  const marker = ` […cut: ${text.length} characters in all]`;
  return (text.slice(0, Math.max(0, max - marker.length)).toWellFormed() + marker).slice(0, max);
}
