import * as z from 'zod';
import { severitySchema } from '../severity.ts';
import { CONTEXT_FACTS } from './context-fact.ts';
import { vendorRecordSchema } from './vendor-record.ts';

/**
 * What one piece of evidence says, as data. The rules analyst reads facts; a model reads their text (`describe.ts`).
 * Times are ISO 8601 UTC. Every string may be attacker-influenced (see `trust` on the evidence item).
 */
export const factSchema = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('alert'),
      findingUid: z.string(),
      title: z.string(),
      category: z.string(),
      rule: z.string().optional(),
      message: z.string(),
      severity: severitySchema,
      occurredAt: z.iso.datetime(),
      /** ATT&CK ids the vendor's own mapping gives (T1496, …), already checked against the catalogue. */
      techniques: z.array(z.string()),
      /**
       * What the vendor did beside telling: `prevented` one process, write or look-up; `blocked` the whole container or the
       * connection; `denied` a request to an API or a web application. Absent: nothing, or it does not say.
       */
      effect: z.enum(['prevented', 'blocked', 'denied']).optional(),
    }),
    z.object({
      kind: z.literal('confirmation'),
      confirmed: z.boolean(),
      vendorRecord: z.string().optional(),
      /** Of a confirmed alert: what can be answered at the vendor. Absent: nothing of it can. */
      answerable: vendorRecordSchema.optional(),
      reason: z.string(),
    }),
    z.object({
      kind: z.literal('process'),
      pid: z.number().int().optional(),
      parentPid: z.number().int().optional(),
      /** Of the process that started it, where an event names it and gives no process id by which it could be found. */
      parentPath: z.string().optional(),
      path: z.string(),
      commandLine: z.string().optional(),
      user: z.string().optional(),
      startedAt: z.iso.datetime().optional(),
      interactive: z.boolean().optional(),
      md5: z.string().optional(),
    }),
    z.object({
      kind: z.literal('file-written'),
      path: z.string(),
      byPid: z.number().int().optional(),
      user: z.string().optional(),
      at: z.iso.datetime(),
    }),
    z.object({
      kind: z.literal('connection'),
      direction: z.enum(['outbound', 'inbound']),
      sourceIp: z.string().optional(),
      destinationIp: z.string(),
      destinationPort: z.number().int(),
      at: z.iso.datetime(),
    }),
    z.object({ kind: z.literal('dns-query'), domain: z.string(), at: z.iso.datetime() }),
    z.object({
      kind: z.literal('container'),
      name: z.string(),
      containerId: z.string(),
      image: z.string(),
      imageDigest: z.string().optional(),
      startedAt: z.iso.datetime().optional(),
      /** Entry point or main process as the vendor or the runtime reports it. */
      entryPoint: z.string().optional(),
      listeningPorts: z.array(z.number().int()),
    }),
    z.object({
      kind: z.literal('image'),
      name: z.string(),
      digest: z.string().optional(),
      distribution: z.string().optional(),
      vulnerabilityCount: z.number().int().optional(),
    }),
    z.object({
      kind: z.literal('vulnerability'),
      cve: z.string(),
      cvss: z.number().optional(),
      cvssVector: z.string().optional(),
      severity: severitySchema,
      packageName: z.string(),
      /** The vendor's package kind: jar, nodejs, python, package (operating system), go, gem, nuget, binary, … */
      packageType: z.string().optional(),
      packageVersion: z.string(),
      /** Absent: no fix is known. */
      fixedIn: z.string().optional(),
      imageDigest: z.string().optional(),
      exploitInTheWild: z.boolean(),
      exploitPublic: z.boolean(),
      remote: z.boolean(),
    }),
    z.object({
      kind: z.literal('learned-behaviour'),
      since: z.iso.datetime().optional(),
      processes: z.array(z.string()),
      outboundPorts: z.array(z.number().int()),
      domains: z.array(z.string()),
    }),
    z.object({
      kind: z.literal('pod'),
      name: z.string(),
      namespace: z.string(),
      cluster: z.string(),
      uid: z.string(),
      node: z.string().optional(),
      ip: z.string().optional(),
      phase: z.string().optional(),
      createdAt: z.iso.datetime().optional(),
      labels: z.record(z.string(), z.string()),
      serviceAccount: z.string().optional(),
      images: z.array(z.object({ container: z.string(), image: z.string(), digest: z.string().optional() })),
    }),
    z.object({
      kind: z.literal('controller'),
      controllerKind: z.string(),
      name: z.string(),
      namespace: z.string(),
      uid: z.string(),
      replicas: z.number().int().optional(),
      managedBy: z.string().optional(),
    }),
    z.object({
      kind: z.literal('node'),
      name: z.string(),
      cluster: z.string(),
      uid: z.string(),
      controlPlane: z.boolean(),
      unschedulable: z.boolean(),
    }),
    z.object({
      kind: z.literal('security-context'),
      container: z.string(),
      privileged: z.boolean(),
      runsAsRoot: z.enum(['yes', 'no', 'unknown']),
      hostNetwork: z.boolean(),
      hostPid: z.boolean(),
      allowPrivilegeEscalation: z.boolean().optional(),
      readOnlyRootFilesystem: z.boolean().optional(),
      addedCapabilities: z.array(z.string()),
      hostPaths: z.array(z.string()),
    }),
    z.object({
      kind: z.literal('service-account'),
      name: z.string(),
      namespace: z.string(),
      tokenMounted: z.boolean(),
      cloudRole: z.string().optional(),
    }),
    z.object({
      kind: z.literal('role-binding'),
      bindingKind: z.enum(['ClusterRoleBinding', 'RoleBinding']),
      name: z.string(),
      namespace: z.string().optional(),
      uid: z.string(),
      roleKind: z.string(),
      roleName: z.string(),
      subject: z.string(),
      subjectCount: z.number().int(),
      clusterAdmin: z.boolean(),
    }),
    z.object({
      kind: z.literal('revision'),
      controllerKind: z.string(),
      controller: z.string(),
      revision: z.number().int(),
      createdAt: z.iso.datetime(),
      images: z.array(z.string()),
      changeCause: z.string().optional(),
      current: z.boolean(),
      previousImages: z.array(z.string()).optional(),
    }),
    z.object({
      kind: z.literal('service'),
      name: z.string(),
      namespace: z.string(),
      type: z.string(),
      exposed: z.boolean(),
      ports: z.array(z.number().int()),
    }),
    z.object({
      kind: z.literal('past-incident'),
      incidentId: z.string(),
      openedAt: z.iso.datetime(),
      verdict: z.string().optional(),
      outcome: z.string().optional(),
      headline: z.string().optional(),
      /** What both have (domain/retrieval); absent for an earlier incident of the same workload. */
      shared: z
        .array(
          z.object({
            what: z.enum(['image', 'technique', 'hash', 'address', 'rule', 'workload']),
            value: z.string(),
          }),
        )
        .optional(),
    }),
    /** A source that could not be asked, or answered only in part. A gap is evidence of what is not known (rule 9). */
    z.object({ kind: z.literal('gap'), missing: z.string(), reason: z.string() }),
    ...CONTEXT_FACTS(),
  ]),
);
export type Fact = z.infer<typeof factSchema>;
export type FactKind = Fact['kind'];
export type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;
