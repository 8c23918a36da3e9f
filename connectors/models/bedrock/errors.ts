import { RungRefusedError } from '../ladder.ts';
import { ModelError, type ModelErrorKind } from '../port.ts';
import { sdkErrorSchema } from './schema.ts';

const KINDS: Readonly<Record<string, ModelErrorKind>> = {
  ThrottlingException: 'throttled',
  ModelNotReadyException: 'throttled',
  ServiceQuotaExceededException: 'throttled',
  InternalServerException: 'unavailable',
  ServiceUnavailableException: 'unavailable',
  ModelErrorException: 'unavailable',
  ModelTimeoutException: 'timeout',
  TimeoutError: 'timeout',
  AbortError: 'timeout',
  AccessDeniedException: 'denied',
  UnrecognizedClientException: 'denied',
  ExpiredTokenException: 'denied',
  ValidationException: 'invalid_request',
  ResourceNotFoundException: 'invalid_request',
  CredentialsProviderError: 'config',
};

const TOO_LONG = /too long|too many (?:input )?tokens|context (?:window|length)|maximum (?:input|context)/i;

/** The service's error in our words. Its own message stays in `cause`: it may quote the prompt. */
export function toModelError(error: unknown): ModelError {
  const parsed = sdkErrorSchema.safeParse(error);
  if (!parsed.success) return new ModelError('unavailable', 'Bedrock could not be called', { cause: error });
  const { name, message, $metadata } = parsed.data;
  const status = $metadata?.httpStatusCode === undefined ? '' : ` (status ${$metadata.httpStatusCode})`;
  const known = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  const kind = known === 'invalid_request' && TOO_LONG.test(message) ? 'too_long' : (known ?? 'unavailable');
  const said = `Bedrock: ${known === undefined ? 'no usable answer' : name}${status}`;
  // A model that does not exist refuses every way alike.
  if (kind === 'invalid_request' && name === 'ValidationException') return new RungRefusedError(said, { cause: error });
  return new ModelError(kind, said, { cause: error });
}
