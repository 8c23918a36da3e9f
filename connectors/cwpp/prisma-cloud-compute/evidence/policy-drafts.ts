import { isIP } from 'node:net';
import type { FactOf } from '../../../../domain/evidence/fact.ts';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';
import { fromApi } from '../../draft.ts';
import { type AdmissionAudit, type FirewallAudit, requestedObject } from '../policy-records.ts';
import { techniqueIdsFor } from '../techniques.ts';
import { ipEntity, principalEntity, subjectEntities } from './entities.ts';

/** A record that confirmed an alert, with that alert. */
export type PolicyRecord = { readonly found: NormalizedFinding } & (
  | { readonly kind: 'firewall'; readonly audit: FirewallAudit }
  | { readonly kind: 'admission'; readonly audit: AdmissionAudit }
);

const MAX_RECORDS = 50;
const MAX_IMAGES = 20;
/** What matched is shown to people, not matched again. */
const MAX_MATCHED = 500;

/** Paths, parameters, host names and what is asked for come from whoever sent the request. */
const TRUST = 'attacker_influenced';

/** What the request was, and, where it was stopped, the alert in the words of its record. */
export function policyDrafts(records: readonly PolicyRecord[], observedAt: string): EvidenceDraft[] {
  return records.slice(0, MAX_RECORDS).flatMap((record) => {
    const { fact, entities, field } = record.kind === 'firewall' ? webRequest(record) : admissionRequest(record);
    const stopped = fact.effect === undefined ? [] : [alertFact(record, fact.effect)];
    return [...stopped, fact].map((one) => fromApi(field, TRUST, observedAt, one, entities));
  });
}

/** WAAS: `prevent` refuses the request, `ban` its sender for a while too. A challenge and `alert` let it pass. */
export function firewallEffect({ effect }: Pick<FirewallAudit, 'effect'>): 'denied' | undefined {
  const word = effect?.toLowerCase();
  return word === 'prevent' || word === 'ban' ? 'denied' : undefined;
}

/** Admission: the API server is told no. The names of all policy effects that refuse are read (`common.PolicyEffect`). */
export function admissionEffect({ effect }: Pick<AdmissionAudit, 'effect'>): 'denied' | undefined {
  const word = effect?.toLowerCase();
  return word === 'block' || word === 'deny' || word === 'prevent' ? 'denied' : undefined;
}

function webRequest({ found, audit }: Extract<PolicyRecord, { kind: 'firewall' }>) {
  const source = [audit.subnet, ...audit.connectingIPs].find((one) => one !== undefined && isIP(one) !== 0);
  const fact: FactOf<'web-request'> = present({
    kind: 'web-request' as const,
    findingUid: found.finding.finding_info.uid,
    attack: audit.type ?? 'unknown',
    method: audit.method,
    host: audit.requestHost,
    path: audit.urlPath,
    parameter: audit.attackField?.key,
    parameterIn: audit.attackField?.type,
    matched: audit.attackField?.value === undefined ? undefined : capped(audit.attackField.value, MAX_MATCHED),
    sourceIp: source,
    statusCode: audit.statusCode,
    effect: firewallEffect(audit),
    senderBanned: audit.effect?.toLowerCase() === 'ban' ? true : undefined,
    at: audit.time ?? new Date(found.finding.time).toISOString(),
  });
  return { fact, entities: [...subjectEntities(found), ipEntity(source)], field: 'GET /audits/firewall/app' };
}

function admissionRequest({ found, audit }: Extract<PolicyRecord, { kind: 'admission' }>) {
  const { name, images } = requestedObject(audit);
  const fact: FactOf<'admission-request'> = present({
    kind: 'admission-request' as const,
    findingUid: found.finding.finding_info.uid,
    operation: audit.operation ?? 'unknown',
    objectKind: audit.kind ?? audit.resource ?? 'object',
    name: name === undefined ? undefined : capped(name, SHORT_TEXT_CAP),
    namespace: audit.namespace,
    cluster: audit.cluster ?? 'unknown',
    user: audit.username,
    images: images.slice(0, MAX_IMAGES).map((image) => capped(image, SHORT_TEXT_CAP)),
    effect: admissionEffect(audit),
    at: audit.time ?? new Date(found.finding.time).toISOString(),
  });
  return {
    fact,
    entities: [...subjectEntities(found), principalEntity(audit.username)],
    field: 'GET /audits/admission',
  };
}

function alertFact({ found, kind, audit }: PolicyRecord, effect: FactOf<'alert'>['effect']): FactOf<'alert'> {
  const { finding_info: info, time } = found.finding;
  const message = kind === 'firewall' ? audit.msg : audit.message;
  return present({
    kind: 'alert' as const,
    findingUid: info.uid,
    title: info.title ?? 'alert',
    category: info.types?.[0] ?? kind,
    rule: audit.ruleName,
    message: message ?? found.finding.message ?? info.title ?? 'alert',
    severity: found.severity,
    occurredAt: audit.time ?? new Date(time).toISOString(),
    techniques: techniqueIdsFor(audit.attackTechniques),
    effect,
  });
}
