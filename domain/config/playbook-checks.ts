import { PLAYBOOKS } from '../playbooks/registry.ts';
import type { ConfigurationProblem } from './problem.ts';
import type { Configuration } from './schema.ts';

/** A playbook that could never act would be found out on the day it is needed. */
export function playbookProblems({ playbooks, actions, destinations }: Configuration): readonly ConfigurationProblem[] {
  return playbooks.flatMap(({ name }, index) => {
    const { action } = PLAYBOOKS[name];
    return [
      ...(actions[action]?.gate === 'ask'
        ? []
        : [{ path: `playbooks[${index}].name`, reason: `needs actions["${action}"] with gate "ask"` }]),
      ...(destinations.chat === undefined
        ? [{ path: 'destinations.chat', reason: 'is needed because what playbooks do is told there' }]
        : []),
    ];
  });
}
