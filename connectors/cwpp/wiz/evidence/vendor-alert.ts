import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { attacksFor, techniqueIdsOf } from '../../../../domain/ocsf/attacks.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { capped, MESSAGE_CAP } from '../../../../domain/ocsf/text.ts';
import { fromApi } from '../../draft.ts';
import { subjectEntities } from '../../prisma-cloud-compute/evidence/entities.ts';
import { issueCategory } from '../issue.ts';
import type { DetectionRecord } from '../records.ts';
import { severityOf } from '../severity.ts';
import { attackIdOf } from '../techniques.ts';
import { withoutMarkers } from '../words.ts';
import type { ReadBackAnswer } from './look-up.ts';
import { isoTime } from './times.ts';

type Yes = Extract<ReadBackAnswer, { confirmed: true }>;

/**
 * The record that confirmed an alert, where its severity, kind or techniques are others than those of the body: that is what
 * the vendor itself says now. A record that says the same is not told twice.
 */
export function vendorAlert(found: NormalizedFinding, yes: Yes, now: Date): EvidenceDraft[] {
  const drafts = yes.detection ? detectionAlert(found, yes.detection, now) : issueAlert(found, yes, now);
  const known = new Set(techniqueIdsOf(found.finding));
  return drafts.filter(
    ({ fact }) =>
      fact.kind === 'alert' &&
      (fact.severity !== found.severity ||
        fact.category !== found.finding.finding_info.types?.[0] ||
        fact.techniques.some((id) => !known.has(id))),
  );
}

function issueAlert(found: NormalizedFinding, { issue, newer }: Yes, now: Date): EvidenceDraft[] {
  const severity = severityOf(issue?.severity);
  if (issue === undefined || severity === undefined) return [];
  const rule = newer?.sourceRules[0];
  const title = rule?.name ?? found.finding.finding_info.title ?? `Wiz issue ${issue.id}`;
  const pushed = found.finding.finding_info.types?.[0] ?? 'issue';
  return [
    fromApi(
      'issue',
      'attacker_influenced',
      now.toISOString(),
      {
        kind: 'alert',
        findingUid: found.finding.finding_info.uid,
        title: capped(title, 512),
        category: capped(newer?.type === undefined ? pushed : issueCategory(newer.type, rule), 256),
        ...(rule?.name === undefined ? {} : { rule: capped(rule.name, 512) }),
        message: capped(withoutMarkers(issue.description ?? rule?.description) ?? title, MESSAGE_CAP),
        severity,
        occurredAt: isoTime(issue.createdAt, now) ?? new Date(found.finding.time).toISOString(),
        techniques: [],
      },
      subjectEntities(found),
    ),
  ];
}

function detectionAlert(found: NormalizedFinding, detection: DetectionRecord, now: Date): EvidenceDraft[] {
  const severity = severityOf(detection.severity);
  if (severity === undefined) return [];
  const rule = detection.ruleMatch?.rule;
  const title = rule?.name ?? found.finding.finding_info.title ?? `Wiz detection ${detection.id}`;
  return [
    fromApi(
      'detections[0]',
      'attacker_influenced',
      now.toISOString(),
      {
        kind: 'alert',
        findingUid: found.finding.finding_info.uid,
        title: capped(title, 512),
        category: capped(title, 256),
        rule: capped(title, 512),
        message: capped(withoutMarkers(detection.description) ?? title, MESSAGE_CAP),
        severity,
        occurredAt:
          isoTime(detection.startedAt ?? detection.createdAt, now) ?? new Date(found.finding.time).toISOString(),
        techniques: techniquesOf(detection),
      },
      subjectEntities(found),
    ),
  ];
}

/** Frameworks that carry ATT&CK; in detections only their ids are named (observed, meaning unverified). */
const ATTACK_FRAMEWORKS = new Set(['wf-id-34', 'wf-id-181']);

/** Ids of techniques that the rule is mapped to and that the catalogue holds. */
export function techniquesOf({ ruleMatch }: Pick<DetectionRecord, 'ruleMatch'>): string[] {
  const named = (ruleMatch?.rule?.securitySubCategories ?? []).flatMap(({ title, category }) => {
    const framework = category?.framework;
    const isAttack = /MITRE ATT&CK/i.test(framework?.name ?? '') || ATTACK_FRAMEWORKS.has(framework?.id ?? '');
    return isAttack && title !== undefined ? (attackIdOf(title) ?? []) : [];
  });
  return attacksFor(named).attacks.flatMap(({ technique, sub_technique: sub }) => sub?.uid ?? technique?.uid ?? []);
}
