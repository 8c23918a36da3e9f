import * as z from 'zod';
import type { PlannedRequest } from '../../../domain/actions/action.ts';
import { TargetError } from '../errors.ts';

/** Named in `metadata.managedFields` and in the cluster's audit log for everything we change. */
export const FIELD_MANAGER = 'parapet';

export const APPLY_PATCH = 'application/apply-patch+yaml';
export const JSON_PATCH = 'application/json-patch+json';
const JSON_BODY = 'application/json';

const WRITE_QUERY = `fieldManager=${FIELD_MANAGER}&fieldValidation=Strict`;

export type JsonPatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/**
 * Create-or-update of an object that is ours by its name. `force`, because nobody else may own fields of it.
 * JSON is valid YAML, which is what the content type asks for.
 */
export function serverSideApply(
  path: string,
  body: Readonly<Record<string, unknown>>,
  purpose: string,
): PlannedRequest {
  return { method: 'PATCH', path: `${path}?${WRITE_QUERY}&force=true`, contentType: APPLY_PATCH, body, purpose };
}

/** Change of somebody else's object. The first operation tests its uid, so that a same-named successor is never touched. */
export function jsonPatch(
  path: string,
  uid: string,
  operations: readonly JsonPatchOperation[],
  purpose: string,
): PlannedRequest {
  return {
    method: 'PATCH',
    path: `${path}?${WRITE_QUERY}`,
    contentType: JSON_PATCH,
    body: [{ op: 'test', path: '/metadata/uid', value: uid }, ...operations],
    purpose,
  };
}

export function deletion(
  path: string,
  preconditions: { readonly uid: string; readonly resourceVersion?: string | undefined },
  purpose: string,
): PlannedRequest {
  return {
    method: 'DELETE',
    path,
    contentType: JSON_BODY,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions },
    purpose,
  };
}

export function creation(path: string, body: Readonly<Record<string, unknown>>, purpose: string): PlannedRequest {
  return { method: 'POST', path: `${path}?${WRITE_QUERY}`, contentType: JSON_BODY, body, purpose };
}

const guardedPatch = z
  .array(z.object({ op: z.string(), path: z.string() }))
  .refine((operations) => operations.some(({ op, path }) => op === 'test' && path === '/metadata/uid'));
const guardedDeletion = z.object({ preconditions: z.object({ uid: z.string().min(1) }) });

/**
 * Whether a lost or throttled request may be sent again: it gives the same state however often it arrives.
 * @throws TargetError `invalid` for a request that lacks its guard; such a one is never sent
 */
export function checkGuarded(request: PlannedRequest): { readonly repeatable: boolean } {
  const { method, contentType, body } = request;
  if (method === 'PATCH' && contentType === APPLY_PATCH) return { repeatable: true };
  if (method === 'PATCH' && contentType === JSON_PATCH && guardedPatch.safeParse(body).success)
    return { repeatable: true };
  if (method === 'DELETE' && guardedDeletion.safeParse(body).success) return { repeatable: false };
  if (method === 'POST' && contentType === JSON_BODY) return { repeatable: false };
  throw new TargetError('invalid', `a ${method} of ${request.path} without its guard is never sent`);
}

/** One key or label as a JSON pointer segment (RFC 6901). */
export function pointer(...segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
