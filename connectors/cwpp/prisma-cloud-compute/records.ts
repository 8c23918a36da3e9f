import * as z from 'zod';

/**
 * The console's answers, read leniently (reference, section 11): real data breaks the published schema, so a field that is
 * missing, null, empty or of another type is simply not there, unknown fields are ignored, and only what is no object at all
 * is no record. A field that is not there confirms nothing, so leniency never turns into a confirmation.
 */
export const text = z.string().min(1).optional().catch(undefined);
export const integer = z.number().int().optional().catch(undefined);
const decimal = z.number().finite().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
export const texts = z
  .array(z.unknown())
  .catch([])
  .transform((items) => items.filter((item) => typeof item === 'string'));

/** A list of records of which unreadable ones are left out; null is the empty list. */
function records<T extends z.ZodType>(schema: T) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.flatMap((item) => {
        const parsed = schema.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

/** ISO 8601 as the console writes it, in UTC milliseconds; year 1 and 1970 are how it writes "never". */
export const time = z
  .string()
  .transform((value) => Date.parse(value))
  .refine((value) => value > Date.UTC(2000, 0, 1))
  .transform((value) => new Date(value).toISOString())
  .optional()
  .catch(undefined);

/** `shared.RuntimeAudit`: note containerId here and containerID in incidents. */
export const auditSchema = z.object({
  _id: text,
  time,
  type: text,
  attackType: text,
  attackTechniques: texts,
  severity: text,
  effect: text,
  msg: text,
  ruleName: text,
  containerId: text,
  containerName: text,
  imageId: text,
  imageName: text,
  namespace: text,
  cluster: text,
  hostname: text,
  user: text,
  pid: integer,
  processPath: text,
  command: text,
  interactive: flag,
  filepath: text,
  md5: text,
  ip: text,
  port: integer,
  domain: text,
  profileId: text,
});
export type RuntimeAudit = z.infer<typeof auditSchema>;

/** `shared.Incident` */
export const incidentSchema = z.object({
  _id: text,
  serialNum: integer,
  time,
  type: text,
  category: text,
  containerID: text,
  containerName: text,
  imageID: text,
  imageName: text,
  namespace: text,
  cluster: text,
  hostname: text,
  profileID: text,
  acknowledged: flag,
  audits: records(auditSchema),
});
export type IncidentRecord = z.infer<typeof incidentSchema>;

const portList = records(z.object({ port: z.number().int() })).transform((ports) => ports.map(({ port }) => port));

/** `ContainerScanResult` */
export const containerSchema = z.lazy(() =>
  z.object({
    _id: text,
    hostname: text,
    info: z
      .object({
        id: text,
        name: text,
        image: text,
        imageName: text,
        imageID: text,
        namespace: text,
        cluster: text,
        startTime: time,
        profileID: text,
        network: z.object({ ports: z.array(z.unknown()).catch([]) }).catch({ ports: [] }),
        processes: records(z.object({ name: text })),
      })
      .optional()
      .catch(undefined),
  }),
);
export type ContainerRecord = z.infer<typeof containerSchema>;

/** Real data has an object with empty objects as values, the published schema a map of text; null when there are none. */
const riskFactors = z
  .unknown()
  .transform((value) =>
    Array.isArray(value)
      ? value.filter((item) => typeof item === 'string')
      : typeof value === 'object' && value !== null
        ? Object.keys(value)
        : [],
  );

export const vulnerabilitySchema = z.object({
  cve: text,
  cvss: decimal,
  vecStr: text,
  severity: text,
  status: text,
  packageName: text,
  packageType: text,
  packageVersion: text,
  exploit: text,
  riskFactors: riskFactors.prefault(null),
});
export type VulnerabilityRecord = z.infer<typeof vulnerabilitySchema>;

/** `shared.ImageScanResult`, for images and for hosts. */
export const imageSchema = z.object({
  _id: text,
  id: text,
  hostname: text,
  distro: text,
  repoTag: z.object({ registry: text, repo: text, tag: text }).optional().catch(undefined),
  vulnerabilitiesCount: integer,
  vulnerabilities: records(vulnerabilitySchema),
});
export type ImageRecord = z.infer<typeof imageSchema>;

const learnedProcesses = records(z.object({ path: text }));
const listening = records(z.object({ portsData: z.object({ ports: portList }).optional().catch(undefined) }));

/** The learned behaviour of a container image in a namespace of a cluster. */
export const profileSchema = z.lazy(() =>
  z.object({
    _id: text,
    imageID: text,
    created: time,
    state: text,
    entrypoint: text,
    processes: z
      .object({ static: learnedProcesses, behavioral: learnedProcesses })
      .catch({ static: [], behavioral: [] }),
    network: z
      .object({
        static: z.object({ listeningPorts: listening }).catch({ listeningPorts: [] }),
        behavioral: z
          .object({
            listeningPorts: listening,
            dnsQueries: records(z.object({ domainName: text })),
            outboundPorts: z.object({ ports: portList }).catch({ ports: [] }),
          })
          .catch({ listeningPorts: [], dnsQueries: [], outboundPorts: { ports: [] } }),
      })
      .catch({
        static: { listeningPorts: [] },
        behavioral: { listeningPorts: [], dnsQueries: [], outboundPorts: { ports: [] } },
      }),
  }),
);
export type ProfileRecord = z.infer<typeof profileSchema>;

/** `ContainerEvent` of the forensic log (unsupported /api/v1). */
export const forensicEventSchema = z.object({
  type: text,
  timestamp: time,
  containerId: text,
  pid: integer,
  ppid: integer,
  user: text,
  path: text,
  process: text,
  command: text,
  domainName: text,
  srcIP: text,
  dstIP: text,
  dstPort: integer,
  outbound: flag,
});
export type ForensicEvent = z.infer<typeof forensicEventSchema>;
