import { attacksFor, type OcsfAttack } from '../../../domain/ocsf/attacks.ts';
import { techniqueIdsFor } from '../prisma-cloud-compute/techniques.ts';
import type { Alert, Section } from './schema.ts';
import { categoryOf } from './vocabulary.ts';

/** The vendor ships ATT&CK as a compliance standard (`MITRE ATT&CK v10.0`): its sections are techniques, its requirements tactics. */
const STANDARD = /\bmitre\b|att&ck/i;
/** Also inside `TA0001.T1190` or `T1552.005 - Cloud Instance Metadata API`. */
const TECHNIQUE = /(?<![A-Za-z0-9])T\d{4}(?:\.\d{3})?(?![0-9])/g;
const TACTIC = /(?<![A-Za-z0-9])TA\d{4}(?![0-9])/g;

export interface TechniqueReading {
  readonly attacks: readonly OcsfAttack[];
  readonly notes: readonly string[];
}

/** ATT&CK of an alert: what its policy is mapped to, and for incidents of workloads Compute's documented default. */
export function techniquesOf(alert: Alert): TechniqueReading {
  const sections = alert.compliance.filter(({ standardName }) => STANDARD.test(standardName));
  const read = sections.map(idsIn);
  const ids = [...read.flat(), ...techniqueIdsFor(categoryOf(alert).techniques)];
  const { attacks, unknown } = attacksFor(ids);
  const nameless = read.filter((found) => found.length === 0).length;
  return {
    attacks,
    notes: [
      ...unknown.map((id) => `ATT&CK id ${id} is not in force in the pinned catalogue and was dropped`),
      ...(nameless > 0 ? [`${nameless} sections of ATT&CK name no id and were dropped`] : []),
    ],
  };
}

/** A technique implies its tactics; the tactic alone counts where no technique is named. */
function idsIn(section: Section): readonly string[] {
  const text = [section.sectionId, section.sectionDescription, section.requirementId, section.requirementName].join(
    ' ',
  );
  const techniques = text.match(TECHNIQUE) ?? [];
  return techniques.length > 0 ? techniques : (text.match(TACTIC) ?? []);
}
