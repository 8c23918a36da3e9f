import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped } from '../../../../domain/ocsf/text.ts';
import { fromApi } from '../../draft.ts';
import type { AiAnalysis, DetectionRecord, IssueRecord, RelatedIssue } from '../records.ts';
import { severityOf } from '../severity.ts';
import { isoTime } from './times.ts';

const TEAM = /^(?:team|owner|owning-?team|squad)$/i;
const ENVIRONMENT = /^(?:env|environment|stage)$/i;

/** Who it belongs to, as projects and tags say. Whoever deploys a resource chooses its tags. */
export function ownershipDrafts(issue: IssueRecord, entities: readonly EntityRef[], now: Date): EvidenceDraft[] {
  const subject = issue.entitySnapshot?.name;
  const tags = { ...issue.entitySnapshot?.subscriptionTags, ...issue.entitySnapshot?.tags, ...issue.entity?.userTags };
  const tagged = (key: RegExp): string | undefined => Object.entries(tags).find(([name]) => key.test(name))?.[1];
  const [project] = issue.projects;
  const team = tagged(TEAM) ?? project?.name;
  if (subject === undefined || (team === undefined && Object.keys(tags).length === 0)) return [];
  const fact = present({
    kind: 'ownership' as const,
    subject,
    team,
    environment: tagged(ENVIRONMENT),
    criticality: project?.riskProfile?.businessImpact,
    tags,
  });
  return [
    fromApi('issue.projects, issue.entitySnapshot.tags', 'attacker_influenced', now.toISOString(), fact, entities),
  ];
}

/** Other open issues of the same resource. */
export function relatedDrafts(
  related: readonly RelatedIssue[],
  own: ReadonlySet<string>,
  entities: readonly EntityRef[],
  now: Date,
) {
  return related
    .filter(({ id }) => id !== undefined && !own.has(id.toLowerCase()))
    .slice(0, 20)
    .flatMap((issue, index): EvidenceDraft[] => {
      const { id, sourceRule } = issue;
      if (id === undefined) return [];
      const fact = present({
        kind: 'related-finding' as const,
        uid: id,
        title: sourceRule?.name ?? 'an issue without a rule',
        category: issue.type ?? 'issue',
        severity: severityOf(issue.severity) ?? ('informational' as const),
        status: issue.status,
        at: isoTime(issue.createdAt, now),
      });
      return [fromApi(`issuesV2[${index}]`, 'vendor', now.toISOString(), fact, entities)];
    });
}

/** The vendor's AI triage: an input that says whose opinion it is, never a conclusion of ours (reference 3.1). */
export function aiDrafts(analysis: AiAnalysis | undefined, entities: readonly EntityRef[], now: Date): EvidenceDraft[] {
  if (analysis?.verdict === undefined || analysis.id === undefined) return [];
  const said = `Opinion of Wiz's AI analysis: ${analysis.verdict}, confidence ${analysis.confidenceLevel ?? 'not given'}: ${analysis.conclusion ?? ''}`;
  const fact = present({
    kind: 'related-finding' as const,
    uid: analysis.id,
    title: capped(said, 1000),
    category: 'AI opinion of the vendor',
    severity: severityOf(analysis.severity) ?? ('informational' as const),
    status: analysis.status,
    at: isoTime(analysis.analyzedAt, now),
  });
  return [fromApi('issue.threatDetectionDetails.aiAnalysis', 'attacker_influenced', now.toISOString(), fact, entities)];
}

/** Who acted, and with what power. */
export function actorDrafts(detection: DetectionRecord, index: number, now: Date): EvidenceDraft[] {
  const actor = detection.primaryActor;
  const name = actor?.name ?? actor?.externalId;
  if (actor === undefined || name === undefined || actor.type === 'UNKNOWN') return [];
  const account = detection.cloudAccounts[0]?.externalId;
  const fact = present({
    kind: 'cloud-identity' as const,
    name,
    identityKind: actor.nativeType ?? actor.type ?? 'identity',
    account,
    permissions: [],
    admin: either(actor.hasAdminPrivileges, actor.hasAdminKubernetesPrivileges),
    highPrivileges: either(actor.hasHighPrivileges, actor.hasHighKubernetesPrivileges),
    basis: 'the actor of the detection, as Wiz rates it',
  });
  const canonical = actor.providerUniqueId ?? actor.externalId ?? actor.id;
  const entity = canonical === undefined ? undefined : { kind: 'principal' as const, canonical, label: name };
  return [fromApi(`detections[${index}].primaryActor`, 'vendor', now.toISOString(), fact, [entity])];
}

export function either(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  return a === true || b === true ? true : (a ?? b);
}
