import * as z from 'zod';
import { UnusableAnswerError } from '../../http/request.ts';
import type { AwsCost, AwsReader } from '../aws/reader.ts';
import { parseRecord } from './map.ts';
import {
  clusterSchema,
  detailSchema,
  type FindingDetail,
  type ImageCluster,
  type InspectorFinding,
  type KnownVulnerability,
  vulnerabilitySchema,
} from './schema.ts';

/** Fields of FilterCriteria that are compared for equality; several values of one field are alternatives, at most 10. */
export type InspectorFilter = Readonly<
  Partial<
    Record<
      | 'findingArn'
      | 'findingStatus'
      | 'resourceId'
      | 'ecrImageHash'
      | 'ecrImageRegistry'
      | 'ecrImageRepositoryName'
      | 'ecrImageTags'
      | 'lambdaFunctionName',
      readonly string[]
    >
  >
>;

/** Updated within a period, both ends included, and such that it may open an incident (map.ts). */
export interface PollFilter {
  readonly since: Date;
  readonly until: Date;
}

/** A list as far as it was read. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly truncated: boolean;
}

/** What Parapet reads from Inspector. There is no method that writes. Every method throws what AwsReader throws. */
export interface InspectorClient {
  /** `inspector2:ListFindings`. */
  findings(filter: InspectorFilter, pages?: number): Promise<Listing<InspectorFinding>>;
  /** `inspector2:BatchGetFindingDetails`; at most 10 ARNs. What has no details is not among the answer. */
  details(arns: readonly string[]): Promise<readonly FindingDetail[]>;
  /** `inspector2:SearchVulnerabilities`; one id a call. */
  vulnerability(id: string): Promise<KnownVulnerability | undefined>;
  /** `inspector2:GetClustersForImage`. */
  clusters(resourceId: string): Promise<Listing<ImageCluster>>;
  /** `inspector2:ListFindings`: one page of critical findings with a known exploit, as Inspector wrote them. */
  pressing(
    filter: PollFilter,
    page: { readonly size: number; readonly nextToken: string | undefined },
  ): Promise<{ readonly records: readonly unknown[]; readonly nextToken: string | undefined }>;
  cost(): AwsCost;
}

export const MAX_FILTER_VALUES = 10;
export const MAX_DETAILS = 10;
const PAGE = 100;

const findingsSchema = z.object({ findings: z.array(z.unknown()), nextToken: z.string().nullish() });
const detailsSchema = z.object({ findingDetails: z.array(z.unknown()).nullish() });
const vulnerabilitiesSchema = z.object({ vulnerabilities: z.array(z.unknown()) });
const clustersSchema = z.object({ cluster: z.array(z.unknown()), nextToken: z.string().nullish() });

export function inspectorClient(reader: AwsReader): InspectorClient {
  return {
    async findings(filter, pages = 2) {
      const items: InspectorFinding[] = [];
      const seen = new Set<string>();
      let nextToken: string | undefined;
      for (let page = 0; page < pages; page += 1) {
        const answer = expected(
          findingsSchema,
          await reader.post('/findings/list', {
            filterCriteria: criteria(filter),
            maxResults: PAGE,
            sortCriteria: { field: 'SEVERITY', sortOrder: 'DESC' },
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
        );
        items.push(...answer.findings.flatMap((record) => parseRecord(record) ?? []));
        nextToken = answer.nextToken || undefined;
        // A token that was there before would lead round and round.
        if (nextToken === undefined) return { items, truncated: false };
        if (seen.has(nextToken)) return { items, truncated: true };
        seen.add(nextToken);
      }
      return { items, truncated: true };
    },
    async details(arns) {
      const body = { findingArns: arns.slice(0, MAX_DETAILS) };
      const answer = expected(detailsSchema, await reader.post('/findings/details/batch/get', body));
      return (answer.findingDetails ?? []).flatMap((one) => detailSchema.safeParse(one).data ?? []);
    },
    async vulnerability(id) {
      const body = { filterCriteria: { vulnerabilityIds: [id] } };
      const answer = expected(vulnerabilitiesSchema, await reader.post('/vulnerabilities/search', body));
      return answer.vulnerabilities
        .flatMap((one) => vulnerabilitySchema.safeParse(one).data ?? [])
        .find((one) => one.id === id);
    },
    async clusters(resourceId) {
      const answer = expected(
        clustersSchema,
        await reader.post('/cluster/get', { filter: { resourceId }, maxResults: PAGE }),
      );
      const items = answer.cluster.flatMap((one) => clusterSchema.safeParse(one).data ?? []);
      return { items, truncated: Boolean(answer.nextToken) };
    },
    async pressing({ since, until }, { size, nextToken }) {
      const is = (value: string) => [{ comparison: 'EQUALS', value }];
      const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);
      const answer = expected(
        findingsSchema,
        await reader.post('/findings/list', {
          filterCriteria: {
            severity: is('CRITICAL'),
            exploitAvailable: is('YES'),
            findingStatus: is('ACTIVE'),
            updatedAt: [{ startInclusive: seconds(since), endInclusive: Math.ceil(until.getTime() / 1000) }],
          },
          maxResults: Math.min(PAGE, size),
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      return { records: answer.findings, nextToken: answer.nextToken || undefined };
    },
    cost: () => reader.cost,
  };
}

function criteria(filter: InspectorFilter) {
  return Object.fromEntries(
    Object.entries(filter).map(([field, values]) => [
      field,
      values.slice(0, MAX_FILTER_VALUES).map((value) => ({ comparison: 'EQUALS', value })),
    ]),
  );
}

function expected<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (!parsed.success)
    throw new UnusableAnswerError('Inspector answered with something that is not its documented shape');
  return parsed.data;
}
