import type { Jsonata } from '../jsonata.ts';
import { type Definition, Native } from './callable.ts';
import { each, filter, map, reduce, sift, single, sort } from './higher-order.ts';
import { contains, match, replace, split } from './patterns.ts';

/** Functions of jsonata that answer at once and alike for like arguments: they are called as they are. */
const DIRECT = [
  ...['abs', 'append', 'assert', 'average', 'base64decode', 'base64encode', 'boolean', 'ceil', 'clone', 'count'],
  ...['decodeUrl', 'decodeUrlComponent', 'distinct', 'encodeUrl', 'encodeUrlComponent', 'error', 'exists', 'floor'],
  ...['formatBase', 'formatInteger', 'formatNumber', 'fromMillis', 'join', 'keys', 'length', 'lookup', 'lowercase'],
  ...['max', 'merge', 'min', 'not', 'number', 'parseInteger', 'power', 'reverse', 'round', 'spread', 'sqrt', 'string'],
  ...['substring', 'substringAfter', 'substringBefore', 'sum', 'toMillis', 'trim', 'type', 'uppercase', 'zip'],
];

/** Those that are promises there, with our form of them. */
const OWN: Readonly<Record<string, NonNullable<Native['own']>>> = {
  ...{ contains, match, replace, split },
  ...{ each, filter, map, reduce, sift, single, sort },
};

const NAMES: ReadonlySet<string> = new Set([...DIRECT, ...Object.keys(OWN)]);

export function isNative(name: string): boolean {
  return NAMES.has(name);
}

export function takesFunction(name: string): boolean {
  return Object.hasOwn(OWN, name);
}

/** jsonata's own definitions, asked from it by name. @throws Error when this version keeps them in another form */
export async function nativesOf(jsonata: Jsonata): Promise<ReadonlyMap<string, Native>> {
  const names = [...NAMES];
  const text = `[${names.map((name) => `$${name}`).join(', ')}]`;
  const found = await jsonata(text).evaluate(null);
  const definitions = Array.isArray(found) ? found : [];
  return new Map(
    names.map((name, index) => {
      const definition: unknown = definitions[index];
      if (!isDefinition(definition)) throw new Error(`jsonata keeps its function $${name} in a form that is not known`);
      return [name, new Native(definition, Object.hasOwn(OWN, name) ? OWN[name] : undefined)] as const;
    }),
  );
}

function isDefinition(value: unknown): value is Definition {
  if (typeof value !== 'object' || value === null) return false;
  if (!('implementation' in value && 'signature' in value)) return false;
  const { implementation, signature } = value;
  return (
    typeof implementation === 'function' &&
    typeof signature === 'object' &&
    signature !== null &&
    'validate' in signature &&
    typeof signature.validate === 'function'
  );
}
