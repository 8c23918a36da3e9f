import { AWS } from './aws.ts';
import type { CommandSpec, ProgramSpec } from './grammar.ts';
import { KUBECTL } from './kubectl.ts';

const HELM: ProgramSpec = {
  program: 'helm',
  flags: { '-n': { value: 'namespace' } },
  commands: [
    { verb: 'list', effect: 'reads', required: ['-n'] },
    { verb: 'history', effect: 'reads', places: [{ value: 'release' }], required: ['-n'] },
    { verb: 'status', effect: 'reads', places: [{ value: 'release' }], required: ['-n'] },
    { verb: 'rollback', effect: 'changes', approval: true, places: [{ value: 'release' }], required: ['-n'] },
  ],
  refused: ['uninstall', 'delete', 'install', 'upgrade', 'get'],
};

const TERRAFORM: ProgramSpec = {
  program: 'terraform',
  flags: {},
  commands: [
    { verb: 'validate', effect: 'reads' },
    { verb: 'plan', effect: 'reads' },
    { verb: 'apply', effect: 'changes', approval: true },
  ],
  refused: ['destroy', 'import', 'state', 'taint', 'console', 'output', 'force-unlock'],
};

const DOCKER: ProgramSpec = {
  program: 'docker',
  flags: {},
  commands: [
    { verb: 'pull', effect: 'reads', places: [{ value: 'image' }] },
    { verb: 'image inspect', effect: 'reads', places: [{ value: 'image' }] },
    { verb: 'history', effect: 'reads', places: [{ value: 'image' }] },
  ],
  refused: ['run', 'exec', 'rm', 'rmi', 'system', 'volume', 'cp', 'kill', 'stop'],
};

const TRIVY: ProgramSpec = {
  program: 'trivy',
  flags: {},
  commands: [
    {
      verb: 'image',
      effect: 'reads',
      places: [{ value: 'image' }],
      flags: {
        '--severity': { oneOf: ['CRITICAL', 'HIGH,CRITICAL', 'MEDIUM,HIGH,CRITICAL'] },
        '--ignore-unfixed': 'switch',
      },
    },
  ],
  refused: ['server', 'plugin'],
};

/** Package managers. Those of an operating system take no version: old builds leave the archives, the newest holds the fix. */
const PACKAGES: readonly ProgramSpec[] = [
  packages('apt-get', [{ verb: 'install --only-upgrade', effect: 'changes', places: [{ value: 'package' }] }]),
  packages('apk', [{ verb: 'add --upgrade', effect: 'changes', places: [{ value: 'package' }] }]),
  packages('dnf', [{ verb: 'upgrade', effect: 'changes', places: [{ value: 'package' }] }]),
  packages('yum', [{ verb: 'update', effect: 'changes', places: [{ value: 'package' }] }]),
  packages('npm', [
    { verb: 'install', effect: 'changes', places: [{ pair: ['package', 'version'], by: '@' }] },
    { verb: 'ls', effect: 'reads', places: [{ value: 'package' }] },
  ]),
  packages('pip', [{ verb: 'install', effect: 'changes', places: [{ pair: ['package', 'version'], by: '==' }] }]),
  packages('go', [{ verb: 'get', effect: 'changes', places: [{ pair: ['package', 'version'], by: '@v' }] }]),
  packages('bundle', [{ verb: 'update', effect: 'changes', places: [{ value: 'package' }] }]),
  packages('dotnet', [
    {
      verb: 'add package',
      effect: 'changes',
      places: [{ value: 'package' }],
      flags: { '--version': { value: 'version' } },
      required: ['--version'],
    },
  ]),
];

function packages(program: string, commands: readonly CommandSpec[]): ProgramSpec {
  return { program, flags: {}, commands, refused: ['remove', 'uninstall', 'purge', 'del', 'run', 'exec'] };
}

export const PROGRAMS: ReadonlyMap<string, ProgramSpec> = new Map(
  [KUBECTL, AWS, HELM, TERRAFORM, DOCKER, TRIVY, ...PACKAGES].map((spec) => [spec.program, spec]),
);
