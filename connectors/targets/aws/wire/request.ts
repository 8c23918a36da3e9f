import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';

export const FORM = 'application/x-www-form-urlencoded; charset=utf-8';
export const JSON_11 = 'application/x-amz-json-1.1';
export const JSON_BODY = 'application/json';
/** Stands where a region would for IAM, which has one endpoint for the whole partition. */
export const GLOBAL = 'aws-global';

export type AwsService = 'ec2' | 'autoscaling' | 'iam' | 'sts' | 'eks' | 'tagging';

/** Versions of the query protocols, and the target of the JSON one. */
const VERSIONS = { ec2: '2016-11-15', autoscaling: '2011-01-01', iam: '2010-05-08', sts: '2011-06-15' } as const;
const TAGGING_TARGET = 'ResourceGroupsTaggingAPI_20170126';

/**
 * One call of AWS, still without address and signature. As a `PlannedRequest` it is written `/SERVICE/REGION/Operation` (or,
 * for EKS, `/eks/REGION/clusters/…`), which is what people approve and the log keeps.
 */
export interface AwsCall {
  readonly service: AwsService;
  readonly region: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the endpoint, encoded. */
  readonly path: string;
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the call is named in sentences: `ec2:DescribeInstances`. */
  readonly name: string;
}

export type Parameters = Readonly<Record<string, string>>;

/** A call of one of the services that take forms and answer XML. */
export function queryCall(
  service: keyof typeof VERSIONS,
  region: string,
  action: string,
  parameters: Parameters,
): AwsCall {
  const form = new URLSearchParams({ Action: action, Version: VERSIONS[service], ...parameters });
  return {
    service,
    region,
    method: 'POST',
    path: '/',
    headers: { 'Content-Type': FORM },
    body: form.toString(),
    name: `${service}:${action}`,
  };
}

/** A call of the Resource Groups Tagging API, which puts tags on what any service owns. */
export function taggingCall(region: string, action: string, body: unknown): AwsCall {
  return {
    service: 'tagging',
    region,
    method: 'POST',
    path: '/',
    headers: { 'Content-Type': JSON_11, 'X-Amz-Target': `${TAGGING_TARGET}.${action}` },
    body: JSON.stringify(body),
    name: `tag:${action}`,
  };
}

export function eksCall(
  region: string,
  name: string,
  of: { readonly method: AwsCall['method']; readonly path: string; readonly query?: string; readonly body?: unknown },
): AwsCall {
  return {
    service: 'eks',
    region,
    method: of.method,
    path: of.path,
    ...(of.query === undefined ? {} : { query: of.query }),
    headers: of.body === undefined ? {} : { 'Content-Type': JSON_BODY },
    body: of.body === undefined ? '' : JSON.stringify(of.body),
    name: `eks:${name}`,
  };
}

/** `['a', 'b']` as `Prefix.1=a`, `Prefix.2=b`. */
export function numbered(prefix: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [`${prefix}.${index + 1}`, value]));
}

export function planQuery(
  service: 'ec2' | 'autoscaling' | 'iam',
  region: string,
  action: string,
  parameters: Parameters,
  purpose: string,
): PlannedRequest {
  return { method: 'POST', path: `/${service}/${region}/${action}`, contentType: FORM, body: parameters, purpose };
}

export function planTagging(region: string, action: string, body: unknown, purpose: string): PlannedRequest {
  return { method: 'POST', path: `/tagging/${region}/${action}`, contentType: JSON_11, body, purpose };
}

export function planEks(
  method: 'POST' | 'DELETE',
  region: string,
  path: string,
  body: unknown,
  purpose: string,
): PlannedRequest {
  return body === undefined
    ? { method, path: `/eks/${region}${path}`, purpose }
    : { method, path: `/eks/${region}${path}`, contentType: JSON_BODY, body, purpose };
}

export function accessEntryPath(cluster: string, principal?: string): string {
  const entries = `/clusters/${encodeURIComponent(cluster)}/access-entries`;
  return principal === undefined ? entries : `${entries}/${encodeURIComponent(principal)}`;
}

const parametersSchema = z.record(z.string(), z.string());

/** A planned request taken apart again. @throws TargetError `invalid` */
export function takeApart(request: PlannedRequest): {
  readonly service: string;
  readonly region: string;
  /** Operation of a query or JSON service; the path of a REST one. */
  readonly rest: string;
  readonly parameters: Parameters;
} {
  const match = /^\/([a-z0-9]+)\/([a-z0-9-]+)\/(.+)$/.exec(request.path);
  const [, service, region, rest] = match ?? [];
  if (service === undefined || region === undefined || rest === undefined)
    throw new TargetError('invalid', `${request.path} is no request to AWS`);
  return { service, region, rest, parameters: parametersSchema.safeParse(request.body).data ?? {} };
}
