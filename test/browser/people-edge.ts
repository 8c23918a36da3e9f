import { createServer, type IncomingMessage } from 'node:http';

/** What an HTTP API hands to a function and takes back (payload format 2.0), on loopback. */
export interface PeopleEdge {
  readonly url: string;
  readonly requests: readonly { readonly method: string; readonly headers: Readonly<Record<string, string>> }[];
  close(): Promise<void>;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly cookies?: readonly string[];
}

/** Plays API Gateway in front of one function, so that a browser meets the function's own headers and pages. */
export async function servePeopleEdge(handle: (event: unknown) => Promise<Answer>): Promise<PeopleEdge> {
  const requests: { method: string; headers: Record<string, string> }[] = [];
  const server = createServer((request, response) => {
    eventOf(request)
      .then((event) => {
        requests.push({ method: request.method ?? 'GET', headers: event.headers });
        return handle(event);
      })
      .then(
        ({ statusCode, headers, body, cookies }) =>
          response.writeHead(statusCode, { ...headers, ...(cookies ? { 'set-cookie': [...cookies] } : {}) }).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no TCP address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function eventOf(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  const url = new URL(request.url ?? '/', 'http://edge');
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  return {
    version: '2.0',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    // Taken out of the headers, as the payload format says.
    cookies: request.headers.cookie?.split('; ') ?? [],
    queryStringParameters: Object.fromEntries(url.searchParams),
    requestContext: { http: { method: request.method ?? 'GET', path: url.pathname } },
    // API Gateway hands over bodies that are not text in base64; form bodies come like that too.
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks).toString('base64'), isBase64Encoded: true }),
  };
}
