/**
 * Shows what would be invisible or would change the reading direction, so that no text can look like another (Unicode
 * TR 36); line breaks and tabs stay.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[^\P{C}\n\t]|[\u2028\u2029]/gu,
      (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? 'fffd'}}`,
    );
}
