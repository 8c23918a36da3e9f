import * as z from 'zod';
import { present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { short } from '../aws/ocsf.ts';
import type { GuardDutyFinding } from './schema.ts';

/** What OCSF has no attribute for travels in an evidence's `data`, and is read back here only. */
export const dataSchema = z.lazy(() =>
  z.object({
    context: z.record(z.string(), z.string()).optional().catch(undefined),
    call: z
      .object({
        operation: z.string(),
        service: z.string().optional(),
        principal: z.string().optional(),
        sourceIp: z.string().optional(),
        succeeded: z.boolean().optional(),
      })
      .optional()
      .catch(undefined),
    key: z.object({ id: z.string(), user: z.string(), account: z.string() }).optional().catch(undefined),
    remote: z.object({ country: z.string().optional(), network: z.string().optional() }).optional().catch(undefined),
    threatLists: z
      .array(z.object({ list: z.string(), names: z.array(z.string()) }))
      .optional()
      .catch(undefined),
  }),
);
export type EvidenceData = z.infer<typeof dataSchema>;

const MAX_CONTEXT = 30;

/** The words of `runtimeDetails.context`, which depend on the type of the finding (reference, B3). */
export function contextData(context: Readonly<Record<string, unknown>> | undefined): Pick<EvidenceData, 'context'> {
  const words = Object.entries(context ?? {}).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string' && value !== '') return [[capped(name, 64), capped(value, LONG_TEXT_CAP)]];
    if (typeof value === 'number' || typeof value === 'boolean') return [[capped(name, 64), String(value)]];
    const items = Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
    return items.length > 0 ? [[capped(name, 64), capped(items.join(' '), LONG_TEXT_CAP)]] : [];
  });
  return words.length > 0 ? { context: Object.fromEntries(words.slice(0, MAX_CONTEXT)) } : {};
}

/** Calls of an API, where the other side is, and which lists name it. */
export function callData(finding: GuardDutyFinding): Pick<EvidenceData, 'call' | 'key' | 'remote' | 'threatLists'> {
  const action = finding.service?.action;
  const where =
    action?.networkConnectionAction?.remoteIpDetails ??
    action?.awsApiCallAction?.remoteIpDetails ??
    action?.kubernetesApiCallAction?.remoteIpDetails;
  const { asn, asnOrg } = where?.organization ?? {};
  const country = short(where?.country?.countryName);
  const network = short([asn ? `AS${asn}` : '', asnOrg ?? ''].filter((word) => word !== '').join(' '));
  const threatLists = (finding.service?.evidence?.threatIntelligenceDetails ?? []).slice(0, 10).flatMap((entry) => {
    const list = short(entry.threatListName);
    const names = entry.threatNames.slice(0, 10).map((name) => capped(name, SHORT_TEXT_CAP));
    return list ? [{ list, names }] : [];
  });
  return present({
    call: callOf(finding),
    key: keyOf(finding),
    remote: country || network ? present({ country, network }) : undefined,
    threatLists: some(threatLists),
  });
}

/** A long-lived key of a user. Sessions have keys too (`ASIA…`), which end by themselves, and the root user's has no user. */
function keyOf({ accountId, resource }: GuardDutyFinding): EvidenceData['key'] {
  const { accessKeyId: id, userName, userType } = resource?.accessKeyDetails ?? {};
  const user = short(userName);
  if (userType !== 'IAMUser' || user === undefined || !/^AKIA[A-Z0-9]{12,28}$/.test(id ?? '')) return undefined;
  return id !== undefined && accountId !== undefined ? { id, user, account: accountId } : undefined;
}

function callOf(finding: GuardDutyFinding): EvidenceData['call'] {
  const { awsApiCallAction: aws, kubernetesApiCallAction: kubernetes } = finding.service?.action ?? {};
  if (aws?.api) {
    const key = finding.resource?.accessKeyDetails;
    return present({
      operation: capped(aws.api, SHORT_TEXT_CAP),
      service: short(aws.serviceName),
      principal: short(key?.userName ?? key?.principalId),
      sourceIp: short(aws.remoteIpDetails?.ipAddressV4),
      succeeded: !aws.errorCode,
    });
  }
  if (kubernetes?.verb || kubernetes?.requestUri) {
    const status = kubernetes.statusCode;
    return present({
      operation: capped([kubernetes.verb, kubernetes.requestUri].filter(Boolean).join(' '), SHORT_TEXT_CAP),
      service: 'kubernetes',
      principal: short(finding.resource?.kubernetesDetails?.kubernetesUserDetails?.username),
      sourceIp: short(kubernetes.remoteIpDetails?.ipAddressV4 ?? kubernetes.sourceIps[0]),
      succeeded: status === undefined ? undefined : status < 400,
    });
  }
  return undefined;
}
