import type { Plan } from '../actions/action.ts';
import type { Approval } from '../approval/approval.ts';
import { purposeOf } from '../approval/over.ts';
import type { Assessment } from './assessment.ts';

/**
 * What people did about an action a playbook would have done, or did. `agreed`, `disagreed`: they approved or rejected it, or undid
 * what was done · `abstained`: nobody decided, or nobody was asked · `open`: it is not decided yet · `acted`: it was done without
 * them, and left.
 */
export type Answer = 'agreed' | 'disagreed' | 'abstained' | 'open' | 'acted';

export interface Shadow {
  readonly actionId: string;
  readonly playbook: Assessment['playbook'];
  readonly target: Plan['actions'][number]['prepared']['target'];
  readonly answer: Answer;
}

/** The actions of a plan that a playbook would have done by itself, each with what became of it. */
export function shadowsOf(
  plan: Plan,
  { approvals, over }: { readonly approvals: readonly Approval[]; readonly over: boolean },
): readonly Shadow[] {
  return plan.actions.flatMap(({ prepared, gate, playbook }) => {
    if (playbook?.holds !== true) return [];
    const about = approvals.filter(({ actionId }) => actionId === prepared.actionId);
    const { actionId, target } = prepared;
    return [{ actionId, target, playbook: playbook.playbook, answer: answerOf(about, gate === 'automatic', over) }];
  });
}

function answerOf(about: readonly Approval[], automatic: boolean, over: boolean): Answer {
  if (about.some((one) => purposeOf(one) === 'undo' && one.status === 'APPROVED')) return 'disagreed';
  const question = about.find((one) => purposeOf(one) === 'apply');
  switch (question?.status) {
    case 'APPROVED':
      return 'agreed';
    case 'REJECTED':
      return 'disagreed';
    case 'PENDING':
      return 'open';
    case 'EXPIRED':
    case 'REPLANNED':
    case 'CLOSED':
      return 'abstained';
    case undefined:
      return over ? (automatic ? 'acted' : 'abstained') : 'open';
  }
}

/** Of a normal distribution, for 95 of 100. */
const Z = 1.96;

/**
 * The lower end of Wilson's interval: how large the share is at least, at a confidence of 95 %. Unlike the share itself it says
 * little of three out of three.
 */
export function lowerBound(agreed: number, decided: number): number {
  if (decided === 0) return 0;
  const share = agreed / decided;
  const z2 = Z * Z;
  const centre = share + z2 / (2 * decided);
  const spread = Z * Math.sqrt((share * (1 - share) + z2 / (4 * decided)) / decided);
  return Math.max(0, (centre - spread) / (1 + z2 / decided));
}
