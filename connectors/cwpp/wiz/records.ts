import * as z from 'zod';
import { flag, list, nodes, tags, text } from './lenient.ts';
import { categories, exposedPath, named, properties } from './record-parts.ts';

/** The API's answers, read leniently (see lenient.ts). Unknown fields are ignored; only what is no object is no record. */

export const resourceRecordSchema = z.lazy(() =>
  z.object({
    id: text,
    name: text,
    type: text,
    nativeType: text,
    externalId: text,
    providerUniqueId: text,
    region: text,
    kubernetesCluster: named.optional().catch(undefined),
    kubernetesNamespace: named.optional().catch(undefined),
  }),
);
export type ResourceRecord = z.infer<typeof resourceRecordSchema>;

export const issueRecordSchema = z.lazy(() =>
  z.object({
    id: text,
    status: text,
    severity: text,
    createdAt: text,
    description: text,
    resolutionReason: text,
    evidenceQuery: z.unknown().optional(),
    serviceTickets: list(z.object({ externalId: text, name: text, url: text })),
    projects: list(
      z.object({
        id: text,
        name: text,
        slug: text,
        riskProfile: z.object({ businessImpact: text }).optional().catch(undefined),
        projectOwners: list(z.object({ email: text })),
      }),
    ),
    entitySnapshot: entitySnapshot(),
    entity: graphEntity(),
  }),
);
export type IssueRecord = z.infer<typeof issueRecordSchema>;

function entitySnapshot() {
  return z
    .object({
      id: text,
      type: text,
      nativeType: text,
      name: text,
      providerId: text,
      externalId: text,
      cloudPlatform: text,
      region: text,
      subscriptionExternalId: text,
      subscriptionName: text,
      tags,
      subscriptionTags: tags,
    })
    .optional()
    .catch(undefined);
}

function graphEntity() {
  return z
    .object({
      id: text,
      type: text,
      name: text,
      properties,
      userTags: tags,
      publicExposures: nodes(z.object({ id: text, portRange: text, sourceIpRange: text, path: exposedPath })),
      lateralMovementPaths: nodes(
        z.object({
          id: text,
          severity: text,
          type: text,
          pathEntities: list(z.object({ entity: named.optional().catch(undefined) })),
        }),
      ),
    })
    .optional()
    .catch(undefined);
}

export const issueNewerSchema = z.lazy(() =>
  z.object({
    id: text,
    type: text,
    sourceRules: list(z.object({ id: text, name: text, description: text })),
    entitySnapshot: z
      .object({ kubernetesClusterId: text, kubernetesClusterName: text, kubernetesNamespaceName: text })
      .optional()
      .catch(undefined),
  }),
);
export type IssueNewer = z.infer<typeof issueNewerSchema>;

export const threatRecordSchema = z.lazy(() =>
  z.object({
    id: text,
    threatDetectionDetails: z
      .object({
        eventOrigin: z.unknown().optional(),
        actors: list(resourceRecordSchema),
        resources: list(resourceRecordSchema),
        mainDetection: z
          .object({ id: text, startedAt: text, severity: text, description: text, ruleMatch: ruleMatch() })
          .optional()
          .catch(undefined),
      })
      .optional()
      .catch(undefined),
  }),
);
export type ThreatRecord = z.infer<typeof threatRecordSchema>;

function ruleMatch() {
  return z
    .object({ rule: z.object({ id: text, name: text, securitySubCategories: categories }).optional().catch(undefined) })
    .optional()
    .catch(undefined);
}

export const aiAnalysisSchema = z.object({
  threatDetectionDetails: z
    .object({
      aiAnalysis: z
        .object({
          id: text,
          status: text,
          verdict: text,
          analyzedAt: text,
          severity: text,
          confidenceLevel: text,
          conclusion: text,
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type AiAnalysis = NonNullable<
  NonNullable<z.infer<typeof aiAnalysisSchema>['threatDetectionDetails']>['aiAnalysis']
>;

export const detectionRecordSchema = z.lazy(() =>
  z.object({
    id: text,
    type: text,
    severity: text,
    description: text,
    createdAt: text,
    startedAt: text,
    issue: z.object({ id: text }).optional().catch(undefined),
    ruleMatch: ruleMatch(),
    primaryActor: z
      .object({
        id: text,
        name: text,
        type: text,
        nativeType: text,
        externalId: text,
        providerUniqueId: text,
        hasAdminPrivileges: flag,
        hasHighPrivileges: flag,
        hasAdminKubernetesPrivileges: flag,
        hasHighKubernetesPrivileges: flag,
      })
      .optional()
      .catch(undefined),
    primaryResource: resourceRecordSchema.optional().catch(undefined),
    resources: list(resourceRecordSchema),
    cloudAccounts: list(z.object({ id: text, name: text, externalId: text, cloudProvider: text })),
    triggeringEvents: nodes(z.object({ id: text, name: text, origin: text, timestamp: text })),
  }),
);
export type DetectionRecord = z.infer<typeof detectionRecordSchema>;

const reference = z.object({ id: text, externalId: text, namespace: text, type: text }).optional().catch(undefined);

const processRecord = z.lazy(() =>
  z.object({
    id: text,
    name: text,
    path: text,
    command: text,
    hash: text,
    userId: text,
    userName: text,
    executionTime: text,
    wizResponse: text,
    enforcementResult: z.object({ action: text, errorMessage: text }).optional().catch(undefined),
    container: z
      .object({ id: text, externalId: text, name: text, image: reference, pod: reference, serviceAccount: text })
      .optional()
      .catch(undefined),
  }),
);
export type ProcessRecord = z.infer<typeof processRecord>;

/** The fields of both documents, of which one answer has half. */
export const cloudEventSchema = z.lazy(() =>
  z.object({
    id: text,
    name: text,
    origin: text,
    timestamp: text,
    severity: text,
    extraDetails: z
      .object({
        host: z.object({ id: text, hostname: text, externalId: text }).optional().catch(undefined),
        processTree: list(processRecord),
        context: z
          .object({ fileName: text, remoteIP: text, remotePort: text, dnsQuery: text, commandLine: text, path: text })
          .optional()
          .catch(undefined),
      })
      .optional()
      .catch(undefined),
  }),
);
export type CloudEventRecord = z.infer<typeof cloudEventSchema>;

export const relatedIssueSchema = z.object({
  id: text,
  type: text,
  status: text,
  severity: text,
  createdAt: text,
  sourceRule: z.object({ id: text, name: text }).optional().catch(undefined),
});
export type RelatedIssue = z.infer<typeof relatedIssueSchema>;
