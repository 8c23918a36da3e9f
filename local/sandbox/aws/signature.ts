import { type AwsCredentials, authorizationOf } from '../../../connectors/aws/signature.ts';
import { json, type SandboxCall, type SandboxReply } from '../system.ts';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * What AWS has against the signature of a call; undefined when it is in order. With `credentials` the signature itself is made
 * again; without them (functions of an emulator bring keys nobody told us) its form, scope and signed headers are looked at.
 */
export function signatureFault(
  call: SandboxCall,
  expected: {
    readonly service: string;
    readonly region: string;
    /** Where the system is mounted; part of the signed path. */
    readonly mount: string;
    readonly credentials?: AwsCredentials | undefined;
  },
): SandboxReply | undefined {
  const refuse = (message: string): SandboxReply => json(403, { message });
  const given = AUTHORIZATION.exec(call.headers['authorization'] ?? '');
  if (!given) return refuse('Missing Authentication Token');
  const [, key, day, region, service, names = ''] = given;
  if (service !== expected.service) {
    return refuse(`Credential should be scoped to correct service: '${expected.service}'.`);
  }
  if (region !== expected.region) return refuse(`Credential should be scoped to a valid region, not '${region}'.`);
  const date = call.headers['x-amz-date'] ?? '';
  const signed = names.split(';');
  if (
    !/^\d{8}T\d{6}Z$/.test(date) ||
    !date.startsWith(day ?? '-') ||
    !['host', 'x-amz-date'].every((name) => signed.includes(name))
  ) {
    return refuse('The request signature we calculated does not match the signature you provided.');
  }
  const { credentials } = expected;
  if (credentials === undefined) return undefined;
  if (key !== credentials.accessKeyId) return refuse('The security token included in the request is invalid.');
  const headers = Object.fromEntries(
    signed.filter((name) => name !== 'x-amz-date').map((name) => [name, call.headers[name] ?? '']),
  );
  const again = authorizationOf({
    credentials,
    region,
    service,
    method: call.method,
    path: `${expected.mount}${call.path}`,
    headers: { ...headers, 'X-Amz-Date': date },
    body: call.body,
  });
  return again === call.headers['authorization']
    ? undefined
    : refuse('The request signature we calculated does not match the signature you provided.');
}

/** The body of a call, or what the service answers to one that is none. */
export function bodyOf(call: SandboxCall): { readonly body: unknown } | { readonly refused: SandboxReply } {
  if (!/^application\/(?:json|x-amz-json-1\.\d)/.test(call.headers['content-type'] ?? '')) {
    return { refused: json(415, { message: 'unsupported media type' }) };
  }
  try {
    return { body: JSON.parse(call.body) };
  } catch {
    return {
      refused: json(400, { message: 'could not parse request body' }, { 'x-amzn-errortype': 'SerializationException' }),
    };
  }
}
