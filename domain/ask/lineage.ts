import { isStrong } from '../analysis/rules/behaviours.ts';
import type { Investigation } from '../analysis/rules/investigation.ts';
import { suspectsOf } from '../analysis/rules/narrative-activity.ts';
import type { ProcessNode } from '../analysis/rules/process-tree.ts';

/** One process was started by another. `inferred`: that it is the same process is concluded from path and command line. */
export interface Step {
  readonly child: ProcessNode;
  readonly parent: ProcessNode;
  readonly inferred: boolean;
}

export interface Lineage {
  /** As the evidence knows it best: with the process id, where any record of it has one. */
  readonly process: ProcessNode;
  /** The nearest parent first. */
  readonly steps: readonly Step[];
}

/**
 * A process and what started it. An alert often names processes by path alone, while a record of the runtime has their ids:
 * where both tell of the same path and command line in one container, they are one process.
 */
export function lineageOf(node: ProcessNode, { tree }: Investigation): Lineage {
  const first = identified(node, tree.nodes);
  const steps: Step[] = [];
  const seen = [node, first.node];
  for (let child = first; ; ) {
    const parent = parentOf(child.node, tree, seen);
    if (parent === undefined) return { process: first.node, steps };
    const known = identified(parent, tree.nodes, seen);
    steps.push({ child: child.node, parent: known.node, inferred: child.inferred || known.inferred });
    seen.push(parent, known.node);
    child = known;
  }
}

function parentOf(
  node: ProcessNode,
  { nodes, chain }: Investigation['tree'],
  seen: readonly ProcessNode[],
): ProcessNode | undefined {
  const byPid = chain(node)[1];
  if (byPid !== undefined) return seen.includes(byPid) ? undefined : byPid;
  const path = parentPathOf(node);
  return path === undefined
    ? undefined
    : nodes.find(
        (one) => one.path === path && !seen.includes(one) && isBeside(one, node) && mayBe(one, node.parentPid),
      );
}

/** A parent whose id is known is no process with another id. */
function mayBe({ pid }: ProcessNode, parentPid: number | undefined): boolean {
  return parentPid === undefined || pid === undefined || pid === parentPid;
}

function parentPathOf({ items }: ProcessNode): string | undefined {
  return items.flatMap(({ fact }) => (fact.kind === 'process' && fact.parentPath ? [fact.parentPath] : []))[0];
}

/** The record of the same process that knows its parent, with the evidence of both. */
function identified(
  node: ProcessNode,
  nodes: readonly ProcessNode[],
  seen: readonly ProcessNode[] = [],
): { readonly node: ProcessNode; readonly inferred: boolean } {
  if (node.parentPid !== undefined || node.pid === 1) return { node, inferred: false };
  const twins = nodes.filter(
    (one) =>
      one !== node &&
      !seen.includes(one) &&
      one.path === node.path &&
      isBeside(one, node) &&
      // With two ids only an equal command line says that one is the id inside the container and the other the host's.
      (node.pid === undefined
        ? one.pid !== undefined && agrees(one.commandLine, node.commandLine)
        : one.parentPid !== undefined && one.commandLine !== undefined && one.commandLine === node.commandLine),
  );
  const [twin] = twins;
  if (twin === undefined) return { node, inferred: false };
  return {
    node: { ...twin, items: [...node.items, ...twin.items] },
    inferred: twins.length > 1 || node.pid !== undefined,
  };
}

function agrees(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function isBeside(a: ProcessNode, b: ProcessNode): boolean {
  return a.container === b.container || a.container === '' || b.container === '';
}

/**
 * The process the question is about when it names none: what is surely hostile; else the last of a line of descent that an
 * alert names; else what the rules suspect. Of equals, the one whose origin is known furthest.
 */
export function processOfAlert(investigation: Investigation): ProcessNode | undefined {
  const { tree, behaviours } = investigation;
  const named = tree.nodes.filter(({ items }) => items.some(isOfAlert));
  const suspects = suspectsOf(investigation);
  const lines = [...new Set([...named, ...suspects])].map((node) => ({
    node,
    lineage: lineageOf(node, investigation),
  }));
  const parents = new Set(lines.flatMap(({ lineage }) => lineage.steps.flatMap(({ parent }) => parent.items)));
  const hostile = new Set(behaviours.flatMap(({ name, process }) => (isStrong(name) && process ? [process.path] : [])));
  const rank = ({ node, lineage: { steps } }: (typeof lines)[number]) => {
    const last = !node.items.some((item) => parents.has(item));
    const traced = steps.length > 0;
    return [hostile.has(node.path), named.includes(node) && last && traced, traced, suspects.includes(node), last];
  };
  const [best] = lines
    .map((line) => ({ ...line, rank: rank(line).map(Number) }))
    .sort((a, b) => compare(b.rank, a.rank) || b.lineage.steps.length - a.lineage.steps.length);
  return best?.node;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** What an alert itself told, or the vendor's record of it. */
function isOfAlert({ source, part, field }: ProcessNode['items'][number]): boolean {
  return source === 'alert' || part === 'alert-details' || field.startsWith('finding ');
}
