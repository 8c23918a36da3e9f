import { type Correlated, correlate } from '../../correlation/correlate.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import { type Confirmation, confirmationOf } from '../confirmation.ts';
import { type Account, type AffectedPod, accountsOf, affectedPods } from './affected.ts';
import { type Behaviour, behavioursOf } from './behaviours.ts';
import { type ProcessTree, processTree } from './process-tree.ts';
import { type Judgement, judge } from './verdict.ts';

/** What the rules worked out from a pack, before any sentence is written. */
export interface Investigation {
  readonly pack: EvidencePack;
  readonly confirmation: Confirmation;
  readonly tree: ProcessTree;
  readonly behaviours: readonly Behaviour[];
  readonly affected: readonly AffectedPod[];
  readonly accounts: readonly Account[];
  readonly vulnerabilities: readonly Correlated[];
  readonly judgement: Judgement;
}

export function investigate(pack: EvidencePack): Investigation {
  const confirmation = confirmationOf(pack);
  const tree = processTree(pack);
  const behaviours = behavioursOf(pack, tree);
  const affected = affectedPods(pack);
  const vulnerabilities = correlate(pack, tree, behaviours);
  return {
    pack,
    confirmation,
    tree,
    behaviours,
    affected,
    accounts: accountsOf(pack, affected),
    vulnerabilities,
    judgement: judge(pack, behaviours, confirmation, vulnerabilities),
  };
}
