import * as z from 'zod';
import type { HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import {
  type ExposureRecord,
  exposureRecordSchema,
  type FrameworkRecord,
  frameworkRecordSchema,
  type GraphNode,
  graphNodeSchema,
  type PostureRecord,
  postureRecordSchema,
  type VulnerabilityRecord,
  type VulnerabilityScore,
  vulnerabilityRecordSchema,
  vulnerabilityScoreSchema,
} from './context-records.ts';
import { type Answer, GraphQl } from './graphql.ts';
import { isRecord } from './lenient.ts';
import { DEFAULT_READ_LIMITS, type ReadCost, type ReadLimits } from './limits.ts';
import * as operations from './operations.ts';
import {
  type AiAnalysis,
  aiAnalysisSchema,
  type CloudEventRecord,
  cloudEventSchema,
  type DetectionRecord,
  detectionRecordSchema,
  type IssueNewer,
  type IssueRecord,
  issueNewerSchema,
  issueRecordSchema,
  type RelatedIssue,
  relatedIssueSchema,
  type ThreatRecord,
  threatRecordSchema,
} from './records.ts';
import { type Tokens, type WizApi, wizTokens } from './token.ts';
import { GraphQlError } from './trouble.ts';

type Maybe<T> = Promise<Answer<T | undefined>>;
type Many<T> = Promise<Answer<readonly T[]>>;

/**
 * What Parapet reads from Wiz. There is no method that writes: the service account is a reader's. A record that is not there
 * is undefined. Every method throws what trouble.ts lists.
 */
export interface WizClient {
  /** read:issues; `newer`, `threat` and `aiAnalysis` want read:threat_issues too. */
  issue(id: string): Maybe<IssueRecord>;
  issueNewer(id: string): Maybe<IssueNewer>;
  threat(id: string): Maybe<ThreatRecord>;
  aiAnalysis(id: string): Maybe<AiAnalysis>;
  relatedIssues(entityId: string): Many<RelatedIssue>;
  /** read:detections */
  detection(id: string): Maybe<DetectionRecord>;
  detectionsOf(issueId: string): Many<DetectionRecord>;
  /** read:cloud_events_sensor */
  cloudEvent(id: string): Maybe<CloudEventRecord>;
  cloudEventNewer(id: string): Maybe<CloudEventRecord>;
  /** read:vulnerabilities */
  vulnerabilities(assetIds: readonly string[]): Many<VulnerabilityRecord>;
  vulnerabilityScores(assetIds: readonly string[]): Many<VulnerabilityScore>;
  /** read:resources, read:inventory */
  exposures(ids: readonly string[]): Many<ExposureRecord>;
  graph(query: Readonly<Record<string, unknown>>): Many<GraphNode>;
  /** read:cloud_configuration */
  posture(resourceId: string): Many<PostureRecord>;
  /** read:security_frameworks */
  frameworks(projectIds: readonly string[]): Many<FrameworkRecord>;
  /** What this client has cost so far. */
  cost(): ReadCost;
}

/** Unless both are named, any filter narrows the list to GENERATED_THREAT (reference 3.2). */
export const BOTH_TYPES = { equals: ['GENERATED_THREAT', 'MATCH_ONLY'] };

/** A client with a budget of its own: make one per task. Share `tokens` between them, so that a log-in serves many. */
export function wizClient(deps: {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly api: WizApi;
  readonly limits?: Partial<ReadLimits>;
  readonly tokens?: Tokens;
  readonly now?: () => number;
}): WizClient {
  const now = deps.now ?? Date.now;
  const limits = { ...DEFAULT_READ_LIMITS, ...deps.limits };
  const { http, secrets, api } = deps;
  const tokens = deps.tokens ?? wizTokens({ http, secrets, api, limits: limits.http, now });
  const graphql = new GraphQl({ http, tokens, api, limits, now });

  /** @returns undefined for a record that is not there */
  async function one<T>(operation: operations.Operation, id: string, schema: z.ZodType<T>): Maybe<T> {
    try {
      const answer = await graphql.ask(
        operation,
        { id },
        z.object({ [operation.field]: schema.nullish().catch(undefined) }),
      );
      return { value: answer.value[operation.field] ?? undefined, problems: answer.problems };
    } catch (error) {
      if (error instanceof GraphQlError && isNotThere(error)) return { value: undefined, problems: [] };
      throw error;
    }
  }

  return {
    issue: (id) => one(operations.ISSUE, id, issueRecordSchema),
    issueNewer: (id) => one(operations.ISSUE_NEWER, id, issueNewerSchema),
    threat: (id) => one(operations.THREAT, id, threatRecordSchema),
    async aiAnalysis(id) {
      const { value, problems } = await one(operations.AI_ANALYSIS, id, aiAnalysisSchema);
      return { value: value?.threatDetectionDetails?.aiAnalysis, problems };
    },
    relatedIssues: (entityId) =>
      graphql.all(
        operations.RELATED_ISSUES,
        { filterBy: { relatedEntity: { id: entityId }, status: ['OPEN', 'IN_PROGRESS'] }, first: 50 },
        relatedIssueSchema,
      ),
    async detection(id) {
      const { value, problems } = await graphql.all(
        operations.DETECTIONS,
        { filterBy: { id: { equals: [id] }, type: BOTH_TYPES }, first: 2 },
        detectionRecordSchema,
      );
      return { value: value.find((record) => sameId(record.id, id)), problems };
    },
    detectionsOf: (issueId) =>
      graphql.all(operations.DETECTIONS, { filterBy: { issueId, type: BOTH_TYPES }, first: 20 }, detectionRecordSchema),
    cloudEvent: (id) => one(operations.CLOUD_EVENT, id, cloudEventSchema),
    cloudEventNewer: (id) => one(operations.CLOUD_EVENT_NEWER, id, cloudEventSchema),
    vulnerabilities: (assetId) =>
      graphql.all(
        operations.VULNERABILITIES,
        { filterBy: { assetId, status: ['OPEN', 'IN_PROGRESS'] }, first: 100 },
        vulnerabilityRecordSchema,
      ),
    vulnerabilityScores: (assetId) =>
      graphql.all(
        operations.VULNERABILITY_SCORES,
        { filterBy: { assetId, status: ['OPEN', 'IN_PROGRESS'] }, first: 100 },
        vulnerabilityScoreSchema,
      ),
    exposures: (ids) => graphql.all(operations.EXPOSURES, { ids, first: 20 }, exposureRecordSchema),
    graph: (query) => graphql.all(operations.GRAPH, { query, projectId: '*', first: 10 }, graphNodeSchema),
    posture: (id) =>
      graphql.all(
        operations.POSTURE,
        { filterBy: { resource: { id: [id] }, result: ['FAIL'] }, first: 25 },
        postureRecordSchema,
      ),
    frameworks: (projectId) =>
      graphql.all(
        operations.FRAMEWORKS,
        { selection: projectId.length > 0 ? { projectId } : {}, first: 20 },
        frameworkRecordSchema,
      ),
    cost: () => graphql.cost,
  };
}

export function sameId(a: string | undefined, b: string): boolean {
  return a !== undefined && a.toLowerCase() === b.trim().toLowerCase();
}

/** An id that is not there is `BAD_USER_INPUT` with this sentence (reference 2); a field that is not there is worded otherwise. */
function isNotThere({ code, message }: GraphQlError): boolean {
  return code === 'NO_DATA' || code === 'NOT_FOUND' || /\bid must be a valid\b/.test(message);
}

/** The graph query of a posture issue, if it is one. */
export function asGraphQuery(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isRecord(value)) return value;
  if (typeof value !== 'string' || value.length > 50_000) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: then there is no query to run.
    return undefined;
  }
}
