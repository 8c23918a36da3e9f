import * as z from 'zod';
import { severitySchema } from '../severity.ts';
import { sourceSchema } from '../source.ts';
import { workloadSchema } from '../workload.ts';

/**
 * The parts of an OCSF 1.8.0 Detection Finding (class 2004) that Parapet writes and reads. The full rule is
 * `schemas/ocsf-1.8.0-detection_finding.schema.json`; every mapper's tests validate against it. Times are epoch
 * milliseconds, as OCSF's `timestamp_t`.
 */
const timestamp = z.number().int();

const fingerprint = z.object({ algorithm_id: z.number().int(), algorithm: z.string().optional(), value: z.string() });

const file = z.lazy(() =>
  z.object({
    name: z.string(),
    type_id: z.number().int(),
    path: z.string().optional(),
    hashes: z.array(fingerprint).optional(),
  }),
);

const user = z.object({ name: z.string().optional(), uid: z.string().optional() });

export interface OcsfProcess {
  name?: string | undefined;
  /** OCSF wants pid, uid or cpid; a webhook names no pid, so mappers derive a uid. */
  uid?: string | undefined;
  path?: string | undefined;
  pid?: number | undefined;
  cmd_line?: string | undefined;
  created_time?: number | undefined;
  file?: z.infer<typeof file> | undefined;
  user?: z.infer<typeof user> | undefined;
  parent_process?: OcsfProcess | undefined;
}

const process: z.ZodType<OcsfProcess> = z.object({
  name: z.string().optional(),
  uid: z.string().optional(),
  path: z.string().optional(),
  pid: z.number().int().optional(),
  cmd_line: z.string().optional(),
  created_time: timestamp.optional(),
  file: file.optional(),
  user: user.optional(),
  get parent_process() {
    return process.optional();
  },
});

const container = z.lazy(() =>
  z.object({
    name: z.string().optional(),
    uid: z.string().optional(),
    hash: fingerprint.optional(),
    image: z.object({ uid: z.string(), name: z.string().optional(), tag: z.string().optional() }).optional(),
    labels: z.array(z.string()).optional(),
    orchestrator: z.string().optional(),
    pod_uuid: z.string().optional(),
  }),
);

const endpoint = z.lazy(() =>
  z.object({
    ip: z.string().optional(),
    port: z.number().int().optional(),
    hostname: z.string().optional(),
    domain: z.string().optional(),
  }),
);

const evidence = z.lazy(() =>
  z.object({
    name: z.string().optional(),
    actor: z.object({ process: process.optional(), user: user.optional() }).optional(),
    process: process.optional(),
    file: file.optional(),
    container: container.optional(),
    src_endpoint: endpoint.optional(),
    dst_endpoint: endpoint.optional(),
    connection_info: z
      .object({
        direction_id: z.number().int(),
        direction: z.string().optional(),
        protocol_name: z.string().optional(),
      })
      .optional(),
    query: z.object({ hostname: z.string(), type: z.string().optional() }).optional(),
    device: z.looseObject({ type_id: z.number().int(), hostname: z.string().optional() }).optional(),
    data: z.record(z.string(), z.unknown()).optional(),
  }),
);

const attack = z.lazy(() =>
  z.object({
    technique: z.object({ uid: z.string(), name: z.string().optional() }).optional(),
    sub_technique: z.object({ uid: z.string(), name: z.string().optional() }).optional(),
    tactics: z.array(z.object({ uid: z.string(), name: z.string().optional() })).optional(),
    tactic: z.object({ uid: z.string(), name: z.string().optional() }).optional(),
    version: z.string().optional(),
  }),
);

const vulnerability = z.lazy(() =>
  z.object({
    title: z.string().optional(),
    severity: z.string().optional(),
    desc: z.string().optional(),
    cve: z
      .object({
        uid: z.string(),
        cvss: z
          .array(z.object({ base_score: z.number(), version: z.string(), vector_string: z.string().optional() }))
          .optional(),
        references: z.array(z.string()).optional(),
      })
      .optional(),
    /** For ids that are no CVE (GHSA-…, PRISMA-…): OCSF wants exactly one of cve and advisory. */
    advisory: z.object({ uid: z.string() }).optional(),
    is_fix_available: z.boolean().optional(),
    is_exploit_available: z.boolean().optional(),
    affected_packages: z
      .array(
        z.object({
          name: z.string(),
          version: z.string(),
          fixed_in_version: z.string().optional(),
          package_manager: z.string().optional(),
          path: z.string().optional(),
        }),
      )
      .optional(),
    references: z.array(z.string()).optional(),
    vendor_name: z.string().optional(),
  }),
);

