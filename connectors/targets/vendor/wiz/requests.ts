import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { COPY_FORENSICS, CREATE_NOTE, DELETE_NOTE, nameOf, SET_STATUS } from './operations.ts';

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
const note = z.string().min(1).max(500);

/** By document, the variables each may have. Another document, or one more field, is not sent. */
const FORMS: ReadonlyMap<string, z.ZodType<object>> = new Map<string, z.ZodType<object>>([
  [
    SET_STATUS,
    z.strictObject({
      id,
      patch: z.union([
        z.strictObject({ status: z.enum(['OPEN', 'IN_PROGRESS']) }),
        z.strictObject({
          status: z.literal('RESOLVED'),
          resolutionReason: z.literal('MALICIOUS_THREAT'),
          resolutionNote: note,
        }),
      ]),
    }),
  ],
  [CREATE_NOTE, z.strictObject({ input: z.strictObject({ issueId: id, text: note }) })],
  [DELETE_NOTE, z.strictObject({ input: z.strictObject({ id }) })],
  [COPY_FORENSICS, z.strictObject({ input: z.strictObject({ id }) })],
]);
const bodySchema = z.strictObject({ operationName: z.string(), query: z.string(), variables: z.unknown() });

function mutation(base: string, query: string, variables: object, purpose: string): PlannedRequest {
  return {
    method: 'POST',
    path: base,
    contentType: 'application/json',
    body: { operationName: nameOf(query), query, variables },
    purpose,
  };
}

export function setStatus(base: string, issue: string, patch: object, purpose: string): PlannedRequest {
  return mutation(base, SET_STATUS, { id: issue, patch }, purpose);
}

export function createNote(base: string, issueId: string, text: string, purpose: string): PlannedRequest {
  return mutation(base, CREATE_NOTE, { input: { issueId, text } }, purpose);
}

export function deleteNote(base: string, noteId: string): PlannedRequest {
  return mutation(base, DELETE_NOTE, { input: { id: noteId } }, 'delete the note');
}

export function copyForensics(base: string, resource: string): PlannedRequest {
  return mutation(base, COPY_FORENSICS, { input: { id: resource } }, 'copy the volumes to the forensics account');
}

/** The body, if the request is in the closed list of what is ever written to a tenant. */
export function bodyToSend({ method, path, body }: PlannedRequest, base: string): object | undefined {
  const parsed = bodySchema.safeParse(body);
  if (method !== 'POST' || path !== base || !parsed.success) return undefined;
  const { operationName, query, variables } = parsed.data;
  const given = FORMS.get(query)?.safeParse(variables).data;
  return given === undefined || operationName !== nameOf(query)
    ? undefined
    : { operationName, query, variables: given };
}
