import * as z from 'zod';
import type { Source } from '../../domain/source.ts';
import { readConfiguration } from '../configuration.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printable, printableJson } from '../io.ts';
import { webhookAddress } from '../outputs.ts';
import { parseSource, readBytes } from '../parse.ts';
import { SetupError } from '../setup-error.ts';

const credentialSchema = z.object({ username: z.string(), current: z.string() });
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
        const authorization = await authorizationFor(connection, source);
        const results: Sent[] = [];
        for (const { file, body } of bodies) {
          const result = { file, ...(await post(webhookAddress(connection.webhooks, source), authorization, body)) };
          results.push(result);
          if (options.json) host.io.out(printableJson(result));
          else host.io.out(`${result.status}  ${printable(file)}  ${printable(result.answer)}`);
        }
        return results.every(({ status }) => status >= 200 && status < 300);
      })(),
    );
  });
};

/** The Basic credential the webhook edge of this source accepts. @throws SetupError */
export async function authorizationFor(
  connection: Pick<Connection, 'configuration' | 'health'>,
  source: Source,
): Promise<string> {
  const configured = readConfiguration(connection.configuration).sources[source];
  if (!configured) {
    throw new SetupError(`${connection.configuration} has no source ${source}: add it under "sources" and deploy.`);
  }
  const name = configured.webhook.secret;
  const parsed = credentialSchema.safeParse(jsonOrNothing(await connection.health.secret(name)));
  if (!parsed.success) {
    throw new SetupError(`Secret ${name} has no usable {"username","current"}: fill it, then run parapet doctor.`);
  }
  return `Basic ${Buffer.from(`${parsed.data.username}:${parsed.data.current}`).toString('base64')}`;
}

/** One delivery. @throws SetupError when nothing answers */
export async function post(
  url: string,
  authorization: string,
  body: Uint8Array,
): Promise<{ readonly status: number; readonly answer: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
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
