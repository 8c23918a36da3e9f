/** `Payments, Platform, ` as its names; the vendor leaves a comma at the end. */
export function namesIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .slice(0, 200)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** A list for people, undefined when there is none. */
export function textOfList(values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.slice(0, 50).join(', ');
}

const MARKER = /:[a-z-]{1,40}\[([^\]\n]{0,500})\]\{[^}\n]{0,1000}\}/g;

/** Descriptions hold entity markers, `:cloud-resource[text]{resourceId="…"}`: the bracketed text is what people read. */
export function withoutMarkers(text: string | undefined): string | undefined {
  return text
    ?.slice(0, 20_000)
    .replace(MARKER, '$1')
    .replace(/\\([-_*[\]().])/g, '$1');
}
