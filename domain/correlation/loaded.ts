import { entitiesIn, factsOf, quote } from '../analysis/rules/facts.ts';
import { baseName, type ProcessNode, type ProcessTree } from '../analysis/rules/process-tree.ts';
import { type Runtime, runtimeOf, runtimeOfCommand, runtimeOfPackage } from '../analysis/rules/runtimes.ts';
import type { FactOf } from '../evidence/fact.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';

/** A process, or the entry point of a container, that uses a package. */
export interface Loader {
  /** `java process`, `nginx process`: as it stands in a sentence. */
  readonly called: string;
  readonly label: string;
  readonly path: string;
  /** Absent when only the entry point of the container tells. */
  readonly node: ProcessNode | undefined;
  readonly container: string;
  readonly items: readonly EvidenceItem[];
}

type Package = Pick<FactOf<'vulnerability'>, 'packageName' | 'packageType'>;

/**
 * Process → file → package. A package of a language runtime is loaded by a process of that runtime; any other package by
 * the program it installs. That a runtime runs does not prove that it opened this very file: no vendor tells that.
 */
export function loadersOf(pack: EvidencePack, tree: ProcessTree, fact: Package): Loader[] {
  const runtime = runtimeOfPackage(fact.packageType);
  const uses = (path: string): boolean =>
    runtime === undefined ? installs(fact.packageName, path) : runtimeOf(path) === runtime;
  return [
    ...tree.nodes.filter((node) => uses(node.path)).map((node) => fromProcess(node, runtime)),
    ...factsOf(pack, 'container').flatMap(({ item, fact: container }) => {
      const entryPoint = container.entryPoint ?? '';
      const program = entryPoint.trim().split(/\s+/)[0] ?? '';
      const loads =
        runtime === undefined ? installs(fact.packageName, program) : runtimeOfCommand(entryPoint) === runtime;
      return loads ? [fromEntryPoint(pack, item, entryPoint, program, runtime)] : [];
    }),
  ];
}

function fromProcess(node: ProcessNode, runtime: Runtime | undefined): Loader {
  return {
    called: `${runtime ?? quote(baseName(node.path), 60)} process`,
    label: `${node.pid === undefined ? '' : `${node.pid} `}${quote(node.path)}`,
    path: node.path,
    node,
    container: node.container,
    items: node.items,
  };
}

function fromEntryPoint(
  pack: EvidencePack,
  item: EvidenceItem,
  entryPoint: string,
  program: string,
  runtime: Runtime | undefined,
): Loader {
  return {
    called: `${runtime ?? quote(baseName(program), 60)} process`,
    label: `entry point "${quote(entryPoint)}"`,
    path: program,
    node: undefined,
    container: entitiesIn(pack, item, 'container')[0]?.id ?? '',
    items: [item],
  };
}

/** Programs whose packages have another name, by program; the package's name begins with one of these. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  java: ['openjdk', 'java-', 'temurin', 'zulu', 'corretto'],
  node: ['nodejs'],
  sshd: ['openssh'],
  ssh: ['openssh'],
  pkexec: ['policykit', 'polkit'],
  httpd: ['apache'],
  apache: ['httpd'],
  mysqld: ['mysql', 'mariadb'],
  mariadbd: ['mariadb'],
  postgres: ['postgresql'],
  named: ['bind'],
  slapd: ['openldap'],
  smbd: ['samba'],
  'php-fpm': ['php'],
};

/** Whether the package installs the program: names are equal up to a version, `python3.11` and `python3`, `nginx` and `nginx-core`. */
export function installs(packageName: string, path: string): boolean {
  const program = bare(baseName(path));
  if (program.length < 2) return false;
  const name = packageName.toLowerCase();
  const others = Object.hasOwn(PACKAGES, program) ? (PACKAGES[program] ?? []) : [];
  return bare(name) === program || others.some((prefix) => name.startsWith(prefix));
}

function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/-(?:core|full|light|bin|server|client|common|base|runtime|minimal|cli)$/, '')
    .replace(/[-.\d]+$/, '');
}
