import * as z from 'zod';
import { techniquesOf } from './evidence/vendor-alert.ts';
import { list, tags, text } from './lenient.ts';
import { type DetectionRecord, detectionRecordSchema } from './records.ts';

/** A node of `issuesV2` as reconciliation reads it. */
export const polledIssueSchema = z.lazy(() =>
  z.object({
    id: text,
    type: text,
    status: text,
    severity: text,
    createdAt: text,
    updatedAt: text,
    description: text,
    url: text,
    projects: list(z.object({ name: text })),
    sourceRule: z.object({ id: text, name: text }).optional().catch(undefined),
    entitySnapshot: z.looseObject({ tags }).optional().catch(undefined),
  }),
);
type PolledIssue = z.infer<typeof polledIssueSchema>;

export const polledDetectionSchema = detectionRecordSchema;

/** The record in the shape of the webhook, so that both end in the same finding. */
export function issueBody({ projects, sourceRule, entitySnapshot, ...issue }: PolledIssue): string {
  return JSON.stringify({
    trigger: { source: 'ISSUE', type: 'Polled' },
    issue: { ...issue, projects: projects.flatMap(({ name }) => name ?? []).join(', ') },
    control: sourceRule,
    entitySnapshot,
  });
}

export function detectionBody(detection: DetectionRecord): string {
  const { id, severity, description, createdAt, startedAt, ruleMatch, cloudAccounts, issue } = detection;
  const rule = ruleMatch?.rule;
  const [account] = cloudAccounts;
  const all = [...(detection.primaryResource ? [detection.primaryResource] : []), ...detection.resources];
  return JSON.stringify({
    trigger: { source: 'DETECTIONS', type: 'Polled' },
    id,
    threatId: issue?.id,
    title: rule?.name,
    description,
    severity,
    createdAt,
    tdrId: rule?.id,
    mitreTechniques: techniquesOf(detection),
    timeframe: { start: startedAt },
    cloudAccounts: cloudAccounts.map(({ cloudProvider, ...rest }) => ({ ...rest, cloudPlatform: cloudProvider })),
    primaryActor: detection.primaryActor,
    resources: all.map(({ kubernetesCluster, kubernetesNamespace, ...resource }) => ({
      ...resource,
      kubernetesClusterName: kubernetesCluster?.name,
      kubernetesNamespaceName: kubernetesNamespace?.name,
      cloudAccount: account && { ...account, cloudPlatform: account.cloudProvider },
    })),
    triggeringEvents: detection.triggeringEvents.map(({ timestamp, ...event }) => ({ ...event, eventTime: timestamp })),
  });
}
