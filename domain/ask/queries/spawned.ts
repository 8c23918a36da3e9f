import { factsOf, idsOf, type Piece, quote } from '../../analysis/rules/facts.ts';
import type { ProcessNode } from '../../analysis/rules/process-tree.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import type { Sentence, Unknown } from '../answer.ts';
import { lineageOf, processOfAlert, type Step } from '../lineage.ts';
import { processLabel, subjectOf } from '../subject.ts';
import { gapsOf, nothing, type Query, say } from './query.ts';

/** Who started the process, and who that one, up to the entry point or to where the evidence ends. */
export const spawned: Query = ({ investigation, named }) => {
  const { pack } = investigation;
  const gaps = gapsOf(pack, 'runtime-activity');
  const asked = named?.kind === 'process' ? named.node : processOfAlert(investigation);
  if (asked === undefined) return nothing('The evidence holds no process.', gaps);
  const { process, steps } = lineageOf(asked, investigation);
  const root = steps.at(-1)?.parent ?? process;
  const ends = entry(pack, root);
  return {
    sentences: [...steps.map(startedBy), ...ends],
    unknowns: ends.length > 0 ? [] : [cutOff(root), ...gaps],
    subject: subjectOf({ kind: 'process', node: asked }),
  };
};

function startedBy({ child, parent, inferred }: Step): Sentence {
  const details = [
    ...(parent.user === undefined ? [] : [`user ${quote(parent.user)}`]),
    ...(parent.commandLine === undefined ? [] : [`command line "${quote(parent.commandLine, 400)}"`]),
  ];
  const known = details.length === 0 ? '' : ` (${details.join(', ')})`;
  const as = child.user === undefined ? '' : ` (user ${quote(child.user)})`;
  const said = say(`Process ${processLabel(child)}${as} was started by process ${processLabel(parent)}${known}.`, [
    ...child.items,
    ...parent.items,
  ]);
  return { ...said, kind: inferred ? 'inferred' : 'observed' };
}

/** A container's entry point is its process 1; where the evidence ends at a child of 1, the entry point is the parent. */
function entry(pack: EvidencePack, root: ProcessNode): Sentence[] {
  if (root.pid === 1) return [say(`Process ${processLabel(root)} is the entry process of its container.`, root.items)];
  const container = root.parentPid === 1 ? containerOf(pack, root) : undefined;
  if (container === undefined) return [];
  const { item, fact } = container;
  return [
    say(
      `Process ${processLabel(root)} was started by process 1, the entry point "${quote(fact.entryPoint ?? '', 400)}" of container ${quote(fact.name)}.`,
      [...root.items, item],
    ),
  ];
}

function containerOf(pack: EvidencePack, { container }: ProcessNode): Piece<'container'> | undefined {
  const all = factsOf(pack, 'container').filter(({ fact }) => fact.entryPoint !== undefined);
  return all.find(({ item }) => item.entities.includes(container)) ?? (all.length === 1 ? all[0] : undefined);
}

function cutOff(root: ProcessNode): Unknown {
  const parent = root.parentPid === undefined ? 'the process' : `process ${root.parentPid}`;
  return {
    text: `The evidence does not hold ${parent} that started process ${processLabel(root)}.`,
    evidence: idsOf(root.items),
  };
}
