import { webhookOf } from '../../domain/config/channels.ts';
import { type WebhookSecret, webhookSecretSchema } from '../../domain/intake/webhook-secret.ts';
import type { Source } from '../../domain/source.ts';
import { readConfiguration } from '../configuration.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printable, printableJson } from '../io.ts';
import { webhookAddress } from '../outputs.ts';
import { parseSource, readBytes } from '../parse.ts';
import { SetupError } from '../setup-error.ts';

const TIMEOUT_MS = 30_000;

export interface Sent {
  readonly file: string;
  readonly status: number;
  readonly answer: string;
}

export const send: Register = (program, host, answer) => {
  withPlace(
    program
      .command('send')
      .description('Post files to the webhook, as the vendor would, with the credential of the configuration.')
      .argument('<source>', 'who the files come from, e.g. prisma-cloud-compute', parseSource)
      .argument('<file...>', 'bodies, sent byte for byte, one request each'),
  ).action(async (source: Source, files: string[], options: PlaceOptions) => {
    await answer(
      (async () => {
        const bodies = files.map((file) => ({ file, body: readBytes(file) }));
        const connection = await host.connect(options);
        const target = await authorizationFor(connection, source);
        const results: Sent[] = [];
        for (const { file, body } of bodies) {
          const result = { file, ...(await post(target, body)) };
          results.push(result);
          if (options.json) host.io.out(printableJson(result));
          else host.io.out(`${result.status}  ${printable(file)}  ${printable(result.answer)}`);
        }
        return results.every(({ status }) => status >= 200 && status < 300);
      })(),
    );
  });
};

/** Where and with which headers a source posts; one of the two holds the credential, so neither is printed. */
export interface WebhookTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the vendor would be given: address and headers with the current credential. @throws SetupError */
export async function authorizationFor(
  connection: Pick<Connection, 'configuration' | 'health' | 'webhooks'>,
  source: Source,
): Promise<WebhookTarget> {
  const webhook = webhookOf(readConfiguration(connection.configuration).sources, source);
  if (!webhook) {
    throw new SetupError(
      `${connection.configuration} has no webhook for source ${source}: add it under "sources" and deploy.`,
    );
  }
  const name = webhook.secret;
  const parsed = webhookSecretSchema.safeParse(jsonOrNothing(await connection.health.secret(name)));
  if (!parsed.success) {
    throw new SetupError(`Secret ${name} has no usable webhook credential: fill it, then run parapet doctor.`);
  }
  return targetOf(webhookAddress(connection.webhooks, source), parsed.data);
}

function targetOf(url: string, secret: WebhookSecret): WebhookTarget {
  switch (secret.scheme) {
    case 'basic': {
      const pair = Buffer.from(`${secret.username}:${secret.current}`).toString('base64');
      return { url, headers: { authorization: `Basic ${pair}` } };
    }
    case 'bearer':
      return { url, headers: { authorization: `Bearer ${secret.current}` } };
    case 'header':
      return { url, headers: { [secret.header]: secret.current } };
    case 'path':
      return { url: `${url}/${secret.current}`, headers: {} };
  }
}

/** One delivery. @throws SetupError when nothing answers */
export async function post(
  { url, headers }: WebhookTarget,
  body: Uint8Array,
): Promise<{ readonly status: number; readonly answer: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: Buffer.from(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, answer: (await response.text()).slice(0, 500) };
  } catch (cause) {
    throw new SetupError(`The webhook at ${new URL(url).origin} does not answer.`, { cause });
  }
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not shown and not kept: a JSON error quotes the text it failed on, which is a secret here.
    return undefined;
  }
}
