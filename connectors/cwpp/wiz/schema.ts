import * as z from 'zod';
import { flag, integer, list, tags, text, texts } from './lenient.ts';

/** The push bodies. Both spellings are read wherever the vendor's text, its examples and observed events disagree (reference 1.5). */

const account = z
  .object({ id: text, externalId: text, name: text, cloudPlatform: text, cloudProvider: text })
  .optional()
  .catch(undefined);

/** A resource or an actor of Threat and Detection bodies; inner references may hold the id only. */
export const resourceSchema = z.lazy(() =>
  z.object({
    id: text,
    externalId: text,
    providerUniqueId: text,
    name: text,
    type: text,
    nativeType: text,
    region: text,
    cloudAccount: account,
    kubernetesNodeName: text,
    kubernetesNamespaceName: text,
    kubernetesClusterId: text,
    kubernetesClusterName: text,
    email: text,
  }),
);
export type ResourceBody = z.infer<typeof resourceSchema>;

const container = z
  .object({ id: text, externalId: text, name: text, imageId: text, imageExternalId: text })
  .optional()
  .catch(undefined);

/** The keys of examples first, then those of the vendor's table. */
const processSchema = z.lazy(() =>
  z.object({
    id: text,
    pid: text,
    command: text,
    cmdline: text,
    path: text,
    exePath: text,
    hash: text,
    exeSha1: text,
    size: integer,
    executionTime: text,
    execTime: text,
    userId: text,
    uid: text,
    username: text,
    container,
    containerInfo: container,
  }),
);
export type ProcessBody = z.infer<typeof processSchema>;

const eventSchema = z.lazy(() =>
  z.object({
    id: text,
    name: text,
    description: text,
    origin: text,
    eventTime: text,
    source: text,
    category: text,
    status: text,
    actor: resourceSchema.optional().catch(undefined),
    actorIP: text,
    actorIp: text,
    actorIPMeta: ipMeta(),
    actorIpMeta: ipMeta(),
    resources: list(resourceSchema),
    runtimeDetails: z
      .object({ processTree: list(processSchema) })
      .optional()
      .catch(undefined),
    processTree: list(processSchema),
  }),
);
export type EventBody = z.infer<typeof eventSchema>;

function ipMeta() {
  return z
    .object({
      country: text,
      autonomousSystemNumber: integer,
      autonomousSystemOrganization: text,
      reputation: text,
      reputationSource: text,
      isForeign: flag,
    })
    .optional()
    .catch(undefined);
}

export const triggerSchema = z
  .object({ source: text, type: text, ruleId: text, ruleName: text, updatedFields: text, changedBy: text })
  .catch({
    source: undefined,
    type: undefined,
    ruleId: undefined,
    ruleName: undefined,
    updatedFields: undefined,
    changedBy: undefined,
  });

export const detectionSchema = z.lazy(() =>
  z.object({
    trigger: triggerSchema,
    id: text,
    threatId: text,
    threatURL: text,
    detectionUrl: text,
    title: text,
    description: text,
    severity: text,
    createdAt: text,
    tdrId: text,
    tdrSource: text,
    mitreTactics: texts,
    mitreTechniques: texts,
    cloudAccounts: list(account),
    timeframe: z.object({ start: text, end: text }).optional().catch(undefined),
    actors: list(resourceSchema),
    primaryActor: resourceSchema.optional().catch(undefined),
    resources: list(resourceSchema),
    primaryResource: resourceSchema.optional().catch(undefined),
    triggeringEvents: list(eventSchema),
  }),
);
export type DetectionBody = z.infer<typeof detectionSchema>;

export const threatSchema = z.lazy(() =>
  z.object({
    trigger: triggerSchema,
    threat: z.lazy(() =>
      z.object({
        id: text,
        title: text,
        description: text,
        status: text,
        severity: text,
        created: text,
        createdAt: text,
        updatedAt: text,
        projects: text,
        tdrNames: text,
        detectionIds: text,
        threatURL: text,
        cloudPlatform: text,
        cloudAccounts: list(account),
        actors: list(resourceSchema),
        resources: list(resourceSchema),
        mitreTechniques: texts,
        mitreTactics: texts,
      }),
    ),
  }),
);
export type ThreatBody = z.infer<typeof threatSchema>;

/** `resource` of the default body and `entitySnapshot` of templates close to the API; the names of both in one. */
export const entitySchema = z.lazy(() =>
  z.object({
    id: text,
    externalId: text,
    providerId: text,
    name: text,
    type: text,
    nativeType: text,
    graphType: text,
    cloudPlatform: text,
    subscriptionId: text,
    subscriptionExternalId: text,
    subscriptionName: text,
    region: text,
    kubernetesClusterId: text,
    kubernetesClusterName: text,
    kubernetesNamespaceName: text,
    tags,
  }),
);
export type EntityBody = z.infer<typeof entitySchema>;

const controlSchema = z.lazy(() =>
  z.object({
    id: text,
    name: text,
    description: text,
    severity: text,
    resolutionRecommendation: text,
    risks: texts,
    sourceCloudConfigurationRuleId: text,
    sourceCloudConfigurationRuleName: text,
  }),
);

export const issueSchema = z.lazy(() =>
  z.object({
    trigger: triggerSchema,
    issue: z.lazy(() =>
      z.object({
        id: text,
        type: text,
        status: text,
        severity: text,
        created: text,
        createdAt: text,
        updatedAt: text,
        projects: text,
        description: text,
        url: text,
        resolutionRecommendation: text,
        control: controlSchema.optional().catch(undefined),
        entitySnapshot: entitySchema.optional().catch(undefined),
      }),
    ),
    control: controlSchema.optional().catch(undefined),
    resource: entitySchema.optional().catch(undefined),
    entitySnapshot: entitySchema.optional().catch(undefined),
    parapet: z.object({ template: text }).optional().catch(undefined),
  }),
);
export type IssueBody = z.infer<typeof issueSchema>;
