import { json, type SandboxReply } from '../system.ts';

/** A refusal, thrown where it is noticed and answered as a Kubernetes `Status`. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export function statusReply({ code, reason, message }: StatusError): SandboxReply {
  return json(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

export const refuse = {
  unauthorized: () => new StatusError(401, 'Unauthorized', 'Unauthorized'),
  forbidden: (message: string) => new StatusError(403, 'Forbidden', message),
  notFound: (plural: string, name: string) => new StatusError(404, 'NotFound', `${plural} "${name}" not found`),
  noSuchPath: () => new StatusError(404, 'NotFound', 'the server could not find the requested resource'),
  methodNotAllowed: () =>
    new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'),
  mediaType: (accepted: readonly string[]) =>
    new StatusError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    ),
  badRequest: (message: string) => new StatusError(400, 'BadRequest', message),
  conflict: (plural: string, name: string, why: string) =>
    new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${plural} "${name}": ${why}`),
  exists: (plural: string, name: string) => new StatusError(409, 'AlreadyExists', `${plural} "${name}" already exists`),
  invalid: (what: string, why: string) => new StatusError(422, 'Invalid', `${what} is invalid: ${why}`),
} as const;
