import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizedFindingSchema } from '../../../domain/ocsf/detection-finding.ts';
import { ocsfErrors } from '../../../test/contract/ocsf-schema.ts';
import { deliveryOf, fixtureNames, fixtureText } from '../../../test/contract/prisma-cloud-fixtures.ts';
import { parseExact } from './exact-json.ts';
import { normalize } from './map.ts';

const SAMPLES = [...fixtureNames('push'), ...fixtureNames('api')].map((name) => fixtureText(name));
const VALUES = SAMPLES.flatMap((text) => parseExact(text) ?? []);

/** What vendors' answers were seen to hold, and what an attacker would put there. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    [],
    {},
    0,
    -1,
    2 ** 53 + 2,
    1e308,
    true,
    'null',
    'open',
    'CONTAINER',
    'INSTANCE',
    'P-0',
  ),
  fc.constantFrom(
    '\u202Etxt.exe',
    'prod-p\u0430yments',
    '\u0000',
    '\uD800',
    '__proto__',
    'constructor',
    '<script>',
    "' OR 1=1",
    'x'.repeat(20_000),
    '/../..',
  ),
  fc.string(),
  fc.integer(),
  fc.jsonValue(),
);

/** A sample with some of its values, at any depth, replaced, removed or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...VALUES),
    fc.array(fc.tuple(fc.nat(), hostile, fc.constantFrom('set', 'drop', 'rename')), { minLength: 1, maxLength: 6 }),
  )
  .map(([value, changes]) =>
    changes.reduce<unknown>((copy, [at, other, how]) => change(copy, at, other, how), structuredClone(value)),
  );

function change(root: unknown, at: number, other: unknown, how: string): unknown {
  const places: { readonly set: () => void; readonly drop: () => void; readonly rename: () => void }[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      const value: unknown = Reflect.get(node, key);
      places.push({
        set: () => void Reflect.set(node, key, other),
        drop: () => void Reflect.deleteProperty(node, key),
        rename: () => void (Reflect.deleteProperty(node, key) && Reflect.set(node, key.toUpperCase(), value)),
      });
      visit(value);
    }
  };
  visit(root);
  const place = places[at % Math.max(1, places.length)];
  if (how === 'drop') place?.drop();
  else if (how === 'rename') place?.rename();
  else place?.set();
  return root;
}

function expectSound(body: unknown): void {
  const text = JSON.stringify(body) ?? '';
  const made = normalize(body, deliveryOf(text));
  if (!made.ok) {
    expect(made.reason).not.toBe('');
    return;
  }
  for (const found of made.findings) {
    expect(ocsfErrors(found.finding)).toEqual([]);
    expect(normalizedFindingSchema.parse(found)).toEqual(found);
    expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThan(300_000);
  }
  expect(new Set(made.findings.map(({ deduplicationKey }) => deduplicationKey)).size).toBe(made.findings.length);
}

describe('normalize', () => {
  it('never throws on a changed sample, and every finding it gives is valid', () => {
    fc.assert(fc.property(mutated, expectSound), { numRuns: 600 });
  });

  it('never throws on any JSON value', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), expectSound), { numRuns: 300 });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'alertId',
            'policyId',
            'resourceId',
            'resourceType',
            'severity',
            'alertTs',
            'resource',
            'policy',
            'metadata',
            'complianceMetadata',
          ),
          hostile,
        ),
        expectSound,
      ),
      { numRuns: 400 },
    );
  });

  it('never throws on a text that was cut, doubled or spoiled', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), fc.nat(), fc.string({ maxLength: 5 }), (text, at, spoil) => {
        const cut = at % text.length;
        const made = normalize(text.slice(0, cut) + spoil + text.slice(cut + 1), deliveryOf(text));
        if (made.ok) for (const { finding } of made.findings) expect(ocsfErrors(finding)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same findings every time', () => {
    fc.assert(
      fc.property(mutated, (body) => {
        const delivery = deliveryOf('x');
        expect(normalize(structuredClone(body), delivery)).toEqual(normalize(body, delivery));
      }),
      { numRuns: 300 },
    );
  });
});

describe('parseExact', () => {
  it('reads every JSON as JSON.parse does, long integers apart', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        expect(parseExact(text)).toEqual(withLongNumbersAsText(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps long integers as they stand and leaves strings alone', () => {
    expect(
      parseExact(
        '{"a":9223372036854775807,"b":-12345678901234567,"c":"9223372036854775807, 1","d":1760433364000,"e":1.5}',
      ),
    ).toEqual({
      a: '9223372036854775807',
      b: '-12345678901234567',
      c: '9223372036854775807, 1',
      d: 1760433364000,
      e: 1.5,
    });
    expect(parseExact('{"a\\"":12345678901234567890}')).toEqual({ 'a"': '12345678901234567890' });
    expect(parseExact('[1')).toBeUndefined();
  });
});

function withLongNumbersAsText(value: unknown): unknown {
  if (typeof value === 'number') {
    const text = JSON.stringify(value);
    return /^-?\d+$/.test(text) && text.length >= 16 ? text : value;
  }
  if (Array.isArray(value)) return value.map(withLongNumbersAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withLongNumbersAsText(entry)]));
}
