import { SESv2Client } from '@aws-sdk/client-sesv2';
import type { Configuration } from '../../domain/config/schema.ts';
import { type Mailer, MailRefusedError } from '../mail/mail.ts';
import { sesMailer } from '../mail/ses/client.ts';

/** The configuration check demands a sender as soon as anybody is asked; refusing is the guard behind it. */
export function configuredMailer({ destinations: { mail } }: Configuration): Mailer {
  return mail === undefined
    ? { send: () => Promise.reject(new MailRefusedError('destinations.mail is not configured')) }
    : sesMailer({
        client: new SESv2Client(),
        from: mail.from,
        ...(mail.configurationSet === undefined ? {} : { configurationSet: mail.configurationSet }),
      });
}
