import { ATTACK_VERSION, parentTechniqueOf, tacticById, techniqueById } from '../attack/catalogue.ts';
import type { DetectionFinding } from './detection-finding.ts';

export type OcsfAttack = NonNullable<DetectionFinding['finding_info']['attacks']>[number];

/**
 * OCSF `attacks` for ATT&CK ids of techniques, sub-techniques and tactics (an alert may be mapped to a tactic alone).
 * Ids that are not in force in the pinned version are left out and returned by name.
 */
export function attacksFor(ids: readonly string[]): {
  readonly attacks: readonly OcsfAttack[];
  readonly unknown: readonly string[];
} {
  const attacks: OcsfAttack[] = [];
  const unknown: string[] = [];
  for (const id of new Set(ids)) {
    const attack = attackFor(id);
    if (attack) attacks.push(attack);
    else unknown.push(id);
  }
  return { attacks, unknown };
}

function attackFor(id: string): OcsfAttack | undefined {
  const tactic = tacticById(id);
  if (tactic) return { tactic: { uid: tactic.id, name: tactic.name }, version: ATTACK_VERSION };
  const technique = techniqueById(id);
  if (!technique) return undefined;
  const tactics = technique.tactics.map(({ id: uid, name }) => ({ uid, name }));
  const named = { uid: technique.id, name: technique.name };
  const parent = parentTechniqueOf(id);
  return {
    ...(parent ? { technique: { uid: parent.id, name: parent.name }, sub_technique: named } : { technique: named }),
    tactics,
    version: ATTACK_VERSION,
  };
}

/** Ids of the techniques (the sub-technique where one is given) a finding is mapped to; tactics alone are not among them. */
export function techniqueIdsOf(finding: DetectionFinding): string[] {
  return (finding.finding_info.attacks ?? []).flatMap(({ technique, sub_technique: sub }) => {
    const id = sub?.uid ?? technique?.uid;
    return id === undefined ? [] : [id];
  });
}
