import type { ActionTarget } from '../actions/target.ts';
import type { ExecutableAction, Verdict } from '../analysis/analysis.ts';
import type { PlaybookEntry, PlaybookName } from '../config/playbooks.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { Severity } from '../severity.ts';
import type { Source } from '../source.ts';
import type { Condition } from './assessment.ts';

/** Everything a playbook may look at: facts and numbers, and never a sentence of an analysis. */
export interface PlaybookCase {
  readonly pack: EvidencePack;
  readonly target: ActionTarget;
  readonly source: Source;
  /** That the vendor confirmed the incident's alerts, as it stands in the store. */
  readonly confirmed: boolean;
  readonly severity: Severity;
  readonly verdict: Verdict;
}

/** One thing Parapet may do without a person, where the configuration names it. */
export interface Playbook<Name extends PlaybookName = PlaybookName> {
  readonly name: Name;
  readonly action: ExecutableAction;
  readonly title: string;
  /** Why nobody needs to be asked, in a sentence for people. */
  readonly lowRisk: string;
  readonly conditions: (of: PlaybookCase, entry: Extract<PlaybookEntry, { name: Name }>) => readonly Condition[];
  /** What the action itself must look at again right before it acts. */
  readonly parameters: (entry: Extract<PlaybookEntry, { name: Name }>) => Readonly<Record<string, string>>;
}
