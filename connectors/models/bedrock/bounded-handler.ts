import { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { isBearable, MAX_ANSWER_BYTES } from '../answer.ts';

type Handle = NodeHttpHandler['handle'];

/** The answer is larger or deeper than anything meant. Trying again would cost again. */
export class UnbearableAnswerError extends Error {
  override readonly name = 'UnbearableAnswerError';
}

/**
 * HTTP/1.1 on purpose: the SDK's default for this service is HTTP/2, which proxies and local servers do not speak. The body is
 * read here and not by the SDK, which has no limit for its size and parses whatever comes.
 */
export function boundedHandler(timeoutMs: number): NodeHttpHandler {
  return new BoundedHandler({ connectionTimeout: 5_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true });
}

class BoundedHandler extends NodeHttpHandler {
  override async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    const answer = await super.handle(request, options);
    const { body } = answer.response;
    if (body instanceof Readable) answer.response.body = await readBounded(body);
    return answer;
  }
}

async function readBounded(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new UnbearableAnswerError(`more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(bytes);
  }
  const whole = Buffer.concat(chunks);
  if (!isBearable(whole.toString('utf8'))) throw new UnbearableAnswerError('nested too deep');
  return whole;
}
