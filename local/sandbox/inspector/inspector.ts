import * as z from 'zod';
import type { AwsCredentials } from '../../../connectors/aws/signature.ts';
import { bodyOf, signatureFault } from '../aws/signature.ts';
import { json, type SandboxReply, type SandboxSystem } from '../system.ts';
import { filterSchema, fulfils } from './filters.ts';
import type { InspectorScenario } from './scenario.ts';

export interface InspectorSandbox extends SandboxSystem {
  /** Replaces a finding, or adds one: a test that plays Inspector. */
  put(finding: InspectorScenario['findings'][number]): void;
}

const token = z.string().optional();
const maxResults = z.number().int().min(1).max(100).optional();
const listSchema = z.strictObject({
  filterCriteria: filterSchema.optional(),
  maxResults,
  nextToken: token,
  sortCriteria: z.strictObject({ field: z.string(), sortOrder: z.enum(['ASC', 'DESC']) }).optional(),
});
const detailsSchema = z.strictObject({ findingArns: z.array(z.string()).min(1).max(10) });
const searchSchema = z.strictObject({
  filterCriteria: z.strictObject({ vulnerabilityIds: z.array(z.string()).length(1) }),
  nextToken: token,
});
const clusterSchema = z.strictObject({
  filter: z.strictObject({ resourceId: z.string() }),
  maxResults,
  nextToken: token,
});

/** Inspector of one account and region that can be read: findings, their details, vulnerabilities, clusters of an image. */
export function inspectorSandbox(
  scenario: InspectorScenario,
  options: { readonly credentials?: AwsCredentials; readonly mount?: string } = {},
): InspectorSandbox {
  const findings = [...scenario.findings];
  const { mount = '/inspector', credentials } = options;
  const operations: Readonly<Record<string, (body: unknown) => SandboxReply>> = {
    '/findings/list': (body) =>
      withBody(listSchema, body, ({ filterCriteria, maxResults: most = 100, nextToken = '0' }) => {
        const found = findings.filter((finding) => fulfils(finding, filterCriteria ?? {}));
        const from = Number(nextToken);
        return {
          findings: found.slice(from, from + most),
          ...(from + most < found.length ? { nextToken: String(from + most) } : {}),
        };
      }),
    '/findings/details/batch/get': (body) =>
      withBody(detailsSchema, body, ({ findingArns }) => ({
        findingDetails: scenario.details.filter(({ findingArn }) => findingArns.includes(findingArn)),
        errors: findingArns
          .filter((arn) => !scenario.details.some(({ findingArn }) => findingArn === arn))
          .map((findingArn) => ({ findingArn, errorCode: 'FINDING_DETAILS_NOT_FOUND', errorMessage: 'no details' })),
      })),
    '/vulnerabilities/search': (body) =>
      withBody(searchSchema, body, ({ filterCriteria }) => ({
        vulnerabilities: scenario.vulnerabilities.filter(({ id }) => filterCriteria.vulnerabilityIds.includes(id)),
      })),
    '/cluster/get': (body) =>
      withBody(clusterSchema, body, ({ filter }) => ({
        cluster: scenario.clusters.find(({ resourceId }) => resourceId === filter.resourceId)?.cluster ?? [],
      })),
  };

  return {
    handle: (call) => {
      const fault = signatureFault(call, { service: 'inspector2', region: scenario.region, mount, credentials });
      if (fault) return fault;
      const operation = Object.hasOwn(operations, call.path) ? operations[call.path] : undefined;
      if (operation === undefined) return json(404, { message: 'not found' });
      if (call.method !== 'POST') return json(405, { message: 'method not allowed' });
      const read = bodyOf(call);
      return 'refused' in read ? read.refused : operation(read.body);
    },
    view: () => ({ findings: findings.map(({ findingArn, title, status }) => ({ findingArn, title, status })) }),
    put: (finding) => {
      const index = findings.findIndex(({ findingArn }) => findingArn === finding.findingArn);
      findings.splice(index === -1 ? findings.length : index, index === -1 ? 0 : 1, finding);
    },
  };
}

function withBody<T>(schema: z.ZodType<T>, body: unknown, answer: (body: T) => object): SandboxReply {
  const parsed = schema.safeParse(body);
  if (parsed.success) return json(200, answer(parsed.data));
  return json(
    400,
    { message: z.prettifyError(parsed.error), reason: 'FIELD_VALIDATION_FAILED' },
    { 'x-amzn-errortype': 'ValidationException' },
  );
}
