import type { PreparedAction } from '../actions/action.ts';
import type { Configuration } from '../config/schema.ts';
import type { Incident } from '../incident/incident.ts';
import type { Approval, Vote } from './approval.ts';
import { eligiblePeople } from './eligible.ts';
import { caseOf } from './link.ts';
import { policyFor } from './policy.ts';
import { whyNotProven } from './proof.ts';
import { hasVoted } from './votes.ts';

/**
 * Why the votes of an approval do not suffice for executing now, or undefined. Counted again from the votes themselves:
 * different people, each still with the right and proven where a link does not suffice, at least as many as were demanded
 * when it was asked and are demanded now.
 */
export function whyNoQuorum(
  config: Configuration,
  of: {
    readonly approval: Pick<Approval, 'votes' | 'quorum'>;
    readonly prepared: PreparedAction;
    readonly incident: Pick<Incident, 'workload' | 'severity'>;
  },
): string | undefined {
  const question = caseOf(config, of);
  const counted: Vote[] = [];
  for (const vote of of.approval.votes) {
    if (vote.decision === 'rejected') return `${vote.person} rejected it.`;
    if (hasVoted({ votes: counted }, vote)) return `${vote.person} is counted twice.`;
    // A delegation must have held when it was used; the right behind it must hold still.
    const eligible = eligiblePeople(config, question, new Date(vote.at)).some(
      ({ person, onBehalfOf }) => person.id === vote.person && onBehalfOf?.id === vote.onBehalfOf,
    );
    if (!eligible) return `${vote.person} may no longer approve this action here.`;
    const unproven = whyNotProven(config, of.prepared.action, vote);
    if (unproven !== undefined) return unproven;
    counted.push(vote);
  }
  const needed = Math.max(of.approval.quorum, policyFor(config, question).quorum);
  return counted.length >= needed ? undefined : `${needed} people must approve it, and ${counted.length} did.`;
}