export const detectionFindingSchema = z.lazy(() =>
  z.object({
    activity_id: z.number().int(),
    category_uid: z.literal(2),
    class_uid: z.literal(2004),
    type_uid: z.number().int(),
    activity_name: z.string().optional(),
    category_name: z.string().optional(),
    class_name: z.string().optional(),
    type_name: z.string().optional(),
    time: timestamp,
    severity_id: z.number().int().min(0).max(99),
    severity: z.string().optional(),
    status_id: z.number().int().optional(),
    status: z.string().optional(),
    action_id: z.number().int().optional(),
    action: z.string().optional(),
    disposition_id: z.number().int().optional(),
    disposition: z.string().optional(),
    count: z.number().int().optional(),
    is_alert: z.boolean().optional(),
    message: z.string().optional(),
    raw_data_hash: fingerprint,
    raw_data_size: z.number().int().nonnegative(),
    metadata: z.object({
      version: z.literal('1.8.0'),
      uid: z.string().optional(),
      profiles: z.array(z.string()),
      product: z.object({
        name: z.string(),
        vendor_name: z.string(),
        version: z.string().optional(),
        feature: z.object({ name: z.string() }).optional(),
      }),
      original_event_uid: z.string().optional(),
      original_time: z.string().optional(),
      logged_time: timestamp.optional(),
      event_code: z.string().optional(),
      labels: z.array(z.string()).optional(),
      tags: z
        .array(z.object({ name: z.string(), value: z.string().optional(), values: z.array(z.string()).optional() }))
        .optional(),
    }),
    finding_info: z.object({
      uid: z.string().min(1),
      uid_alt: z.string().optional(),
      title: z.string().optional(),
      desc: z.string().optional(),
      types: z.array(z.string()).optional(),
      src_url: z.string().optional(),
      created_time: timestamp.optional(),
      first_seen_time: timestamp.optional(),
      analytic: z
        .object({
          type_id: z.number().int(),
          type: z.string().optional(),
          name: z.string().optional(),
          uid: z.string().optional(),
          category: z.string().optional(),
        })
        .optional(),
      attacks: z.array(attack).optional(),
    }),
    cloud: z
      .object({
        provider: z.string(),
        region: z.string().optional(),
        account: z
          .object({
            uid: z.string(),
            name: z.string().optional(),
            type_id: z.number().int().optional(),
            type: z.string().optional(),
          })
          .optional(),
      })
      .optional(),
    device: z
      .looseObject({
        type_id: z.number().int(),
        hostname: z.string().optional(),
        uid: z.string().optional(),
        instance_uid: z.string().optional(),
      })
      .optional(),
    actor: z.object({ process: process.optional(), user: user.optional() }).optional(),
    resources: z
      .array(
        z.looseObject({
          name: z.string().optional(),
          uid: z.string().optional(),
          type: z.string().optional(),
          namespace: z.string().optional(),
          labels: z.array(z.string()).optional(),
        }),
      )
      .optional(),
    evidences: z.array(evidence).optional(),
    observables: z
      .array(z.object({ name: z.string(), type_id: z.number().int(), type: z.string().optional(), value: z.string() }))
      .optional(),
    vulnerabilities: z.array(vulnerability).optional(),
    unmapped: z.record(z.string(), z.unknown()).optional(),
  }),
);
export type DetectionFinding = z.infer<typeof detectionFindingSchema>;

/** What a source's mapper makes of one alert or of one part of an aggregated alert. */
export const normalizedFindingSchema = z.lazy(() =>
  z.object({
    source: sourceSchema,
    finding: detectionFindingSchema,
    workload: workloadSchema,
    severity: severitySchema,
    /** Equal for the same event however often and in whatever spelling it is delivered; findings with equal keys are one. */
    deduplicationKey: z.string().min(1).max(512),
    /** What the vendor's API needs to confirm it (rule 7). Strings only: they go into query parameters, nowhere else. */
    readBack: z.record(z.string(), z.string()),
  }),
);
export type NormalizedFinding = z.infer<typeof normalizedFindingSchema>;

/** The answer of a mapper: findings, or the reason a person needs in order to mend what was not understood. */
export type Normalization =
  | { readonly ok: true; readonly findings: readonly NormalizedFinding[]; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string };
