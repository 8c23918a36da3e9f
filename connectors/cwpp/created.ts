import type { DetectionFinding } from '../../domain/ocsf/detection-finding.ts';
import { ocsfSeverityId, type Severity } from '../../domain/severity.ts';
import type { DeliveryContext } from './delivery.ts';

/** What every new finding says in the same way, whoever sent it. */
export function createdAttributes(of: {
  readonly severity: Severity;
  readonly time: number;
  readonly delivery: Pick<DeliveryContext, 'sha256' | 'bytes'>;
}) {
  const { severity, time, delivery } = of;
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    type_uid: 200401,
    type_name: 'Detection Finding: Create',
    time,
    severity_id: ocsfSeverityId(severity),
    severity: severity.charAt(0).toUpperCase() + severity.slice(1),
    status_id: 1,
    status: 'New',
    is_alert: true,
    raw_data_hash: { algorithm_id: 3, algorithm: 'SHA-256', value: delivery.sha256 },
    raw_data_size: delivery.bytes,
  } satisfies Partial<DetectionFinding>;
}
