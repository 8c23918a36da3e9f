import { techniqueById } from '../../../domain/attack/catalogue.ts';
import { attacksFor, type OcsfAttack } from '../../../domain/ocsf/attacks.ts';

/** Tactics of ATT&CK Enterprise as Falco's rules tag them, `mitre_<name in snake case>`. */
const TACTICS: Readonly<Record<string, string>> = {
  reconnaissance: 'TA0043',
  resource_development: 'TA0042',
  initial_access: 'TA0001',
  execution: 'TA0002',
  persistence: 'TA0003',
  privilege_escalation: 'TA0004',
  defense_evasion: 'TA0005',
  credential_access: 'TA0006',
  discovery: 'TA0007',
  lateral_movement: 'TA0008',
  collection: 'TA0009',
  command_and_control: 'TA0011',
  exfiltration: 'TA0010',
  impact: 'TA0040',
};

export interface TagReading {
  readonly attacks: readonly OcsfAttack[];
  /** Ids of all tactics: tagged ones and those of tagged techniques. */
  readonly tactics: readonly string[];
  /** One sentence for each tag that speaks of ATT&CK and was dropped. */
  readonly notes: readonly string[];
}

const TECHNIQUE = /^(?:TA\d{4}[^A-Z\d]+)?(T\d{4}(?:\.\d{3})?)$/;
const TACTIC = /^TA\d{4}$/;
const MITRE = /^mitre[_.]/i;
const MAX_TAGS = 100;

/**
 * ATT&CK from the tags of a rule, as tagged: the maintainers' choice is shown even where a technique does not belong to the
 * tactic beside it. A tactic is listed by itself only when no tagged technique belongs to it.
 */
export function readTags(tags: readonly unknown[]): TagReading {
  const notes: string[] = [];
  const ids: string[] = [];
  for (const tag of tags.slice(0, MAX_TAGS)) {
    if (typeof tag !== 'string') continue;
    const id = idOf(tag.trim());
    if (id !== undefined) ids.push(id);
    else if (MITRE.test(tag))
      notes.push(`tag ${shown(tag)} names no ATT&CK tactic or technique in force and was dropped`);
  }
  const techniques = ids.filter((id) => !TACTIC.test(id));
  const covered = new Set(techniques.flatMap((id) => techniqueById(id)?.tactics.map((tactic) => tactic.id) ?? []));
  const tactics = ids.filter((id) => TACTIC.test(id));
  const { attacks, unknown } = attacksFor([...techniques, ...tactics.filter((id) => !covered.has(id))]);
  for (const id of unknown) notes.push(`ATT&CK id ${id} is not in force in the pinned catalogue and was dropped`);
  return { attacks, tactics: [...new Set([...tactics, ...covered])], notes };
}

function idOf(tag: string): string | undefined {
  const upper = tag.toUpperCase().replace(/^MITRE[_.]/, '');
  if (TACTIC.test(upper)) return upper;
  const technique = TECHNIQUE.exec(upper)?.[1];
  if (technique !== undefined) return technique;
  const name = upper.toLowerCase();
  return MITRE.test(tag) && Object.hasOwn(TACTICS, name) ? TACTICS[name] : undefined;
}

function shown(tag: string): string {
  return JSON.stringify(tag.slice(0, 80));
}
