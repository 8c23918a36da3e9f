/**
 * Imports point one way (docs/architecture.md, "Rooms"): functions -> connectors -> domain; infra, cli and local stand
 * on top; nothing imports functions but infra (as an entry path), cli and tests. test/boundaries proves that each rule bites.
 */
module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing-outward',
      comment: 'The shared vocabulary has no I/O, no AWS, no clock: a pure rule must be testable without either.',
      severity: 'error',
      from: { path: '^domain/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(connectors|functions|infra|cli|local|test|bench)/' },
    },
    {
      name: 'domain-has-no-io',
      comment: 'Only zod and node:crypto (hashing is a pure function) may be used in domain.',
      severity: 'error',
      from: { path: '^domain/', pathNot: '\\.test\\.tsx?$' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'],
        pathNot: '^(node:)?crypto$|node_modules/zod/',
      },
    },
    {
      name: 'connectors-import-only-domain',
      severity: 'error',
      from: { path: '^connectors/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(functions|infra|cli|local|test|bench)/' },
    },
    {
      name: 'functions-do-not-import-sideways',
      comment: 'What two verbs share belongs to domain (rules) or connectors (I/O).',
      severity: 'error',
      from: { path: '^functions/([^/]+)/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^functions/([^/]+)/', pathNot: '^functions/$1/' },
    },
    {
      name: 'functions-import-nothing-above',
      severity: 'error',
      from: { path: '^functions/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(infra|cli|local|test|bench)/' },
    },
    {
      name: 'local-and-infra-do-not-import-functions',
      comment: 'infra names functions as entry paths only.',
      severity: 'error',
      from: { path: '^(infra|local)/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^functions/' },
    },
    {
      name: 'product-does-not-import-its-test-doubles',
      severity: 'error',
      from: { path: '^(domain|connectors|functions|infra|cli)/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(local|test|bench)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.json'] },
    exclude: { path: '(^|/)(dist|cdk\\.out|\\.parapet)/' },
  },
};
