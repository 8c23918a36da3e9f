import type { DetectionFinding } from '../../../domain/ocsf/detection-finding.ts';
import { present, some } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Severity } from '../../../domain/severity.ts';
import { createdAttributes } from '../created.ts';
import type { DeliveryContext } from './context.ts';
import type { WebhookBody } from './schema.ts';
import { accountOf } from './workload.ts';

/** Lists of names beyond this are cut; the raw alert has them all. */
const MAX_NAMES = 100;

export function short(text: string): string | undefined {
  return text === '' ? undefined : capped(text, SHORT_TEXT_CAP);
}

export function shorts(texts: readonly string[]): string[] | undefined {
  return some(texts.slice(0, MAX_NAMES).map((text) => capped(text, SHORT_TEXT_CAP)));
}

/** The attributes every finding of this source has in the same way. */
export function commonAttributes(options: {
  readonly uid: string;
  readonly eventCode: string;
  readonly severity: Severity;
  readonly time: number;
  readonly originalTime: string;
  readonly vendorId: string | undefined;
  readonly profiles: readonly string[];
  readonly delivery: DeliveryContext;
}) {
  const { severity, delivery } = options;
  return {
    ...createdAttributes({ severity, time: options.time, delivery }),
    metadata: present({
      version: '1.8.0',
      uid: options.uid,
      profiles: [...options.profiles],
      product: {
        name: 'Prisma Cloud Compute',
        vendor_name: 'Palo Alto Networks',
        feature: { name: options.eventCode },
      },
      original_event_uid: options.vendorId,
      original_time: short(options.originalTime),
      logged_time: Date.parse(delivery.receivedAt),
      event_code: options.eventCode,
    }),
  } satisfies Partial<DetectionFinding>;
}

/** OCSF account.type_id of the clouds the vendor knows; Alibaba has none. */
const ACCOUNT_TYPES: Readonly<Record<string, { readonly type_id: number; readonly type: string }>> = {
  aws: { type_id: 10, type: 'AWS Account' },
  gcp: { type_id: 11, type: 'GCP Project' },
  oci: { type_id: 12, type: 'OCI Compartment' },
  azure: { type_id: 13, type: 'Azure Subscription' },
};

/** Cloud, region (maybe a display name) and account; undefined when none of them is given. */
export function cloudOf(
  alert: Pick<WebhookBody, 'provider' | 'region' | 'accountIDs' | 'accountID'>,
): DetectionFinding['cloud'] {
  const account = accountOf(alert);
  if (!alert.provider && !account) return undefined;
  const provider = alert.provider.toLowerCase();
  const type = Object.hasOwn(ACCOUNT_TYPES, provider) ? ACCOUNT_TYPES[provider] : undefined;
  return present({
    provider: short(provider) ?? 'unknown',
    region: short(alert.region),
    account: account === undefined ? undefined : { uid: capped(account, SHORT_TEXT_CAP), ...type },
  });
}

const SHA256_ID = /^sha256:([0-9a-f]{64})$/;

/** OCSF image: `uid` is the vendor's image id, or the reference where there is no id. */
export function imageOf(reference: string, imageID: string) {
  const uid = short(imageID) ?? short(reference);
  if (uid === undefined) return undefined;
  const { name, tag } = splitReference(reference);
  return present({ uid, name: short(name), tag: short(tag) });
}

/** Fingerprint of an image id that is a digest. */
export function imageHashOf(imageID: string) {
  const value = SHA256_ID.exec(imageID)?.[1];
  return value === undefined ? undefined : { algorithm_id: 3, algorithm: 'SHA-256', value };
}

/** `registry:5000/shop/checkout:1.42.0` -> name and tag; a port is not a tag, and a digest is neither. */
function splitReference(reference: string): { readonly name: string; readonly tag: string } {
  const plain = reference.split('@', 1)[0] ?? '';
  const colon = plain.lastIndexOf(':');
  if (colon <= plain.lastIndexOf('/')) return { name: plain, tag: '' };
  return { name: plain.slice(0, colon), tag: plain.slice(colon + 1) };
}
