import { request } from 'node:http';

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
  } = {},
): Promise<Answer> {
  const url = new URL(address);
  if (url.protocol !== 'http:') throw new Error(`only the laptop's own pages are visited, not ${url.origin}`);
  return await new Promise((resolve, reject) => {
    const call = request(
      {
        method: options.method ?? 'GET',
        host: url.hostname.endsWith('.localhost') || url.hostname === 'localhost' ? '127.0.0.1' : url.hostname,
        port: url.port || 80,
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
