import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

/** The patch is not a JSON patch at all (400), or does not apply to this object (422), as the real API server tells apart. */
export class PatchError extends Error {
  readonly status: 400 | 422;
  constructor(status: 400 | 422, message: string) {
    super(message);
    this.status = status;
  }
}

const patchSchema = z.array(
  z.discriminatedUnion('op', [
    z.object({ op: z.enum(['add', 'replace', 'test']), path: z.string(), value: z.unknown() }),
    z.object({ op: z.literal('remove'), path: z.string() }),
  ]),
);
type Operation = z.infer<typeof patchSchema>[number];

/** RFC 6902 without `move` and `copy`, which nobody here needs. @throws PatchError */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const parsed = patchSchema.safeParse(patch);
  if (!parsed.success) throw new PatchError(400, 'error decoding patch: not a list of JSON patch operations');
  const root = { '': structuredClone(document) };
  for (const operation of parsed.data) applyOne(root, operation);
  return root[''];
}

function applyOne(root: { '': unknown }, operation: Operation): void {
  const segments = operation.path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = segments.at(-1);
  if (segments[0] !== '' || last === undefined) throw new PatchError(422, `invalid path ${operation.path}`);
  let parent: unknown = root;
  for (const segment of segments.slice(0, -1)) parent = memberOf(parent, segment, operation.path);
  if (Array.isArray(parent)) changeArray(parent, last, operation);
  else if (isRecord(parent)) changeObject(parent, last, operation);
  else throw missing(operation.path);
}

function changeObject(parent: Record<string, unknown>, key: string, operation: Operation): void {
  const exists = Object.hasOwn(parent, key);
  switch (operation.op) {
    case 'test':
      if (!isDeepStrictEqual(exists ? parent[key] : null, operation.value ?? null)) throw testFailed(operation.path);
      return;
    case 'add':
      parent[key] = operation.value;
      return;
    case 'replace':
      if (!exists) throw missing(operation.path);
      parent[key] = operation.value;
      return;
    case 'remove':
      if (!exists) throw missing(operation.path);
      delete parent[key];
      return;
  }
}

function changeArray(parent: unknown[], key: string, operation: Operation): void {
  const index = key === '-' && operation.op === 'add' ? parent.length : Number(key);
  const limit = operation.op === 'add' ? parent.length : parent.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > limit) throw missing(operation.path);
  switch (operation.op) {
    case 'test':
      if (!isDeepStrictEqual(parent[index], operation.value)) throw testFailed(operation.path);
      return;
    case 'add':
      parent.splice(index, 0, operation.value);
      return;
    case 'replace':
      parent[index] = operation.value;
      return;
    case 'remove':
      parent.splice(index, 1);
      return;
  }
}

function memberOf(parent: unknown, segment: string, path: string): unknown {
  if (Array.isArray(parent)) return parent[Number(segment)];
  if (isRecord(parent) && Object.hasOwn(parent, segment)) return parent[segment];
  throw missing(path);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const missing = (path: string): PatchError => new PatchError(422, `doc is missing path: ${path}: missing value`);
const testFailed = (path: string): PatchError => new PatchError(422, `testing value ${path} failed: test failed`);
