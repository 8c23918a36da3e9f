import type { DetectionFinding } from '../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Severity } from '../../../domain/severity.ts';
import { createdAttributes } from '../created.ts';
import type { DeliveryContext } from './context.ts';

/** Names and ids: capped, and absent when there is none. */
export function short(value: string | undefined): string | undefined {
  return value ? capped(value, SHORT_TEXT_CAP) : undefined;
}

/** The attributes every finding of an AWS service has in the same way. */
export function commonAttributes(options: {
  readonly uid: string;
  readonly product: string;
  readonly feature: string | undefined;
  readonly eventCode: string;
  readonly severity: Severity;
  readonly time: number;
  readonly originalTime: string | undefined;
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
      product: present({
        name: options.product,
        vendor_name: 'AWS',
        feature: options.feature ? { name: capped(options.feature, SHORT_TEXT_CAP) } : undefined,
      }),
      original_event_uid: short(options.vendorId),
      original_time: short(options.originalTime),
      logged_time: Date.parse(delivery.receivedAt),
      event_code: options.eventCode,
    }),
  } satisfies Partial<DetectionFinding>;
}

export function cloudOf(account: string | undefined, region: string | undefined): DetectionFinding['cloud'] {
  return present({
    provider: 'aws',
    region: short(region),
    account: account ? { uid: capped(account, SHORT_TEXT_CAP), type_id: 10, type: 'AWS Account' } : undefined,
  });
}

/** `registry:5000/shop/checkout:1.42.0` → name and tag; a port is not a tag, and a digest is neither. */
export function imageOf(reference: string | undefined, digest: string | undefined) {
  const uid = short(digest ?? reference);
  if (uid === undefined) return undefined;
  const plain = (reference ?? '').split('@', 1)[0] ?? '';
  const colon = plain.lastIndexOf(':');
  const tagged = colon > plain.lastIndexOf('/');
  return present({
    uid,
    name: short(tagged ? plain.slice(0, colon) : plain),
    tag: short(tagged ? plain.slice(colon + 1) : undefined),
  });
}
