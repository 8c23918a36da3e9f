import type { ComputeSourceConfiguration } from '../../../domain/config/schema.ts';
import type { HttpAnswer, HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import {
  type AdmissionAudit,
  admissionAuditSchema,
  type FirewallAudit,
  firewallAuditSchema,
} from './policy-records.ts';
import { DEFAULT_READ_LIMITS, elementsOf, type Listing, type ReadCost, Reader, type ReadLimits } from './reader.ts';
import {
  auditSchema,
  type ContainerRecord,
  containerSchema,
  type ForensicEvent,
  forensicEventSchema,
  type ImageRecord,
  type IncidentRecord,
  imageSchema,
  incidentSchema,
  type ProfileRecord,
  profileSchema,
  type RuntimeAudit,
} from './records.ts';
import { computeTokens, type Tokens } from './token.ts';

/** ISO 8601 UTC, both ends included. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

/**
 * What Parapet reads from a Compute console. There is no method that writes: the credential is a reader's (answers: targets/vendor).
 * Every method throws RefusedError, UnreachableError or UnusableAnswerError (connectors/http), SecretError, or
 * ReadBudgetError when the client's budget is used up before anything could be read.
 */
export interface ComputeClient {
  /** Permission monitorRuntimeIncidents. */
  incidentById(id: string): Promise<IncidentRecord | undefined>;
  incidents(filter: IncidentFilter): Promise<Listing<IncidentRecord>>;
  /** Permission monitorRuntimeContainers. */
  containerAudits(filter: TimeRange & { readonly containerID: string }): Promise<Listing<RuntimeAudit>>;
  /** Permission monitorRuntimeHosts. */
  hostAudits(filter: TimeRange & { readonly hostname: string }): Promise<Listing<RuntimeAudit>>;
  /** Permission monitorWAAS. */
  firewallAudits(
    of: 'container' | 'host',
    filter: TimeRange & { readonly imageName?: string | undefined; readonly hostname?: string | undefined },
  ): Promise<Listing<FirewallAudit>>;
  /** Permission monitorAccessKubernetes. */
  admissionAudits(
    filter: TimeRange & { readonly cluster?: string | undefined; readonly namespace?: string | undefined },
  ): Promise<Listing<AdmissionAudit>>;
  /** Permission monitorImages; 30 calls in 30 s over all such lists. */
  containerById(id: string): Promise<ContainerRecord | undefined>;
  imageById(id: string): Promise<ImageRecord | undefined>;
  /** Permission monitorHosts. */
  hostByName(hostname: string): Promise<ImageRecord | undefined>;
  /** Permission monitorRuntimeContainers. */
  profileById(id: string): Promise<ProfileRecord | undefined>;
  /** Unsupported /api/v1; undefined when the configuration does not switch it on. */
  readonly forensicEvents:
    | ((filter: {
        readonly profileID: string;
        readonly incidentID?: string | undefined;
        readonly hostname?: string | undefined;
      }) => Promise<Listing<ForensicEvent>>)
    | undefined;
  /** What this client has cost so far. */
  cost(): ReadCost;
}

export interface IncidentFilter extends TimeRange {
  readonly category?: string | undefined;
  readonly containerID?: string | undefined;
  readonly hostname?: string | undefined;
}

/** As many events as the vendor's own add-on asks for; the list has no paging. */
const FORENSIC_LIMIT = 500;

/**
 * A client with a budget of its own: make one per task. Share `tokens` between them, so that a log-in serves many.
 */
export function computeClient(deps: {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly config: ComputeSourceConfiguration;
  readonly limits?: Partial<ReadLimits>;
  readonly tokens?: Tokens;
  readonly now?: () => number;
}): ComputeClient {
  const now = deps.now ?? Date.now;
  const limits = { ...DEFAULT_READ_LIMITS, ...deps.limits };
  const { http, secrets, config } = deps;
  const tokens = deps.tokens ?? computeTokens({ http, secrets, config, limits: limits.http, now });
  const reader = new Reader({ http, tokens, config, limits, now });
  const at = (path: string): string => `${config.api.version}/${path}`;

  return {
    async incidentById(id) {
      const { items } = await reader.list(at('audits/incidents'), { id }, incidentSchema);
      return items.find((incident) => incident._id === id);
    },
    incidents: (filter) => reader.list(at('audits/incidents'), { ...filter }, incidentSchema),
    containerAudits: (filter) => reader.list(at('audits/runtime/container'), { ...filter }, auditSchema),
    hostAudits: (filter) => reader.list(at('audits/runtime/host'), { ...filter }, auditSchema),
    firewallAudits: (of, filter) => reader.list(at(`audits/firewall/app/${of}`), { ...filter }, firewallAuditSchema),
    admissionAudits: (filter) => reader.list(at('audits/admission'), { ...filter }, admissionAuditSchema),
    async containerById(id) {
      const { items } = await reader.list(at('containers'), { id }, containerSchema);
      return items.find((container) => container._id === id || container.info?.id === id);
    },
    async imageById(id) {
      const { items } = await reader.list(at('images'), { id }, imageSchema);
      return items.find((image) => image._id === id || image.id === id);
    },
    async hostByName(hostname) {
      const { items } = await reader.list(at('hosts'), { hostname }, imageSchema);
      return items.find((host) => host.hostname === hostname || host._id === hostname);
    },
    async profileById(id) {
      const { items } = await reader.list(at('profiles/container'), { id }, profileSchema);
      return items.find((profile) => profile._id === id);
    },
    forensicEvents: config.api.forensics
      ? async ({ profileID, incidentID, hostname }) => {
          const path = `v1/profiles/container/${encodeURIComponent(profileID)}/forensic`;
          const answer = await reader.get(path, { incidentID, hostname, limit: String(FORENSIC_LIMIT) });
          return eventsIn(answer, path);
        }
      : undefined,
    cost: () => reader.cost,
  };
}

function eventsIn(answer: HttpAnswer, path: string): Listing<ForensicEvent> {
  const raw = elementsOf(answer, path);
  const items = raw.flatMap((element) => {
    const parsed = forensicEventSchema.safeParse(element);
    return parsed.success ? [parsed.data] : [];
  });
  if (raw.length < FORENSIC_LIMIT) return { items };
  return { items, truncated: `only ${FORENSIC_LIMIT} events were asked for` };
}
