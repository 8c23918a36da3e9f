import * as z from 'zod';

const proxyEventSchema = z.lazy(() =>
  z.object({
    httpMethod: z.string(),
    resource: z.string().optional(),
    path: z.string().optional(),
    pathParameters: z.record(z.string(), z.string()).nullish(),
    headers: z.record(z.string(), z.string()).nullish(),
    multiValueHeaders: z.record(z.string(), z.array(z.string())).nullish(),
    body: z.string().nullish(),
    isBase64Encoded: z.boolean().default(false),
    requestContext: z.object({ identity: z.object({ sourceIp: z.string().nullish() }).nullish() }).nullish(),
  }),
);

export interface WebhookRequest {
  readonly method: string;
  /** The part of the path behind `webhooks`, as the sender wrote it. */
  readonly source: string;
  /** The part behind the source, where a sender that can send nothing else puts its credential. Never log it. */
  readonly pathSecret: string | undefined;
  /** Address of the peer of the connection as API Gateway saw it: what a header says about it proves nothing. */
  readonly peer: string | undefined;
  /** Value of a header whatever its case; undefined also when it was sent more than once, because then nobody can say which counts. */
  header(name: string): string | undefined;
  /** Size before decoding, so that a body over the limit costs nothing. */
  readonly bytes: number;
  /** The body's bytes as they came. */
  read(): Buffer;
}

/**
 * A REST API proxy event as a webhook request. Where API Gateway has no binary media types it hands a JSON body over as
 * text, in which invalid UTF-8 was already replaced; with binary media types it is base64 and the bytes are the sender's.
 */
export function parseRequest(event: unknown): WebhookRequest | undefined {
  const parsed = proxyEventSchema.safeParse(event);
  if (!parsed.success) return undefined;
  const { httpMethod, headers, multiValueHeaders, body, isBase64Encoded, requestContext } = parsed.data;
  const text = body ?? '';
  return {
    method: httpMethod.toUpperCase(),
    ...addressed(parsed.data),
    peer: requestContext?.identity?.sourceIp ?? undefined,
    header: (name) => onlyOne(valuesOf(name, multiValueHeaders) ?? valuesOf(name, headers) ?? []),
    bytes: isBase64Encoded ? base64Bytes(text) : Buffer.byteLength(text),
    read: () => Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** The resource names the source, because each has its own; its parameter is the secret. Without them the path has both. */
function addressed({
  resource,
  path,
  pathParameters,
}: z.infer<typeof proxyEventSchema>): Pick<WebhookRequest, 'source' | 'pathSecret'> {
  const [, inPath, secretInPath] = PATH.exec(path ?? '') ?? [];
  const [, inResource] = PATH.exec(resource ?? '') ?? [];
  const source = pathParameters?.['source'] ?? inResource ?? inPath ?? '';
  return { source, pathSecret: pathParameters?.['secret'] ?? secretInPath };
}

const PATH = /\/webhooks\/([^/{}]+)(?:\/([^/]+))?$/;

function valuesOf(name: string, headers: Record<string, string | string[]> | null | undefined): string[] | undefined {
  if (!headers) return undefined;
  return Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? value : []));
}

function onlyOne(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}
