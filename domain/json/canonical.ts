import { createHash } from 'node:crypto';

/** Any value that survives a JSON round trip. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Thrown when a value cannot be written as JSON in exactly one way (NaN, Infinity, undefined in an array, a cycle). */
export class NotCanonicalError extends Error {
  override readonly name = 'NotCanonicalError';
}

/**
 * The one spelling of a JSON value: keys sorted by UTF-16 code unit, no white space, numbers and strings as ECMAScript
 * writes them (the rules of RFC 8785). `undefined` properties are left out, as `JSON.stringify` does.
 * Digests of plans, evidence and audit entries are taken over this text, so it must never change.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** Deeper values are refused: DynamoDB stops at 32 levels and recursion of hostile input must end somewhere. */
const MAX_DEPTH = 200;

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new NotCanonicalError(`value is nested deeper than ${MAX_DEPTH} levels`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotCanonicalError(`${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object') return writeObject(value, depth);
  throw new NotCanonicalError(`a ${typeof value} has no JSON form`);
}

function writeObject(value: object, depth: number): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/** Lower-case hex SHA-256 of bytes or of the UTF-8 form of a text. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 over the canonical form: equal values give equal digests whatever their key order. */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
