import type {
  ApprovalClosing,
  ApprovalStore,
  AuditLog,
  BlobStore,
  DeliveryStore,
  IncidentStore,
  QuarantineStore,
} from '../../connectors/store/ports.ts';
import { approvalBehaviour } from './approval-behaviour.ts';
import { auditBehaviour } from './audit-behaviour.ts';
import { incidentBehaviour } from './incident-behaviour.ts';
import { quarantineAndBlobBehaviour } from './quarantine-behaviour.ts';

/** One set of stores over the same data. Tests use names of their own, so that a shared, never emptied store will do. */
export interface Stores {
  readonly incidents: IncidentStore;
  readonly quarantine: QuarantineStore;
  readonly audit: AuditLog;
  readonly approvals: ApprovalStore & ApprovalClosing;
  readonly deliveries: DeliveryStore;
  readonly blobs: BlobStore;
}

/**
 * What every implementation of connectors/store/ports.ts must do. Run against the fakes (fake-stores.test.ts) and, with
 * the adapters, against DynamoDB and S3 of the emulator, so that the two cannot drift apart.
 * `storm` is the number of parallel writers on one workload.
 */
export function storeSuite(
  name: string,
  make: () => Stores | Promise<Stores>,
  options: { readonly storm: number },
): void {
  incidentBehaviour(name, make, options.storm);
  quarantineAndBlobBehaviour(name, make);
  auditBehaviour(name, make);
  approvalBehaviour(name, make);
}
