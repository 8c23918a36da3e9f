import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Slot } from '../slots.ts';
import { type HclBlock, hcl } from './hcl.ts';
import { fixed, isList, isScalar, Joined, object, pairs, type Tree } from './tree.ts';
import { yaml } from './yaml.ts';

/** A slot as nobody can take one: the spelling of its kind (values.ts) would refuse these. The writers must not rely on that. */
const hostile = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      'yes',
      'null',
      '1.0',
      '~',
      '# x',
      '- a',
      'a: b',
      '{a: b}',
      '"',
      "'",
      '\n',
      'x\n  privileged: true',
      '&a',
      '*a',
      '!!x',
      '|',
      '$'.concat('{x}'),
      '%{x}'.concat('"'),
    ),
  )
  .map((text) => new Slot('pod', text.toWellFormed(), 'E1'));

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    hostile,
    fc.boolean(),
    fc.integer({ min: 0, max: 65_535 }),
    hostile.map((slot) => new Joined(slot, '/32')),
    fc.constantFrom('ClusterIP', 'rbac.authorization.k8s.io/v1', '', '64Mi', '0.0.0.0/0').map(fixed),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('tree'), { maxKeys: 3 }).map((members) => object(members)),
    fc.tuple(hostile, tie('tree')).map(([key, value]) => pairs([[key, value]])),
  ),
})).tree;

/** What a reader must find in it. */
function meant(one: Tree): unknown {
  if (typeof one === 'number' || typeof one === 'boolean') return one;
  if (isScalar(one)) return one.text;
  if (isList(one)) return one.map(meant);
  return Object.fromEntries(one.entries.map(([key, value]) => [key instanceof Slot ? key.text : key, meant(value)]));
}

describe('YAML', () => {
  it('is read back as exactly what was meant, whatever stands in its places', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tree, { maxKeys: 4 }), (members) => {
        expect(parse(yaml(object(members)))).toEqual(meant(object(members)));
      }),
      { numRuns: 400 },
    );
  });

  it('is read the same by the older version of the language, which reads more words as booleans', () => {
    for (const word of ['yes', 'no', 'on', 'off', 'y', 'n', 'True', 'NULL'])
      expect(parse(yaml(object({ a: new Slot('label-value', word, 'E1') })), { version: '1.1' })).toEqual({ a: word });
  });
});

describe('HCL', () => {
  it('keeps a value within its string on its line, and evaluates nothing of it', () => {
    fc.assert(
      fc.property(hostile, hostile, (label, value) => {
        const block: HclBlock = { type: 'resource', labels: ['aws_s3_bucket', label], attributes: [['bucket', value]] };
        const lines = hcl([block]).trimEnd().split('\n');
        expect(lines).toHaveLength(3);
        expect(lines[0]).toMatch(/^resource "aws_s3_bucket" "[a-z][a-z0-9_]*" \{$/);
        const text = /^ {2}bucket = (".*")$/.exec(lines[1] ?? '')?.[1] ?? '';
        // A template opens by one dollar or percent sign before a brace; two of them are the sign itself.
        expect(text.replace(/\$\$\{|%%\{/g, '')).not.toMatch(/[$%]\{/);
        expect(JSON.parse(text.replace(/\$\$\{/g, '$'.concat('{')).replace(/%%\{/g, '%{'))).toEqual(expect.any(String));
        expect(lines[2]).toBe('}');
      }),
      { numRuns: 300 },
    );
  });
});
