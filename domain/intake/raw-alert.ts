/** Where the body of an alert lies in the evidence bucket: named by its content, so that the same body is kept once. */
export function rawAlertKey(sha256: string): string {
  return `alerts/${sha256}.json`;
}
