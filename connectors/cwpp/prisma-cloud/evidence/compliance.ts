import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped } from '../../../../domain/ocsf/text.ts';
import type { AlertRecord } from '../client.ts';
import type { Standard } from '../records.ts';
import { fromVendor } from './draft.ts';

const MAX_CONTROLS = 10;
const ATTACK = /\bmitre\b|att&ck/i;

/** The controls the alert's policy stands for: an open alert is the proof that they are not met. */
export function controlDrafts({ alert }: AlertRecord, observedAt: string): EvidenceDraft[] {
  const why = `policy "${capped(alert.policyName, 200)}" found a violation (alert ${alert.alertId})`;
  return controlsOf(alert)
    .slice(0, MAX_CONTROLS)
    .map(({ standardName, sectionId, requirementId, sectionDescription, requirementName }) => {
      const id = sectionId || requirementId;
      const words = sectionDescription || requirementName;
      const fact = present({
        kind: 'compliance' as const,
        control: capped([id, words].filter((part) => part !== '').join(' '), 300),
        framework: standardName || undefined,
        passed: false,
        reason: why,
      });
      return fromVendor(`GET /alert/${alert.alertId} policy.complianceMetadata`, observedAt, fact);
    });
}

/** How the account stands in the standards the alert names. */
export function postureDrafts(
  record: AlertRecord,
  standards: readonly Standard[],
  observedAt: string,
): EvidenceDraft[] {
  const named = new Set(controlsOf(record.alert).map(({ standardName }) => standardName));
  const { accountName } = record.alert;
  return standards
    .filter(({ name }) => name !== undefined && named.has(name))
    .slice(0, MAX_CONTROLS)
    .map(({ name, failedResources, passedResources, assignedPolicies }) => {
      const total = failedResources + passedResources;
      const fact = {
        kind: 'compliance' as const,
        control: `all ${assignedPolicies} policies in account ${capped(accountName, 120)}`,
        framework: name ?? '',
        passed: failedResources === 0,
        reason: `${failedResources} of ${total} resources fail`,
      };
      return fromVendor('GET /compliance/posture complianceDetails', observedAt, fact);
    });
}

/** ATT&CK is sold as a standard too; it says how an attacker works and not what a control asks for. */
function controlsOf(alert: AlertRecord['alert']): AlertRecord['alert']['compliance'] {
  return alert.compliance.filter(
    ({ standardName, sectionId, requirementId }) =>
      standardName !== '' && !ATTACK.test(standardName) && (sectionId !== '' || requirementId !== ''),
  );
}
