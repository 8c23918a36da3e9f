/** How a body that is no text is kept where only text is: in base64. */
export type BodyEncoding = 'base64';

/** Where the body of an alert lies in the evidence bucket: named by its content, so that the same body is kept once. */
export function rawAlertKey(sha256: string, encoding?: BodyEncoding): string {
  return `alerts/${sha256}.${encoding ?? 'json'}`;
}
