/** The mail will not be sent however often it is tried: address, identity or account. For a person. */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
}
/** Not now: throttled or unreachable. */
export class MailUnavailableError extends Error {
  override readonly name = 'MailUnavailableError';
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Mails with the same thread id are shown together. */
  readonly threadId: string;
}

export interface Mailer {
  /** @returns the message id of the mail service. @throws MailRefusedError, MailUnavailableError */
  send(mail: Mail): Promise<{ readonly messageId: string }>;
}
