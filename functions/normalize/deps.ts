import type { Bus } from '../../connectors/bus/bus.ts';
import type { SourceMapper } from '../../connectors/cwpp/registry.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AuditLog, BlobStore, IncidentStore, QuarantineStore } from '../../connectors/store/ports.ts';
import type { Source } from '../../domain/source.ts';

export interface NormalizeDeps {
  readonly incidents: Pick<IncidentStore, 'attach' | 'markAnnounced'>;
  readonly quarantine: Pick<QuarantineStore, 'hold'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly blobs: BlobStore;
  readonly bus: Bus;
  readonly mapperFor: (source: Source) => Pick<SourceMapper, 'normalize'>;
  readonly windowMinutes: number;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** One message's alert and what is known of its delivery. */
export interface Delivery {
  readonly deliveryId: string;
  readonly source: Source;
  readonly receivedAt: string;
  readonly sha256: string;
  readonly rawKey: string;
  /** The queue delivered this message before, so an earlier try may have stopped half-way. */
  readonly again: boolean;
}
