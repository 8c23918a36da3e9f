import { describe, expect, it } from 'vitest';
import { type Breach, importsBelow, judge, PROJECT, ruleNames } from './cruise.ts';

/** For each rule, a small tree of files (path: imports) and the imports in it that must be named. Everything else must pass. */
const CASES: Readonly<
  Record<string, { readonly tree: Readonly<Record<string, readonly string[]>>; readonly breaches: readonly Breach[] }>
> = {
  'domain-imports-nothing-outward': {
    tree: {
      'domain/rule.ts': ['../connectors/port.ts', '../infra/stack.ts', './other.ts'],
      'domain/other.ts': [],
      'domain/rule.test.ts': ['../test/fakes/clock.ts', './rule.ts'],
      'connectors/port.ts': [],
      'infra/stack.ts': [],
      'test/fakes/clock.ts': [],
    },
    breaches: [
      breach('domain-imports-nothing-outward', 'domain/rule.ts', 'connectors/port.ts'),
      breach('domain-imports-nothing-outward', 'domain/rule.ts', 'infra/stack.ts'),
    ],
  },
  'domain-has-no-io': {
    tree: { 'domain/pure.ts': ['zod', 'node:crypto', 'node:fs', 'jose'], 'domain/pure.test.ts': ['node:fs', 'vitest'] },
    breaches: [
      breach('domain-has-no-io', 'domain/pure.ts', 'fs'),
      breach('domain-has-no-io', 'domain/pure.ts', 'node_modules/jose'),
    ],
  },
  'connectors-import-only-domain': {
    tree: {
      'connectors/jira/client.ts': [
        '../../functions/plan/plan.ts',
        '../../domain/word.ts',
        '../http/request.ts',
        'zod',
      ],
      'connectors/http/request.ts': [],
      'functions/plan/plan.ts': [],
      'domain/word.ts': [],
    },
    breaches: [breach('connectors-import-only-domain', 'connectors/jira/client.ts', 'functions/plan/plan.ts')],
  },
  'functions-do-not-import-sideways': {
    tree: {
      'functions/plan/handler.ts': ['./plan.ts', '../verify/verify.ts', '../../domain/word.ts'],
      'functions/plan/plan.ts': [],
      'functions/verify/verify.ts': [],
      'domain/word.ts': [],
    },
    breaches: [breach('functions-do-not-import-sideways', 'functions/plan/handler.ts', 'functions/verify/verify.ts')],
  },
  'functions-import-nothing-above': {
    tree: {
      'functions/plan/plan.ts': ['../../infra/names.ts', '../../cli/io.ts', '../../connectors/port.ts'],
      'infra/names.ts': [],
      'cli/io.ts': [],
      'connectors/port.ts': [],
    },
    breaches: [
      breach('functions-import-nothing-above', 'functions/plan/plan.ts', 'cli/io.ts'),
      breach('functions-import-nothing-above', 'functions/plan/plan.ts', 'infra/names.ts'),
    ],
  },
  'local-and-infra-do-not-import-functions': {
    tree: {
      'infra/stack.ts': ['../functions/plan/plan.ts'],
      'local/start.ts': ['../functions/plan/plan.ts', '../infra/stack.ts', '../cli/io.ts'],
      'cli/io.ts': ['../functions/plan/plan.ts'],
      'functions/plan/plan.ts': [],
    },
    breaches: [
      breach('local-and-infra-do-not-import-functions', 'infra/stack.ts', 'functions/plan/plan.ts'),
      breach('local-and-infra-do-not-import-functions', 'local/start.ts', 'functions/plan/plan.ts'),
    ],
  },
  'product-does-not-import-its-test-doubles': {
    tree: {
      'cli/main.ts': ['../local/run.ts'],
      'cli/main.test.ts': ['../test/fakes/stores.ts'],
      'infra/app.ts': ['../test/fakes/stores.ts'],
      'local/run.ts': ['../connectors/port.ts'],
      'connectors/port.ts': [],
      'test/fakes/stores.ts': [],
    },
    breaches: [
      breach('product-does-not-import-its-test-doubles', 'cli/main.ts', 'local/run.ts'),
      breach('product-does-not-import-its-test-doubles', 'infra/app.ts', 'test/fakes/stores.ts'),
    ],
  },
  'no-cycles': {
    tree: {
      'domain/a.ts': ['./b.ts'],
      'domain/b.ts': ['./c.ts'],
      'domain/c.ts': ['./a.ts'],
      'domain/d.ts': ['./a.ts'],
    },
    // A circle is named once, where it is met first.
    breaches: [breach('no-cycles', 'domain/a.ts', 'domain/b.ts')],
  },
};

describe('the rules of .dependency-cruiser.cjs', () => {
  it('are all proven here, so that a new one is not merely written down', () => {
    expect(Object.keys(CASES).sort()).toEqual([...ruleNames()].sort());
  });

  it.each(Object.entries(CASES))('%s bites, and lets pass what it should', async (rule, { tree, breaches }) => {
    const found = await judge(new Map(Object.entries(tree)));
    const ofThisRule = found.breaches.filter((one) => one.rule === rule).map(atPackage);
    expect(ofThisRule.sort(byPath)).toEqual([...breaches].sort(byPath));
  });

  it('hold for every file of the repository', async () => {
    const { breaches, unresolved, modules } = await judge(importsBelow(PROJECT));
    expect({ breaches, unresolved }).toEqual({ breaches: [], unresolved: [] });
    expect(modules).toBe(importsBelow(PROJECT).size);
  });
});

function breach(rule: string, from: string, to: string): Breach {
  return { rule, from, to };
}

/** Which file of a package an import leads to is the package's matter. */
function atPackage({ rule, from, to }: Breach): Breach {
  return { rule, from, to: to.replace(/^(node_modules\/[^/]+)\/.*$/, '$1') };
}

function byPath(a: Breach, b: Breach): number {
  return `${a.from}${a.to}`.localeCompare(`${b.from}${b.to}`);
}
