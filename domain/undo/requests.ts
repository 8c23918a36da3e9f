import * as z from 'zod';
import type { PlannedRequest } from '../actions/action.ts';
import { canonicalJson } from '../json/canonical.ts';

const VERSION = '/metadata/resourceVersion';
const operations = z.array(z.looseObject({ op: z.string(), path: z.string() }));
const deletion = z.looseObject({ preconditions: z.looseObject({ resourceVersion: z.unknown() }) });

/**
 * A request as people are asked about it: without the version of the object that was read a moment before. That guard can
 * only make a request fail, and it changes whenever anybody reports anything about the object, so binding it would void
 * every approval within minutes.
 */
export function withoutVersion(request: PlannedRequest): PlannedRequest {
  const patch = operations.safeParse(request.body);
  if (patch.success)
    return { ...request, body: patch.data.filter(({ op, path }) => op !== 'test' || path !== VERSION) };
  const removal = deletion.safeParse(request.body);
  if (!removal.success) return request;
  const { resourceVersion: _, ...preconditions } = removal.data.preconditions;
  return { ...request, body: { ...removal.data, preconditions } };
}

/** The requests nobody was asked about, of those that would be sent now. What was asked about may be done already. */
export function notAmong(
  now: readonly PlannedRequest[],
  approved: readonly PlannedRequest[],
): readonly PlannedRequest[] {
  const known = new Set(approved.map((request) => canonicalJson(withoutVersion(request))));
  return now.filter((request) => !known.has(canonicalJson(withoutVersion(request))));
}
