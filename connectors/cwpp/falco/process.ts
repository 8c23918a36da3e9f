import { present } from '../../../domain/ocsf/present.ts';
import type { SeenProcess } from '../detection/detection.ts';
import type { Fields } from './fields.ts';

/** Falco keeps no more ancestors than rules ask for; more than these is no process tree. */
const MAX_ANCESTORS = 16;

/** The process and its ancestors, the nearest first, up to the first of which nothing is told. */
export function processesOf(fields: Fields, inContainer: boolean): SeenProcess[] {
  const itself = named(
    fields.text('proc.name', 'proc.aname[0]', 'proc.exe'),
    fields.text('proc.exepath', 'proc.aexepath[0]'),
    fields.text('proc.cmdline', 'proc.acmdline[0]'),
    fields.count('proc.pid', 'proc.apid[0]'),
  );
  if (itself === undefined) return [];
  const tty = fields.count('proc.tty');
  const process = present({
    ...itself,
    user: fields.text('user.name'),
    userId: fields.text('user.uid'),
    sha256: /^[0-9a-f]{64}$/.exec(fields.text('proc.hash.sha256') ?? '')?.[0],
    interactive: tty !== undefined && tty !== 0 ? true : undefined,
  });
  return [process, ...ancestorsOf(fields, inContainer)];
}

function ancestorsOf(fields: Fields, inContainer: boolean): SeenProcess[] {
  const ancestors: SeenProcess[] = [];
  for (let level = 1; level <= MAX_ANCESTORS; level += 1) {
    const direct = level === 1;
    const ancestor = named(
      fields.text(...(direct ? ['proc.pname'] : []), `proc.aname[${level}]`, ...(direct ? ['proc.pexe'] : [])),
      fields.text(...(direct ? ['proc.pexepath'] : []), `proc.aexepath[${level}]`),
      fields.text(...(direct ? ['proc.pcmdline'] : []), `proc.acmdline[${level}]`),
      fields.count(...(direct ? ['proc.ppid'] : []), `proc.apid[${level}]`),
    );
    if (ancestor === undefined) return ancestors;
    // Process ids are the node's: its process 1 is no process of the container.
    if (inContainer && ancestor.pid === 1) return ancestors;
    ancestors.push(ancestor);
  }
  return ancestors;
}

function named(
  name: string | undefined,
  path: string | undefined,
  commandLine: string | undefined,
  pid: number | undefined,
): SeenProcess | undefined {
  return name === undefined && path === undefined && commandLine === undefined
    ? undefined
    : present({ name, path, commandLine, pid });
}
