import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import * as z from 'zod';
import { realHttp } from '../../connectors/http/request.ts';
import { discover } from '../../connectors/sign-in/provider.ts';
import { webhooksOf } from '../../domain/config/channels.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { SignInConfiguration } from '../../domain/config/sign-in.ts';
import type { Connection } from '../context.ts';
import { explain } from '../explain.ts';
import { webhookAddress } from '../outputs.ts';
import { type Check, check, NotSoError } from './check.ts';

const TIMEOUT_MS = 10_000;
const authoritySchema = z.object({ caPem: z.string() });

/** The two edges must answer as they should; the outside systems must answer at all. Nothing is sent but an empty request. */
export async function checkEndpoints(config: Configuration, connection: Connection): Promise<readonly Check[]> {
  const { ticket, chat } = config.destinations;
  const guarded = config.deployment.webhookDomain?.truststoreUri !== undefined;
  return await Promise.all([
    ...webhooksOf(config.sources).map(({ source }) => (guarded ? notAsked(source) : checkWebhook(connection, source))),
    checkPeople(connection),
    ...vendorAddresses(config).map(([name, url]) => checkOutside(name, url)),
    ...config.clusters.map(async ({ name, server, readSecret }) =>
      checkOutside(`Kubernetes API of ${name}`, server, await authorityOf(connection, readSecret)),
    ),
    ...(config.approvals.signIn ? [checkIssuer(config.approvals.signIn)] : []),
    ...(ticket ? [checkOutside('Jira', ticket.baseUrl)] : []),
    ...(chat ? [checkOutside('Slack', chat.baseUrl)] : []),
    ...Object.entries(config.models?.profiles ?? {}).flatMap(([name, { endpoint }]) =>
      endpoint === undefined ? [] : [checkOutside(`model ${name}`, endpoint)],
    ),
  ]);
}

/** The addresses Parapet reads vendors at. AWS services are asked with the functions' roles, from inside. */
function vendorAddresses({ sources }: Configuration): readonly (readonly [string, string])[] {
  const { 'prisma-cloud-compute': compute, 'prisma-cloud': prisma, wiz, lacework } = sources;
  return [
    ...(compute ? [['Prisma Cloud Compute API', compute.api.baseUrl] as const] : []),
    ...(prisma ? [['Prisma Cloud API', prisma.api.baseUrl] as const] : []),
    ...(wiz ? [['Wiz API', wiz.api.endpoint] as const, ['Wiz token address', wiz.api.tokenUrl] as const] : []),
    ...(lacework ? [['Lacework API', lacework.api.baseUrl] as const] : []),
  ];
}

/** Mutual TLS ends a connection without a client certificate before there is any answer to judge. */
async function notAsked(source: string): Promise<Check> {
  const detail = 'not asked: the webhook domain wants a client certificate, and only the sender has one';
  return { name: `webhook of ${source}`, ok: true, detail };
}

async function checkWebhook({ webhooks }: Connection, source: string): Promise<Check> {
  return await check(
    `webhook of ${source}`,
    'deploy again, and look at the log of function receive',
    async () => {
      const status = await statusOf('POST', webhookAddress(webhooks, source));
      if (status === 401) return 'answers, and refuses a call without the credential';
      if (status === 403)
        return 'answers, and keeps this machine out by its allowed networks (which is right for a deployed edge)';
      throw new NotSoError(`answered ${status} to a call without a credential, which must be refused`);
    },
    explain,
  );
}

async function checkPeople({ people }: Connection): Promise<Check> {
  return await check(
    'people edge',
    'deploy again, and look at the log of function decide',
    async () => {
      const status = await statusOf('GET', `${people}/approvals/apr-000000000000000000000000`);
      if (status < 500) return `answers (${status} for an approval that does not exist)`;
      throw new NotSoError(`answered ${status}`);
    },
    explain,
  );
}

/** The whole discovery document: an issuer that differs by a slash answers, and nobody could sign in. */
async function checkIssuer(signIn: SignInConfiguration): Promise<Check> {
  return await check(
    'identity provider',
    'set approvals.signIn.issuer to what the discovery document of the provider calls itself (docs/connect/oidc.md)',
    async () => {
      const { authorization_endpoint } = await discover({ http: realHttp, signIn });
      return `${signIn.issuer} is an OpenID provider, and signs people in at ${new URL(authorization_endpoint).host}`;
    },
    explain,
  );
}

async function checkOutside(name: string, url: string, ca?: string): Promise<Check> {
  return await check(
    name,
    `check the address in the configuration and the network from here to ${new URL(url).host}; the functions may have another way`,
    async () => `answers at ${new URL(url).host} (${await statusOf('GET', url, ca)} without a credential)`,
    explain,
  );
}

/** undefined: the secret is not usable, which its own check tells. */
async function authorityOf({ health }: Connection, name: string): Promise<string | undefined> {
  try {
    return authoritySchema.safeParse(JSON.parse(await health.secret(name))).data?.caPem;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** The status of an answer; `*.localhost` is reached without asking a resolver, which may not know it. */
async function statusOf(method: string, address: string, ca?: string): Promise<number> {
  const url = new URL(address);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return await new Promise((resolve, reject) => {
    const call = request(
      {
        method,
        host: url.hostname.endsWith('.localhost') ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port || (url.protocol === 'https:' ? 443 : 80),
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, 'content-length': 0 },
        timeout: TIMEOUT_MS,
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    call.on('timeout', () => call.destroy(new NotSoError(`does not answer within ${TIMEOUT_MS / 1000} seconds`)));
    call.on('error', reject);
    call.end();
  });
}
