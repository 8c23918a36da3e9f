import * as z from 'zod';
import { UnusableAnswerError } from '../../http/request.ts';
import { list } from '../aws/fields.ts';
import type { AwsCost, AwsReader } from '../aws/reader.ts';
import { parseRecord } from './map.ts';
import type { GuardDutyFinding } from './schema.ts';

/** One condition of FindingCriteria; the attribute is a path such as `resource.instanceDetails.instanceId`. */
export interface Criterion {
  readonly equals?: readonly string[];
  /** Epoch milliseconds, for `updatedAt`. */
  readonly greaterThanOrEqual?: number;
  readonly lessThanOrEqual?: number;
}

/**
 * What Parapet reads from GuardDuty. There is no method that writes. Every method throws what AwsReader throws.
 */
export interface GuardDutyClient {
  /** `guardduty:ListDetectors`; one per account and region. */
  detectors(): Promise<readonly string[]>;
  /** `guardduty:GetFindings`; at most 50 ids. Findings that are gone (90 days) are not among the answer. */
  findings(detectorId: string, ids: readonly string[]): Promise<readonly GuardDutyFinding[]>;
  /** The same, as GuardDuty wrote them. */
  records(detectorId: string, ids: readonly string[]): Promise<readonly unknown[]>;
  /** `guardduty:ListFindings`; ids, latest first, at most 50 a page. */
  findingIds(
    detectorId: string,
    criterion: Readonly<Record<string, Criterion>>,
    page?: { readonly nextToken?: string | undefined; readonly size?: number | undefined },
  ): Promise<{ readonly ids: readonly string[]; readonly nextToken: string | undefined }>;
  cost(): AwsCost;
}

export const MAX_IDS = 50;
const ID = /^[0-9a-f]{1,300}$/;

/** Whether a text can be an id of GuardDuty at all; only such go into a request. */
export function isId(text: string | undefined): text is string {
  return text !== undefined && ID.test(text);
}

const detectorsSchema = z.object({ detectorIds: list(z.string()) });
const idsSchema = z.object({ findingIds: list(z.string()), nextToken: z.string().nullish() });
const recordsSchema = z.object({ findings: z.array(z.unknown()) });

export function guardDutyClient(reader: AwsReader): GuardDutyClient {
  const records = async (detectorId: string, ids: readonly string[]): Promise<readonly unknown[]> => {
    const findingIds = ids.filter(isId).slice(0, MAX_IDS);
    if (findingIds.length === 0) return [];
    const answer = await reader.post(`/detector/${encodeURIComponent(detectorId)}/findings/get`, { findingIds });
    return expected(recordsSchema, answer).findings;
  };
  return {
    records,
    async detectors() {
      return expected(detectorsSchema, await reader.get('/detector')).detectorIds.filter(isId);
    },
    async findings(detectorId, ids) {
      return (await records(detectorId, ids)).flatMap((record) => parseRecord(record) ?? []);
    },
    async findingIds(detectorId, criterion, { nextToken, size = MAX_IDS } = {}) {
      const answer = await reader.post(`/detector/${encodeURIComponent(detectorId)}/findings`, {
        findingCriteria: { criterion },
        sortCriteria: { attributeName: 'updatedAt', orderBy: 'DESC' },
        maxResults: Math.min(MAX_IDS, size),
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      const page = expected(idsSchema, answer);
      return { ids: page.findingIds.filter(isId), nextToken: page.nextToken || undefined };
    },
    cost: () => reader.cost,
  };
}

function expected<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (!parsed.success)
    throw new UnusableAnswerError('GuardDuty answered with something that is not its documented shape');
  return parsed.data;
}
