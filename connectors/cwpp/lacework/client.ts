import * as z from 'zod';
import type { HttpDeps } from '../../http/request.ts';
import type { AnswerCache, CallBudget, Priority } from './budget.ts';
import { DEFAULT_READ_LIMITS, type Listing, type ReadCost, type ReadLimits } from './limits.ts';
import { Reader } from './reader.ts';
import {
  type ChangedFile,
  type CloudEvent,
  type Connection,
  changedFileSchema,
  connectionSchema,
  type DnsLookup,
  dnsSchema,
  type Evaluation,
  evaluationSchema,
  eventSchema,
  integrationSchema,
  investigationSchema,
  loginSchema,
  type Machine,
  machineSchema,
  type Observation,
  observationSchema,
  type ProcessRecord,
  processSchema,
  type RelatedAlert,
  relatedAlertSchema,
  reportSchema,
  timelineSchema,
  type UserLogin,
  type VulnerabilityRecord,
  vulnerabilitySchema,
} from './records.ts';
import { type ApiAlert, apiAlertSchema } from './schema.ts';
import type { LaceworkConfiguration, Tokens } from './token.ts';

/** ISO 8601 UTC, both ends included; the API allows seven days at most. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

export interface Filter {
  readonly field: string;
  readonly expression: 'eq' | 'in' | 'rlike';
  readonly value?: string;
  readonly values?: readonly string[];
}

/** The parts of an alert that have a scope of their own; not every alert has every one. */
export interface ScopedRecords {
  readonly Investigation: z.infer<typeof investigationSchema>;
  readonly Events: CloudEvent;
  readonly RelatedAlerts: RelatedAlert;
  readonly Integrations: z.infer<typeof integrationSchema>;
  readonly Timeline: z.infer<typeof timelineSchema>;
  readonly ObservationTimeline: Observation;
}
export type Scope = keyof ScopedRecords;

const SCOPES: { readonly [S in Scope]: z.ZodType<ScopedRecords[S]> } = {
  Investigation: investigationSchema,
  Events: eventSchema,
  RelatedAlerts: relatedAlertSchema,
  Integrations: integrationSchema,
  Timeline: timelineSchema,
  ObservationTimeline: observationSchema,
};

/**
 * What Parapet reads from Lacework. There is no method that writes: the key is a reader's (answers: targets/vendor).
 * Every method throws RefusedError, UnreachableError or UnusableAnswerError (connectors/http), SecretError, and
 * ReadBudgetError or CallBudgetError when a budget is used up before anything could be read.
 */
export interface LaceworkClient {
  /** Scope `Details`; undefined when there is no such alert. */
  alert(id: string, priority?: Priority): Promise<ApiAlert | undefined>;
  scope<S extends Scope>(id: string, scope: S, priority?: Priority): Promise<Listing<ScopedRecords[S]>>;
  alerts(range: TimeRange, filters?: readonly Filter[]): Promise<Listing<ApiAlert>>;
  /** One page of them as they came, for a poll. */
  alertPage(
    range: TimeRange,
    next?: string,
  ): Promise<{ readonly items: readonly unknown[]; readonly next: string | undefined }>;
  logins(range: TimeRange, mid: string): Promise<Listing<UserLogin>>;
  connections(range: TimeRange, mid: string): Promise<Listing<Connection>>;
  lookUps(range: TimeRange, mid: string): Promise<Listing<DnsLookup>>;
  changedFiles(range: TimeRange, mid: string): Promise<Listing<ChangedFile>>;
  processes(range: TimeRange, mid: string): Promise<Listing<ProcessRecord>>;
  machines(range: TimeRange, filter: Filter): Promise<Listing<Machine>>;
  imageVulnerabilities(range: TimeRange, imageId: string): Promise<Listing<VulnerabilityRecord>>;
  hostVulnerabilities(range: TimeRange, mid: string): Promise<Listing<VulnerabilityRecord>>;
  evaluations(range: TimeRange, recommendation: string): Promise<Listing<Evaluation>>;
  report(awsAccount: string, reportType: string): Promise<Listing<z.infer<typeof reportSchema>>>;
  /** What this client has cost so far. */
  cost(): ReadCost;
}

const WEEK_MS = 7 * 24 * 3_600_000;

