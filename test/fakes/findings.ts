import { createHash } from 'node:crypto';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { ocsfSeverityId, type Severity } from '../../domain/severity.ts';
import type { Workload } from '../../domain/workload.ts';

/** The workload of the sample story. `namespace` sets it apart where tests share a store. */
export function sampleWorkload(namespace = 'payments'): Extract<Workload, { kind: 'pod' }> {
  return {
    kind: 'pod',
    account: '111122223333',
    cluster: 'prod-eks',
    namespace,
    pod: 'checkout-6d9f7c5b8d-x2x9q',
    controller: 'checkout',
    container: 'checkout',
    containerId: '9c'.repeat(32),
    image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0',
    imageDigest: `sha256:${'3f'.repeat(32)}`,
    host: 'ip-10-0-12-34.ec2.internal',
  };
}

/** A valid finding; give only what a test is about. `event` tells two findings apart. */
export function sampleFinding(
  given: {
    readonly event?: string;
    readonly severity?: Severity;
    readonly workload?: Workload;
    readonly time?: number;
    readonly unmapped?: Record<string, unknown>;
  } = {},
): NormalizedFinding {
  const event = given.event ?? '68ee2c16b2a8e98a1c36a9db';
  const severity = given.severity ?? 'high';
  return {
    source: 'prisma-cloud-compute',
    severity,
    workload: given.workload ?? sampleWorkload(),
    deduplicationKey: `container-runtime/${event}`,
    readBack: { incidentId: '68ee2c16b2a8e98a1c36a9db' },
    finding: {
      activity_id: 1,
      category_uid: 2,
      class_uid: 2004,
      type_uid: 200401,
      time: given.time ?? Date.parse('2025-10-14T09:16:04Z'),
      severity_id: ocsfSeverityId(severity),
      raw_data_hash: { algorithm_id: 3, value: createHash('sha256').update(event).digest('hex') },
      raw_data_size: 832,
      metadata: {
        version: '1.8.0',
        profiles: ['container'],
        product: { name: 'Prisma Cloud Compute', vendor_name: 'Palo Alto Networks' },
      },
      finding_info: { uid: event, title: 'Crypto miner process' },
      ...(given.unmapped === undefined ? {} : { unmapped: given.unmapped }),
    },
  };
}
