import { tacticByName, techniqueByName } from '../../../domain/attack/catalogue.ts';
import { attacksFor, type OcsfAttack } from '../../../domain/ocsf/attacks.ts';
import { capped } from '../../../domain/ocsf/text.ts';

/** More than any detection has; a hostile list must not buy time. */
const MAX_NAMED = 100;
const TECHNIQUE = /\bT\d{4}(?:\.\d{3})?\b/;
const TACTIC = /^TA\d{4}\b/;

/**
 * ATT&CK ids as Wiz writes them: `T1070.006`, tactic-prefixed `TA0002-T1059.004`, `T1190 Exploit Public-Facing Application`,
 * or the bare name of a technique or tactic. What the catalogue does not hold is noted by name.
 */
export function readTechniques(named: readonly string[]): {
  readonly attacks: readonly OcsfAttack[];
  readonly notes: readonly string[];
} {
  const ids: string[] = [];
  const unknown: string[] = [];
  for (const name of named.slice(0, MAX_NAMED)) {
    const id = attackIdOf(name);
    if (id === undefined) unknown.push(name);
    else ids.push(id);
  }
  const { attacks, unknown: retired } = attacksFor(ids);
  const left = [...new Set([...unknown, ...retired])].map((name) => JSON.stringify(capped(name, 80)));
  return {
    attacks,
    notes: left.length === 0 ? [] : [`not in ATT&CK as pinned here, left out: ${left.slice(0, 10).join(', ')}`],
  };
}

/** The id a text names; not yet checked when it is written as an id. */
export function attackIdOf(name: string): string | undefined {
  const short = name.slice(0, 200);
  const technique = TECHNIQUE.exec(short)?.[0];
  if (technique !== undefined) return technique;
  return TACTIC.exec(short)?.[0] ?? techniqueByName(short)?.id ?? tacticByName(short)?.id;
}
