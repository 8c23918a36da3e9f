import type { ExecutableAction } from '../analysis/analysis.ts';
import type { PlaybookEntry, PlaybookName } from '../config/playbooks.ts';
import type { Configuration } from '../config/schema.ts';
import { type Placement, scopeMatches } from '../config/scope.ts';
import type { Assessment, Condition } from './assessment.ts';
import { dormantKey } from './dormant-key.ts';
import { orphanedBucket } from './orphaned-bucket.ts';
import type { Playbook, PlaybookCase } from './playbook.ts';
import { quarantineMiner } from './quarantine-miner.ts';

/** One line per playbook. Only what is reversible and narrow may stand here; a test holds them against ACTION_TRAITS. */
export const PLAYBOOKS: { readonly [Name in PlaybookName]: Playbook<Name> } = {
  'dormant-key': dormantKey,
  'orphaned-bucket': orphanedBucket,
  'quarantine-miner': quarantineMiner,
};

/** A playbook as the configuration names it for a place. */
export interface Named {
  readonly entry: PlaybookEntry;
  readonly title: string;
  /** What the action looks at again right before it acts. */
  readonly parameters: Readonly<Record<string, string>>;
  assess(of: PlaybookCase): Assessment;
}

/** The first playbook of the configuration for this action at this place; undefined: none is named there. */
export function playbookFor(
  { playbooks }: Pick<Configuration, 'playbooks'>,
  action: ExecutableAction,
  place: Placement,
): Named | undefined {
  const entry = playbooks.find(({ name, scope }) => PLAYBOOKS[name].action === action && scopeMatches(scope, place));
  if (entry === undefined) return undefined;
  switch (entry.name) {
    case 'dormant-key':
      return named(entry, PLAYBOOKS[entry.name].title, PLAYBOOKS[entry.name].parameters(entry), (of) =>
        PLAYBOOKS[entry.name].conditions(of, entry),
      );
    case 'orphaned-bucket':
      return named(entry, PLAYBOOKS[entry.name].title, PLAYBOOKS[entry.name].parameters(entry), (of) =>
        PLAYBOOKS[entry.name].conditions(of, entry),
      );
    case 'quarantine-miner':
      return named(entry, PLAYBOOKS[entry.name].title, PLAYBOOKS[entry.name].parameters(entry), (of) =>
        PLAYBOOKS[entry.name].conditions(of, entry),
      );
  }
}

function named(
  entry: PlaybookEntry,
  title: string,
  parameters: Named['parameters'],
  conditions: (of: PlaybookCase) => readonly Condition[],
): Named {
  return {
    entry,
    title,
    parameters,
    assess: (of) => {
      const all = conditions(of);
      return { playbook: entry.name, holds: all.every(({ holds }) => holds), conditions: [...all] };
    },
  };
}