/** A client with a read budget of its own: make one per task. Tokens, call budget and cache are shared. */
export function laceworkClient(deps: {
  readonly http: HttpDeps;
  readonly config: LaceworkConfiguration;
  readonly tokens: Tokens;
  readonly budget: CallBudget;
  readonly cache: AnswerCache;
  readonly limits?: Partial<ReadLimits>;
  readonly now: () => number;
}): LaceworkClient {
  const reader = new Reader({ ...deps, limits: { ...DEFAULT_READ_LIMITS, ...deps.limits } });

  function search<T>(path: string, of: SearchOf, schema: z.ZodType<T>): Promise<Listing<T>> {
    return reader.list(
      {
        method: 'POST',
        path: `${path}/search`,
        body: bodyOf(of),
        functionality: `${path}/search`,
        priority: 'enrichment',
      },
      schema,
    );
  }
  const ofMachine =
    <T>(path: string, field: string, schema: z.ZodType<T>) =>
    (range: TimeRange, mid: string) =>
      search(path, { range, filters: [{ field, expression: 'eq', value: mid }] }, schema);

  return {
    async alert(id, priority = 'confirmation') {
      const data = await reader.one(detail(id, 'Details', priority));
      const parsed = apiAlertSchema.safeParse(data);
      // Another record than the one asked for is none.
      return parsed.success && parsed.data.alertId === id ? parsed.data : undefined;
    },
    scope: (id, scope, priority = 'enrichment') => reader.list(detail(id, scope, priority), SCOPES[scope]),
    alerts: (range, filters = []) => search('Alerts', { range, filters }, apiAlertSchema),
    alertPage: (range, next) =>
      reader.page(
        {
          method: 'POST',
          path: 'Alerts/search',
          body: bodyOf({ range, filters: [] }),
          functionality: 'Alerts/search',
          priority: 'enrichment',
        },
        z.unknown(),
        next,
      ),
    logins: ofMachine('Activities/UserLogins', 'mid', loginSchema),
    connections: ofMachine('Activities/Connections', 'srcEntityId.mid', connectionSchema),
    lookUps: ofMachine('Activities/DNSs', 'mid', dnsSchema),
    changedFiles: ofMachine('Activities/ChangedFiles', 'mid', changedFileSchema),
    processes: ofMachine('Entities/Processes', 'mid', processSchema),
    machines: (range, filter) => search('Entities/Machines', { range, filters: [filter] }, machineSchema),
    imageVulnerabilities: (range, imageId) =>
      search(
        'Vulnerabilities/Containers',
        { range, filters: [cves, { field: 'imageId', expression: 'eq', value: imageId }] },
        vulnerabilitySchema,
      ),
    hostVulnerabilities: (range, mid) =>
      search(
        'Vulnerabilities/Hosts',
        { range, filters: [cves, { field: 'mid', expression: 'eq', value: mid }] },
        vulnerabilitySchema,
      ),
    evaluations: (range, recommendation) =>
      search(
        'Configs/ComplianceEvaluations',
        { range, filters: [{ field: 'id', expression: 'eq', value: recommendation }], dataset: 'AwsCompliance' },
        evaluationSchema,
      ),
    report: (awsAccount, reportType) =>
      reader.list(
        {
          method: 'GET',
          path: 'Reports',
          query: { primaryQueryId: awsAccount, format: 'json', reportType },
          functionality: 'Reports',
          priority: 'enrichment',
        },
        reportSchema,
      ),
    cost: () => reader.cost,
  };
}

/** Without this filter, packages without a finding come back too (reference 2.6). */
const cves: Filter = { field: 'vulnId', expression: 'rlike', value: '(CVE|ALAS|GHSA|RHSA|DSA|USN).*' };

/** All scopes count as one functionality: the id and the query are disregarded (reference 0.5, inference). */
function detail(id: string, scope: Scope | 'Details', priority: Priority) {
  return {
    method: 'GET',
    path: `Alerts/${encodeURIComponent(id)}`,
    query: { scope },
    functionality: 'Alerts/{id}',
    priority,
  } as const;
}

interface SearchOf {
  readonly range: TimeRange;
  readonly filters: readonly Filter[];
  readonly dataset?: string;
}

/** A longer range is refused by the API, so its older end is cut. */
function bodyOf({ range, filters, dataset }: SearchOf) {
  const to = Date.parse(range.to);
  const from = Math.max(Date.parse(range.from), to - WEEK_MS);
  return {
    timeFilter: { startTime: new Date(from).toISOString(), endTime: range.to },
    filters,
    ...(dataset === undefined ? {} : { dataset }),
  };
}
