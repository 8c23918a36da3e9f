import { createServer, type IncomingMessage } from 'node:http';
import { type AwsCredentials, authorizationOf } from '../../connectors/aws/signature.ts';

export const CREDENTIALS = {
  accessKeyId: 'ASIAINVENTED',
  secretAccessKey: 'invented-secret',
  sessionToken: 'invented-session',
} satisfies AwsCredentials;
export const REGION = 'eu-central-1';

/** What the Invoke operation answers, as its reference describes it. */
export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang'
  | 'cut';

/** A refusal as the REST services of AWS write it. */
export function refusal(status: number, code: string): Answer {
  return { status, headers: { 'x-amzn-errortype': code }, body: JSON.stringify({ Type: 'User', Message: 'no' }) };
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/lambda\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}$/;

/**
 * Lambda's door for Invoke on 127.0.0.1: makes every signature again and refuses a wrong one, plays the answers in order and
 * repeats the last. What it takes for a right signature is held against the SDK's own client.
 */
export async function lambdaDoor(...answers: readonly Answer[]) {
  const seen: { path: string; payload: string }[] = [];
  const server = createServer(async (call, reply) => {
    const body = await textOf(call);
    const step = rightlySigned(call, body)
      ? answers[Math.min(seen.length, answers.length - 1)]
      : refusal(403, 'InvalidSignatureException');
    seen.push({ path: call.url ?? '', payload: body });
    if (step === 'hang' || step === undefined) return;
    if (step === 'cut') call.socket.destroy();
    else reply.writeHead(step.status, { 'content-type': 'application/json', ...step.headers }).end(step.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function textOf(call: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of call) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function rightlySigned({ url = '', method = '', headers }: IncomingMessage, body: string): boolean {
  const [given, key, region = '', names = ''] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const signed = names.split(';');
  const must = ['host', 'x-amz-date', 'x-amz-security-token'];
  if (key !== CREDENTIALS.accessKeyId || region !== REGION || !must.every((name) => signed.includes(name)))
    return false;
  const again = authorizationOf({
    credentials: CREDENTIALS,
    region,
    service: 'lambda',
    method,
    path: url.split('/').map(encodeURIComponent).join('/'),
    headers: {
      ...Object.fromEntries(
        signed.filter((name) => name !== 'x-amz-date').map((name) => [name, String(headers[name] ?? '')]),
      ),
      'X-Amz-Date': String(headers['x-amz-date']),
    },
    body,
  });
  return again === given;
}
