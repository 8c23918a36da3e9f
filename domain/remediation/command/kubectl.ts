import { type CommandSpec, PATCH_FILES, type Place, type ProgramSpec } from './grammar.ts';

const CONTROLLERS = ['deployment', 'statefulset', 'daemonset', 'cronjob', 'job'];
const READABLE = [
  ...CONTROLLERS,
  'pod',
  'replicaset',
  'service',
  'serviceaccount',
  'clusterrolebinding',
  'rolebinding',
  'networkpolicy',
  'node',
  'event',
];
const dryRun: Place = { oneOf: ['server', 'client'] };
const file: Place = { oneOf: [...PATCH_FILES] };

const COMMANDS: readonly CommandSpec[] = [
  {
    verb: 'get',
    effect: 'reads',
    places: [{ things: READABLE, all: true }],
    flags: {
      '-o': { oneOf: ['name', 'wide', 'yaml', 'json'] },
      '-l': { pair: ['label-key', 'label-value'], by: '=' },
      '--all-namespaces': 'switch',
      '--show-labels': 'switch',
    },
  },
  {
    // Which secrets there are; their content is nobody's business here.
    verb: 'get secrets',
    effect: 'reads',
    flags: { '-o': { oneOf: ['name'] } },
    required: ['-n', '-o'],
  },
  { verb: 'describe', effect: 'reads', places: [{ things: READABLE }] },
  {
    verb: 'logs',
    effect: 'reads',
    places: [{ value: 'pod' }],
    flags: {
      '-c': { value: 'container' },
      '--previous': 'switch',
      '--since': { oneOf: ['10m', '1h', '6h', '24h'] },
      '--tail': { from: 1, to: 10_000 },
    },
    required: ['-n'],
  },
  { verb: 'auth can-i --list', effect: 'reads', flags: { '--as': { account: true } } },
  {
    verb: 'auth can-i',
    effect: 'reads',
    places: [
      { oneOf: ['get', 'list', 'watch', 'create', 'delete', 'patch', 'update'] },
      { oneOf: ['pods', 'pods/exec', 'secrets', 'deployments', 'rolebindings', 'clusterrolebindings', 'nodes'] },
    ],
    flags: { '--as': { account: true } },
  },
  { verb: 'rollout history', effect: 'reads', places: [{ things: CONTROLLERS }], required: ['-n'] },
  { verb: 'rollout status', effect: 'reads', places: [{ things: CONTROLLERS }], required: ['-n'] },
  {
    verb: 'rollout undo',
    effect: 'changes',
    approval: true,
    places: [{ things: CONTROLLERS }],
    flags: { '--to-revision': { value: 'revision' }, '--dry-run': dryRun },
    required: ['-n'],
  },
  { verb: 'rollout restart', effect: 'changes', places: [{ things: CONTROLLERS }], required: ['-n'] },
  {
    verb: 'set image',
    effect: 'changes',
    places: [{ things: CONTROLLERS }, { pair: ['container', 'image'], by: '=' }],
    flags: { '--dry-run': dryRun },
    required: ['-n'],
  },
  {
    verb: 'scale',
    effect: 'changes',
    approval: true,
    places: [{ things: CONTROLLERS }],
    flags: { '--replicas': { from: 0, to: 100 } },
    required: ['-n', '--replicas'],
  },
  {
    verb: 'patch',
    effect: 'changes',
    places: [{ things: [...CONTROLLERS, 'service'] }],
    flags: { '--patch-file': file, '--type': { oneOf: ['strategic', 'merge'] }, '--dry-run': dryRun },
    required: ['-n', '--patch-file'],
  },
  {
    verb: 'apply',
    effect: 'changes',
    flags: { '-f': file, '--dry-run': dryRun, '--server-side': 'switch' },
    required: ['-f'],
  },
  { verb: 'diff', effect: 'reads', flags: { '-f': file }, required: ['-f'] },
  { verb: 'cordon', effect: 'changes', approval: true, places: [{ value: 'node' }] },
  {
    verb: 'delete',
    effect: 'destroys',
    approval: true,
    places: [{ things: ['clusterrolebinding', 'rolebinding', 'pod'] }],
  },
];

export const KUBECTL: ProgramSpec = {
  program: 'kubectl',
  flags: { '-n': { value: 'namespace' } },
  commands: COMMANDS,
  refused: [
    'drain',
    'exec',
    'run',
    'cp',
    'attach',
    'debug',
    'edit',
    'replace',
    'proxy',
    'port-forward',
    'taint',
    'config',
  ],
};
