/** A small generator with a seed, so that a failure can be played again. */
export type Random = () => number;

/** Mulberry32 (public domain, Tommy Ettinger): 32 bits of state, good enough to choose mutations. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What vendors' answers were seen to hold, and what an attacker would put there. */
const HOSTILE: readonly unknown[] = [
  null,
  '',
  ' ',
  [],
  {},
  0,
  -1,
  true,
  2 ** 53 + 2,
  1e308,
  0.1,
  'null',
  'undefined',
  '-',
  '\u202egnp.exe',
  'a\u0000b\u001b[31m',
  '\ud800',
  'раyments',
  'x'.repeat(5_000),
  '1970-01-01T00:00:00Z',
  '2100-01-01T00:00:00.000Z',
  'not a time',
  '4102444800000',
  4_102_444_800_000,
  'CRITICAL',
  'Informational ',
  'T1496',
  'TA0002:T1059.004',
  'T9999',
  '10.0.0.1',
  '999.999.999.999',
  '::ffff:203.0.113.7',
  'sha256:zz',
  '../../etc/passwd',
  'https://evil.example.net/next?page=2',
  '{"nested":"text"}',
  '<script>alert(1)</script>',
  [[[[[[[[[]]]]]]]]],
  [null, null],
  { __typename: 'Other', id: null },
];

type Place = { readonly holder: unknown[] | Record<string, unknown>; readonly key: string | number };

/** One mutated copy of a body, as text: most often JSON that is a little wrong, sometimes no JSON at all. */
export function mutated(body: unknown, random: Random): string {
  const copy: { root: unknown } = { root: structuredClone(body) };
  const times = 1 + Math.floor(random() * 4);
  for (let round = 0; round < times; round += 1) mutate(copy, random);
  const text = JSON.stringify(copy.root) ?? '';
  const fate = random();
  if (fate < 0.01) return text.slice(0, Math.floor(random() * text.length));
  if (fate < 0.02) return `\ufeff${text}`;
  if (fate < 0.03) return text.replace('{', '{"__proto__":{"polluted":true},"constructor":1,');
  return text;
}

function mutate(copy: { root: unknown }, random: Random): void {
  const places: Place[] = [];
  collect(copy, places);
  const place = pick(places, random);
  if (!place) return;
  const { holder, key } = place;
  const value = valueAt(holder, key);
  const put = (next: unknown): void => {
    if (Array.isArray(holder)) holder[Number(key)] = next;
    else holder[key] = next;
  };
  const next = replacement(value, places, random);
  if (next !== REMOVED) put(next);
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (key !== 'root') {
    delete holder[key];
    // Half of the removed members come back under another case of their name.
    const name = String(key);
    if (random() < 0.5) holder[name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase()] = value;
  }
}

const REMOVED = Symbol('removed');

function replacement(value: unknown, places: readonly Place[], random: Random): unknown {
  switch (Math.floor(random() * 8)) {
    case 0:
    case 1:
      return REMOVED;
    case 2:
    case 3:
    case 4:
      return structuredClone(pick(HOSTILE, random));
    case 5:
      return typeof value === 'object' ? JSON.stringify(value) : [value];
    case 6:
      return Array.isArray(value) ? Array.from({ length: 30 }, () => structuredClone(value[0])) : { value };
    default: {
      const other = pick(places, random);
      return other ? structuredClone(valueAt(other.holder, other.key)) : null;
    }
  }
}

function collect(holder: object, places: Place[]): void {
  for (const key of Object.keys(holder)) {
    const place = isHolder(holder) ? { holder, key } : undefined;
    if (!place) continue;
    places.push(place);
    const value = valueAt(place.holder, key);
    if (typeof value === 'object' && value !== null && places.length < 2_000) collect(value, places);
  }
}

function isHolder(value: object): value is unknown[] | Record<string, unknown> {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function valueAt(holder: Place['holder'], key: string | number): unknown {
  return Array.isArray(holder) ? holder[Number(key)] : holder[key];
}

function pick<T>(values: readonly T[], random: Random): T | undefined {
  return values[Math.floor(random() * values.length)];
}
