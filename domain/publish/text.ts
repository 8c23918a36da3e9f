/** Cuts by code point, never through a surrogate pair, and says that it cut. `limit` counts UTF-16 units, as the vendors' limits do. */
export function shorten(text: string, limit: number, marker = '…'): string {
  if (text.length <= limit) return text;
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > limit - marker.length) break;
    kept += character;
  }
  return `${kept}${marker}`;
}

/** `2025-10-14T09:17:10.000Z` -> `2025-10-14 09:17:10 UTC`: one spelling of time wherever people read. */
export function readableTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1800` -> `30 minutes`; rounded down to what a person would say. */
export function readableDuration(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.floor(seconds))} seconds`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} minutes`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} hours`;
  return `${Math.floor(seconds / 86_400)} days`;
}
