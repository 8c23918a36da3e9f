import { factsOf } from '../analysis/rules/facts.ts';
import type { Investigation } from '../analysis/rules/investigation.ts';
import type { Entity } from '../evidence/pack.ts';
import type { Guidance, Urgency } from './guidance.ts';
import { Slots, Unrepresentable } from './slots.ts';

/** What every rule of guidance works on. */
export interface Context {
  readonly investigation: Investigation;
  readonly slots: Slots;
  /** `findingUid` of the alerts. */
  readonly findings: readonly string[];
  /** Something was seen that calls for a response: what cuts traffic or rights off is only advised then. */
  readonly underAttack: boolean;
}

const MAX_FINDINGS = 20;

export function contextOf(investigation: Investigation): Context {
  const { pack, judgement } = investigation;
  return {
    investigation,
    slots: new Slots(pack),
    findings: [...new Set(factsOf(pack, 'alert').map(({ fact }) => fact.findingUid))].slice(0, MAX_FINDINGS),
    underAttack: judgement.verdict === 'malicious' || judgement.verdict === 'suspicious',
  };
}

export type Outcome =
  | { readonly kind: 'guidance'; readonly guidance: Guidance }
  | { readonly kind: 'left-out'; readonly what: string; readonly why: string };

export type Draft = Pick<Guidance, 'title' | 'why' | 'steps' | 'urgency'>;

/**
 * One piece of guidance about one thing, or the reason why it could not be written. Guidance about nothing that the
 * evidence names would be a guess.
 */
export function guide(context: Context, rule: string, target: Entity | undefined, build: () => Draft): Outcome {
  if (target === undefined) return { kind: 'left-out', what: rule, why: 'the evidence names no target' };
  try {
    const guidance: Guidance = {
      id: `${rule}:${target.id}`,
      ...build(),
      targets: [target.id],
      appliesTo: [...context.findings],
      author: 'rules',
    };
    return { kind: 'guidance', guidance };
  } catch (error) {
    if (error instanceof Unrepresentable) return { kind: 'left-out', what: rule, why: error.message };
    throw error;
  }
}

/** Right away while somebody is at it, else with the next piece of work. */
export function urgencyOf({ investigation, underAttack }: Context): Urgency {
  if (investigation.judgement.verdict === 'malicious') return 'immediate';
  return underAttack ? 'soon' : 'planned';
}
