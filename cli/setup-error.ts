/**
 * Something the person at the keyboard has to put right first: a missing program, a busy port, an unreadable file, a
 * wrong option. The message is one plain sentence that says what to do; it is shown without a stack and the exit code is 2.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
