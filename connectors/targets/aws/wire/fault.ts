import * as z from 'zod';
import { TargetError, type TargetErrorKind } from '../../errors.ts';

/** What AWS calls a refusal, wherever each protocol writes it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}

const jsonFault = z.object({
  __type: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

/** @param errorType the header `x-amzn-errortype` of the REST services, which may carry an address behind a colon */
export function faultOf(text: string, errorType: string | null): Fault | undefined {
  const xml = /<Code>([\w.]{1,120})<\/Code>/.exec(text)?.[1];
  if (xml !== undefined) return { code: xml, message: said(/<Message>([\s\S]*?)(?:<\/Message>|$)/.exec(text)?.[1]) };
  const json = readJson(text);
  const code = errorType ?? json?.__type ?? json?.code;
  if (!code) return undefined;
  return { code: code.split(':')[0]?.split('#').at(-1) ?? code, message: said(json?.message ?? json?.Message) };
}

function readJson(text: string): z.infer<typeof jsonFault> | undefined {
  try {
    return jsonFault.safeParse(JSON.parse(text)).data;
  } catch {
    // Neither XML nor JSON: a proxy's page explains nothing that the status does not.
    return undefined;
  }
}

/** The message may quote what the workload chose (a name, a tag). An encoded authorisation message is noise to people. */
function said(message: string | undefined): string {
  return (message ?? '')
    .replace(/Encoded authorization failure message: \S+/, '')
    .trim()
    .slice(0, 300);
}

const THROTTLES = new Set(['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequestsException']);
const DENIALS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'Client.UnauthorizedOperation',
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'ExpiredToken',
  'ExpiredTokenException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'OptInRequired',
]);
const CONFLICTS = new Set([
  'ConcurrentModification',
  'ConcurrentModificationException',
  'EntityAlreadyExists',
  'EntityTemporarilyUnmodifiable',
  'ResourceInUseException',
  'ResourceContention',
  'ScalingActivityInProgress',
  'DeleteConflict',
]);

/** A throttled call was not processed, so it may be sent again whatever it is. */
export function isThrottled({ code }: Fault): boolean {
  return THROTTLES.has(code);
}

export function targetErrorOf(name: string, status: number, fault: Fault | undefined): TargetError {
  const words = fault === undefined ? '' : `: ${fault.code}${fault.message ? ` (${fault.message})` : ''}`;
  return new TargetError(kindOf(status, fault?.code), `${name} answered ${status}${words}`, { status });
}

function kindOf(status: number, code = ''): TargetErrorKind {
  if (THROTTLES.has(code) || status === 429 || status >= 500) return 'unreachable';
  if (DENIALS.has(code)) return 'denied';
  if (code === 'NoSuchEntity' || code === 'ResourceNotFoundException' || code.endsWith('.NotFound')) return 'not-found';
  if (CONFLICTS.has(code) || (code === '' && status === 409)) return 'conflict';
  if (code === '' && (status === 401 || status === 403)) return 'denied';
  if (code === '' && status === 404) return 'not-found';
  return 'invalid';
}
