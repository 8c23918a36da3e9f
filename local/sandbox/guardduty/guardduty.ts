import * as z from 'zod';
import type { AwsCredentials } from '../../../connectors/aws/signature.ts';
import { bodyOf, signatureFault } from '../aws/signature.ts';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import type { GuardDutyScenario } from './scenario.ts';

export interface GuardDutySandbox extends SandboxSystem {
  /** Replaces a finding, or adds one: a test that plays GuardDuty. */
  put(finding: GuardDutyScenario['findings'][number]): void;
  remove(id: string): void;
}

/** Limits of GetFindings and ListFindings. */
const MAX_IDS = 50;
const sortSchema = z.strictObject({ attributeName: z.string(), orderBy: z.enum(['ASC', 'DESC']) });
const getSchema = z.strictObject({
  findingIds: z.array(z.string().min(1).max(300)).min(1).max(MAX_IDS),
  sortCriteria: sortSchema.optional(),
});
const conditionSchema = z.strictObject({
  equals: z.array(z.string()).optional(),
  greaterThanOrEqual: z.number().int().optional(),
  lessThanOrEqual: z.number().int().optional(),
});
const listSchema = z.strictObject({
  findingCriteria: z.strictObject({ criterion: z.record(z.string(), conditionSchema) }).optional(),
  sortCriteria: sortSchema.optional(),
  maxResults: z.number().int().min(1).max(MAX_IDS).optional(),
  nextToken: z.string().optional(),
});

/** Attributes the sandbox can filter by; the service refuses one it does not know. */
const ATTRIBUTES: Readonly<Record<string, (finding: object) => unknown>> = {
  id: (finding) => at(finding, ['id']),
  accountId: (finding) => at(finding, ['accountId']),
  type: (finding) => at(finding, ['type']),
  updatedAt: (finding) => at(finding, ['updatedAt']),
  'resource.instanceDetails.instanceId': (finding) => at(finding, ['resource', 'instanceDetails', 'instanceId']),
};

/** GuardDuty of one account and region that can be read: ListDetectors, ListFindings, GetFindings. */
export function guardDutySandbox(
  scenario: GuardDutyScenario,
  options: { readonly credentials?: AwsCredentials; readonly mount?: string } = {},
): GuardDutySandbox {
  const findings = [...scenario.findings];
  const { detectorId, region } = scenario;
  const { mount = '/guardduty', credentials } = options;

  function route(call: SandboxCall): SandboxReply {
    if (call.path === '/detector') {
      return call.method === 'GET'
        ? json(200, { detectorIds: [detectorId] })
        : json(405, { message: 'method not allowed' });
    }
    const [, id, operation] = /^\/detector\/([^/]+)\/(findings|findings\/get)$/.exec(call.path) ?? [];
    if (id === undefined) return json(404, { message: 'not found' });
    if (call.method !== 'POST') return json(405, { message: 'method not allowed' });
    if (decodeURIComponent(id) !== detectorId) {
      return badRequest('The request is rejected because the input detectorId is not owned by the current account.');
    }
    const read = bodyOf(call);
    if ('refused' in read) return read.refused;
    return operation === 'findings/get' ? get(read.body) : list(read.body);
  }

  function get(body: unknown): SandboxReply {
    const parsed = getSchema.safeParse(body);
    if (!parsed.success) return badRequest(z.prettifyError(parsed.error));
    const wanted = new Set(parsed.data.findingIds);
    return json(200, { findings: findings.filter(({ id }) => wanted.has(id)) });
  }

  function list(body: unknown): SandboxReply {
    const parsed = listSchema.safeParse(body);
    if (!parsed.success) return badRequest(z.prettifyError(parsed.error));
    const { findingCriteria, maxResults = MAX_IDS, nextToken = '0' } = parsed.data;
    const criterion = Object.entries(findingCriteria?.criterion ?? {});
    const unknown = criterion.find(([name]) => !Object.hasOwn(ATTRIBUTES, name));
    if (unknown) return badRequest(`The request is rejected because ${unknown[0]} is an invalid criterion.`);
    const found = findings
      .filter((finding) => criterion.every(([name, condition]) => fulfils(ATTRIBUTES[name]?.(finding), condition)))
      .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
    const from = Number(nextToken);
    const next = from + maxResults < found.length ? String(from + maxResults) : '';
    return json(200, { findingIds: found.slice(from, from + maxResults).map(({ id }) => id), nextToken: next });
  }

  return {
    handle: (call) => signatureFault(call, { service: 'guardduty', region, mount, credentials }) ?? route(call),
    view: () => ({ detectorId, findings: findings.map(({ id, type, updatedAt }) => ({ id, type, updatedAt })) }),
    put: (finding) => {
      const index = findings.findIndex(({ id }) => id === finding.id);
      findings.splice(index === -1 ? findings.length : index, index === -1 ? 0 : 1, finding);
    },
    remove: (id) => {
      const index = findings.findIndex((finding) => finding.id === id);
      if (index !== -1) findings.splice(index, 1);
    },
  };
}

function badRequest(message: string): SandboxReply {
  return json(400, { message, __type: 'InvalidInputException' }, { 'x-amzn-errortype': 'BadRequestException' });
}

function fulfils(value: unknown, condition: z.infer<typeof conditionSchema>): boolean {
  const { equals, greaterThanOrEqual = 0, lessThanOrEqual = Number.POSITIVE_INFINITY } = condition;
  if (equals !== undefined && !equals.some((one) => one === value)) return false;
  const at = Date.parse(String(value));
  return condition.greaterThanOrEqual === undefined && condition.lessThanOrEqual === undefined
    ? true
    : at >= greaterThanOrEqual && at <= lessThanOrEqual;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? Object.getOwnPropertyDescriptor(inner, name)?.value
        : undefined,
    value,
  );
}
