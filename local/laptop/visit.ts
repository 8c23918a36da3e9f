import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TIMEOUT_MS = 30_000;

/**
 * One exchange with an address that a browser would open. Names below `.localhost` are this machine in every browser, but
 * not in every resolver, so they are reached at 127.0.0.1 with their name in the Host header.
 */
export async function visit(
  address: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Authority of an https address. */
    readonly ca?: string;
  } = {},
): Promise<Answer> {
  const url = new URL(address);
  const host = url.hostname.endsWith('.localhost') || url.hostname === 'localhost' ? '127.0.0.1' : url.hostname;
  if (host !== '127.0.0.1') throw new Error(`only this machine's own pages are visited, not ${url.origin}`);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return await new Promise((resolve, reject) => {
    const call = request(
      {
        method: options.method ?? 'GET',
        host,
        port: url.port || (url.protocol === 'https:' ? 443 : 80),
        ...(options.ca === undefined ? {} : { ca: options.ca }),
        path: `${url.pathname}${url.search}`,
        headers: {
          ...options.headers,
          host: url.host,
          ...(options.body === undefined ? {} : { 'content-length': Buffer.byteLength(options.body) }),
        },
        timeout: TIMEOUT_MS,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
            ),
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    call.on('timeout', () => call.destroy(new Error(`${url.host} did not answer within ${TIMEOUT_MS / 1000} seconds`)));
    call.on('error', reject);
    call.end(options.body);
  });
}
