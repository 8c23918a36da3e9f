import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { observablesOf } from '../../../domain/ocsf/observables.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, MESSAGE_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { createdAttributes } from '../created.ts';
import type { DeliveryContext } from '../delivery.ts';
import type { Detection } from './detection.ts';
import { evidenceOf } from './evidences.ts';
import { resourcesOf } from './resources.ts';

/** A detection as an OCSF 1.8 Detection Finding. */
export function findingOf(detection: Detection, delivery: DeliveryContext): NormalizedFinding {
  const { source, workload, severity, deduplicationKey, readBack } = detection;
  const finding = buildFinding(detection, delivery);
  finding.observables = some(observablesOf(finding));
  return {
    source,
    finding: present(finding),
    workload,
    severity,
    deduplicationKey,
    readBack: { ...readBack },
  };
}

function buildFinding(detection: Detection, delivery: DeliveryContext): DetectionFinding {
  const { title, message, category, rule, severity, time, vendorId } = detection;
  const uid = uidOf(detection);
  const evidence = evidenceOf(detection);
  const device = deviceOf(detection);
  const actor = anyOf({
    process: evidence.process?.parent_process,
    user: detection.actor === undefined ? evidence.process?.user : { name: capped(detection.actor, SHORT_TEXT_CAP) },
  });
  const text = message === undefined ? undefined : capped(message, MESSAGE_CAP);
  const account = 'account' in detection.workload ? detection.workload.account : undefined;
  return present({
    ...createdAttributes({ severity, time, delivery }),
    message: text,
    metadata: metadataOf(detection, uid, delivery, [
      'security_control',
      ...(account === undefined ? [] : ['cloud']),
      ...(device || actor ? ['host'] : []),
    ]),
    finding_info: present({
      uid,
      uid_alt: vendorId === undefined ? undefined : capped(vendorId, SHORT_TEXT_CAP),
      title: capped(title, SHORT_TEXT_CAP),
      desc: text,
      types: [capped(category, 256)],
      created_time: time,
      analytic: rule === undefined ? undefined : { type_id: 1, type: 'Rule', name: capped(rule, SHORT_TEXT_CAP) },
      attacks: some(detection.attacks),
    }),
    cloud: account === undefined ? undefined : { provider: 'unknown', account: { uid: account } },
    device,
    actor,
    resources: some(resourcesOf(detection)),
    evidences: hasArtefact(evidence) ? [evidence] : undefined,
    unmapped: detection.unmapped === undefined ? undefined : anyOf({ ...detection.unmapped }),
  });
}

/** Uid of the finding: the digest of its key, so that a redelivery makes the same finding. */
function uidOf({ source, deduplicationKey }: Detection): string {
  return `${source}-${sha256Hex(deduplicationKey).slice(0, 32)}`;
}

function metadataOf(detection: Detection, uid: string, delivery: DeliveryContext, profiles: string[]) {
  const { product, vendorId, originalTime, category } = detection;
  return present({
    version: '1.8.0' as const,
    uid,
    profiles,
    product: present({
      name: capped(product.name, SHORT_TEXT_CAP),
      vendor_name: capped(product.vendor, SHORT_TEXT_CAP),
      feature: product.feature === undefined ? undefined : { name: capped(product.feature, SHORT_TEXT_CAP) },
    }),
    original_event_uid: vendorId === undefined ? undefined : capped(vendorId, SHORT_TEXT_CAP),
    original_time: originalTime === undefined ? undefined : capped(originalTime, SHORT_TEXT_CAP),
    logged_time: Date.parse(delivery.receivedAt),
    event_code: capped(category, SHORT_TEXT_CAP),
  });
}

function deviceOf({ workload }: Detection): DetectionFinding['device'] {
  const host = 'host' in workload ? workload.host : undefined;
  return host === undefined ? undefined : { type_id: 1, type: 'Server', hostname: capped(host, LONG_TEXT_CAP) };
}

/** A container alone is no evidence artefact in OCSF. */
function hasArtefact(evidence: ReturnType<typeof evidenceOf>): boolean {
  const { process, file, dst_endpoint: endpoint, query, data } = evidence;
  return [process, file, endpoint, query, data].some((part) => part !== undefined);
}
