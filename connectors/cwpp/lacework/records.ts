import * as z from 'zod';
import { listOf, longText, text } from './lenient.ts';

/** What is relied on in the answers of the API. Every field may be missing (reference 2.2: all schemas allow more). */

export const pageSchema = z.object({
  data: z.unknown().optional(),
  paging: z
    .object({ urls: z.object({ nextPage: text }).catch({ nextPage: '' }).prefault({ nextPage: '' }) })
    .optional()
    .catch(undefined),
});

export const investigationSchema = z.object({ question: text, answer: text });

export const relatedAlertSchema = z.lazy(() =>
  z.object({
    eventId: text,
    alertId: text,
    eventName: text,
    alertName: text,
    eventType: text,
    severity: text,
    startTime: text,
  }),
);
export type RelatedAlert = z.infer<typeof relatedAlertSchema>;

/** Scope `Events`: as CloudTrail has them; shapes of other logs are unverified. */
export const eventSchema = z.lazy(() =>
  z.object({
    eventName: text,
    eventSource: text,
    eventTime: text,
    sourceIPAddress: text,
    errorCode: text,
    username: text,
    userIdentity: z.unknown().optional(),
  }),
);
export type CloudEvent = z.infer<typeof eventSchema>;

export const timelineSchema = z.lazy(() =>
  z.object({
    id: text,
    entryType: text,
    entryAuthorType: text,
    externalTime: text,
    message: z
      .object({ format: text, value: text })
      .catch({ format: '', value: '' })
      .prefault({ format: '', value: '' }),
  }),
);

export const integrationSchema = z.object({
  alertIntegrationId: text,
  integrationType: text,
  status: text,
  lastSyncTime: text,
});

const observedEntity = z.lazy(() =>
  z.object({
    entity_type: text,
    entity_text: text,
    entity_uuid: text,
    entity_key: z.record(z.string(), z.unknown()).catch({}).prefault({}),
    entity_props: z.unknown().optional(),
  }),
);
export type ObservedEntity = z.infer<typeof observedEntity>;

export const observationSchema = z.lazy(() =>
  z.object({
    description: text,
    observationType: text,
    startEpoch: text,
    recordUuid: text,
    entities: listOf(observedEntity),
    formalTags: listOf(z.object({ id: text, name: text })),
    relationships: listOf(z.object({ srcEntityText: text, dstEntityText: text, relationshipDescriptor: text })),
  }),
);
export type Observation = z.infer<typeof observationSchema>;

/** Activities and inventory: the shapes of some are unverified, so every name seen anywhere for a thing is asked for. */
export const loginSchema = z.lazy(() =>
  z.object({
    username: text,
    activityType: text,
    activityTime: text,
    activityId: text,
    sourceIpAddr: text,
    sourceIp: text,
    hostname: text,
    mid: text,
  }),
);
export type UserLogin = z.infer<typeof loginSchema>;

const endpoint = z
  .object({ mid: text, ip_addr: text, ipAddr: text, port: text, hostname: text })
  .catch({ mid: '', ip_addr: '', ipAddr: '', port: '', hostname: '' })
  .prefault({ mid: '', ip_addr: '', ipAddr: '', port: '', hostname: '' });

export const connectionSchema = z.lazy(() =>
  z.object({
    srcEntityId: endpoint,
    srcEntityType: text,
    dstEntityId: endpoint,
    dstEntityType: text,
    startTime: text,
    dstPort: text,
  }),
);
export type Connection = z.infer<typeof connectionSchema>;

export const dnsSchema = z.object({ fqdn: text, hostIpAddr: text, startTime: text, createdTime: text, mid: text });
export type DnsLookup = z.infer<typeof dnsSchema>;

export const changedFileSchema = z.lazy(() =>
  z.object({ filePath: text, path: text, mtime: text, activityTime: text, startTime: text, username: text, mid: text }),
);
export type ChangedFile = z.infer<typeof changedFileSchema>;

export const processSchema = z.lazy(() =>
  z.object({
    pid: text,
    ppid: text,
    pidHash: text,
    cmdline: text,
    exePath: text,
    username: text,
    processStartTime: text,
    startTime: text,
    mid: text,
  }),
);
export type ProcessRecord = z.infer<typeof processSchema>;

export const machineSchema = z.lazy(() =>
  z.object({
    mid: text,
    hostname: text,
    primaryIpAddr: text,
    awsInstanceId: text,
    entityType: text,
    machineTags: z.record(z.string(), z.unknown()).catch({}).prefault({}),
  }),
);
export type Machine = z.infer<typeof machineSchema>;

/** `fix_available` is a number for images and text for hosts; `package_active` 1 means loaded at run time (reference 2.6). */
export const vulnerabilitySchema = z.lazy(() =>
  z.object({
    vulnId: text,
    severity: text,
    status: text,
    imageId: text,
    mid: text,
    featureKey: z
      .object({ name: text, namespace: text, version: text, version_installed: text, package_active: text })
      .catch({ name: '', namespace: '', version: '', version_installed: '', package_active: '' })
      .prefault({}),
    fixInfo: z
      .object({ fix_available: text, fixed_version: text, eval_status: text })
      .catch({ fix_available: '', fixed_version: '', eval_status: '' })
      .prefault({}),
    cveProps: z
      .object({ description: longText, metadata: z.unknown().optional() })
      .catch({ description: '' })
      .prefault({}),
    evalCtx: z
      .object({
        hostname: text,
        image_info: z
          .object({ registry: text, repo: text, digest: text, id: text })
          .catch({ registry: '', repo: '', digest: '', id: '' })
          .prefault({}),
      })
      .catch({ hostname: '', image_info: { registry: '', repo: '', digest: '', id: '' } })
      .prefault({}),
  }),
);
export type VulnerabilityRecord = z.infer<typeof vulnerabilitySchema>;

export const evaluationSchema = z.lazy(() =>
  z.object({
    id: text,
    recommendation: text,
    resource: text,
    reason: text,
    section: text,
    severity: text,
    status: text,
    reportTime: text,
  }),
);
export type Evaluation = z.infer<typeof evaluationSchema>;

export const reportSchema = z.lazy(() =>
  z.object({
    reportType: text,
    reportTitle: text,
    reportTime: text,
    accountId: text,
    recommendations: listOf(
      z.object({
        REC_ID: text,
        TITLE: text,
        STATUS: text,
        SEVERITY: text,
        VIOLATIONS: listOf(z.object({ region: text, resource: text })),
      }),
    ),
  }),
);
