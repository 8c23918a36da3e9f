import type { Bus } from '../../connectors/bus/bus.ts';
import type { SourceMapper } from '../../connectors/cwpp/registry.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AuditLog, BlobStore, IncidentStore, QuarantineStore } from '../../connectors/store/ports.ts';
import type { Channel, Source } from '../../domain/source.ts';
import type { AnnouncementLine } from './announcement-line.ts';
import type { PushNotes } from './push-notes.ts';
import type { Memory } from './remember.ts';

export interface NormalizeDeps {
  readonly incidents: Pick<IncidentStore, 'attach' | 'markAnnounced'>;
  readonly quarantine: Pick<QuarantineStore, 'hold'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly blobs: BlobStore;
  readonly bus: Bus;
  readonly mapperFor: (source: Source) => Pick<SourceMapper, 'normalize'>;
  /** JSONata of the generic source, if it is configured. */
  readonly mapping?: string | undefined;
  readonly windowMinutes: number;
  /** When sources last sent something; best effort. */
  readonly pushes: Pick<PushNotes, 'note'>;
  /** Where incidents of a flood wait. */
  readonly line: Pick<AnnouncementLine, 'mustWait' | 'wait'>;
  /** For what later incidents want to know. */
  readonly memory: Memory;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** One message's alert and what is known of its delivery. */
export interface Delivery {
  readonly deliveryId: string;
  readonly source: Source;
  readonly channel: Channel;
  readonly receivedAt: string;
  readonly sha256: string;
  readonly rawKey: string;
  /** Puts the raw alert where `rawKey` says. */
  readonly keep: () => Promise<void>;
  /** The queue delivered this message before, so an earlier try may have stopped half-way. */
  readonly again: boolean;
}
