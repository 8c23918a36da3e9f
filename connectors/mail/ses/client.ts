import { type SESv2Client, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { type Mail, type Mailer, MailRefusedError, MailUnavailableError } from '../mail.ts';

/** Answers after which sending again cannot help (service model sesv2 2019-09-27). */
const PERMANENT = new Set([
  'MessageRejected',
  'AccountSuspendedException',
  'SendingPausedException',
  'MailFromDomainNotVerifiedException',
  'NotFoundException',
  'BadRequestException',
  'AccessDeniedException',
]);

/** Amazon SES v2. The client retries throttling by itself; what still fails is told apart for the caller. */
export function sesMailer(deps: {
  readonly client: SESv2Client;
  readonly from: string;
  /** A configuration set with click and open tracking off: tracking would rewrite approval links. */
  readonly configurationSet?: string;
}): Mailer {
  return {
    async send(mail) {
      try {
        const answer = await deps.client.send(
          new SendEmailCommand({
            FromEmailAddress: deps.from,
            Destination: { ToAddresses: [mail.to] },
            ...(deps.configurationSet === undefined ? {} : { ConfigurationSetName: deps.configurationSet }),
            Content: { Simple: simple(mail, deps.from) },
          }),
        );
        return { messageId: answer.MessageId ?? 'unknown' };
      } catch (error) {
        throw mailError(error);
      }
    },
  };
}

function simple(mail: Mail, from: string) {
  const thread = `<${mail.threadId.replace(/[^\w.-]/g, '')}@${from.split('@').at(-1) ?? 'parapet'}>`;
  return {
    Subject: { Data: subjectOf(mail.subject), Charset: 'UTF-8' },
    Body: {
      Html: { Data: mail.html, Charset: 'UTF-8' },
      Text: { Data: mail.text, Charset: 'UTF-8' },
    },
    Headers: [
      // RFC 3834: no out-of-office reply shall answer a machine; the second is Microsoft's word for the same.
      { Name: 'Auto-Submitted', Value: 'auto-generated' },
      { Name: 'X-Auto-Response-Suppress', Value: 'All' },
      // Amazon SES writes a Message-ID of its own, so all mails of an incident answer one that was never sent.
      { Name: 'In-Reply-To', Value: thread },
      { Name: 'References', Value: thread },
    ],
  };
}

/** A line break would start a header of its own. */
function subjectOf(subject: string): string {
  return subject
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .toWellFormed();
}

function mailError(error: unknown): unknown {
  if (error instanceof SESv2ServiceException) {
    // The service's own message may quote the address; the name is enough for the log.
    const said = `the mail service answered ${error.name}`;
    return PERMANENT.has(error.name)
      ? new MailRefusedError(`${said}; check identity, address and account of Amazon SES`, { cause: error })
      : new MailUnavailableError(said, { cause: error });
  }
  return new MailUnavailableError('the mail service could not be reached', { cause: error });
}
