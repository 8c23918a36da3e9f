import {
  AccountSuspendedException,
  MessageRejected,
  SESv2Client,
  SendEmailCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-sesv2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Mail, MailRefusedError, MailUnavailableError } from '../mail.ts';
import { sesMailer } from './client.ts';

const ses = mockClient(SESv2Client);
beforeEach(() => ses.reset());

const MAIL: Mail = {
  to: 'dana@example.com',
  subject: 'Decision needed: Größe',
  html: '<p>x</p>',
  text: 'x',
  threadId: 'inc-0123456789abcdef0123',
};
const mailer = (configurationSet?: string) =>
  sesMailer({
    client: new SESv2Client({ region: 'us-east-1' }),
    from: 'parapet@example.com',
    ...(configurationSet === undefined ? {} : { configurationSet }),
  });

describe('mail by Amazon SES', () => {
  it('sends text and HTML to one person, marked as automatic and threaded by incident', async () => {
    ses.on(SendEmailCommand).resolves({ MessageId: 'message-1' });
    expect(await mailer('parapet').send(MAIL)).toEqual({ messageId: 'message-1' });
    expect(ses.commandCalls(SendEmailCommand)[0]?.args[0].input).toEqual({
      FromEmailAddress: 'parapet@example.com',
      Destination: { ToAddresses: ['dana@example.com'] },
      ConfigurationSetName: 'parapet',
      Content: {
        Simple: {
          Subject: { Data: 'Decision needed: Größe', Charset: 'UTF-8' },
          Body: { Html: { Data: '<p>x</p>', Charset: 'UTF-8' }, Text: { Data: 'x', Charset: 'UTF-8' } },
          Headers: [
            { Name: 'Auto-Submitted', Value: 'auto-generated' },
            { Name: 'X-Auto-Response-Suppress', Value: 'All' },
            { Name: 'In-Reply-To', Value: '<inc-0123456789abcdef0123@example.com>' },
            { Name: 'References', Value: '<inc-0123456789abcdef0123@example.com>' },
          ],
        },
      },
    });
  });

  it('lets no subject and no thread id start a header of its own', async () => {
    ses.on(SendEmailCommand).resolves({});
    await mailer().send({ ...MAIL, subject: 'a\r\nBcc: evil@example.net\u2028b', threadId: 'inc\r\nX: y>' });
    const simple = ses.commandCalls(SendEmailCommand)[0]?.args[0].input.Content?.Simple;
    expect(simple?.Subject?.Data).toBe('a Bcc: evil@example.net b');
    expect(simple?.Headers?.at(-1)?.Value).toBe('<incXy@example.com>');
  });

  it.each([
    [new MessageRejected({ message: 'x', $metadata: {} }), MailRefusedError],
    [new AccountSuspendedException({ message: 'x', $metadata: {} }), MailRefusedError],
    [new TooManyRequestsException({ message: 'x', $metadata: {} }), MailUnavailableError],
    [new Error('socket hang up'), MailUnavailableError],
  ])('tells apart what may work later: %s', async (error, kind) => {
    ses.on(SendEmailCommand).rejects(error);
    const caught = await mailer()
      .send(MAIL)
      .catch((thrown: unknown) => thrown);
    expect(caught).toBeInstanceOf(kind);
    expect(caught).toMatchObject({ cause: error });
    expect(String(caught)).not.toContain('dana@example.com');
  });
});
