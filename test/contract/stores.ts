import { randomBytes } from 'node:crypto';
import type { CacheStore } from '../../connectors/intel/cache.ts';
import type { AnswerStore } from '../../connectors/store/answers-port.ts';
import type { ChasingStore } from '../../connectors/store/chasing-port.ts';
import type { BaselineStore, LinkStore, PollStore } from '../../connectors/store/context-ports.ts';
import type { DigestLine, DigestPosts } from '../../connectors/store/digest-port.ts';
import type { PushStore, WaitingLine } from '../../connectors/store/intake-ports.ts';
import type { PlaybookSlots } from '../../connectors/store/playbook-port.ts';
import type {
  ApprovalClosing,
  ApprovalStore,
  AuditLog,
  AuditRecency,
  BlobStore,
  DeliveryStore,
  IncidentStore,
  QuarantineStore,
} from '../../connectors/store/ports.ts';
import type { ShownStore } from '../../connectors/store/shown-port.ts';
import type { SpendingStore } from '../../connectors/store/spending-port.ts';
import type { ThreadStore } from '../../connectors/store/thread-port.ts';
import type { WatchStore } from '../../connectors/store/watch-port.ts';

/** One set of stores over the same data. Tests use names of their own, so that a shared, never emptied store will do. */
export interface Stores {
  readonly incidents: IncidentStore;
  readonly quarantine: QuarantineStore;
  readonly audit: AuditLog & AuditRecency;
  readonly approvals: ApprovalStore & ApprovalClosing;
  readonly deliveries: DeliveryStore;
  readonly chasing: ChasingStore;
  readonly shown: ShownStore;
  readonly blobs: BlobStore;
  readonly pushes: PushStore;
  readonly line: WaitingLine;
  readonly threads: ThreadStore;
  readonly watches: WatchStore;
  readonly spending: SpendingStore;
  readonly slots: PlaybookSlots;
  readonly answers: AnswerStore;
  readonly digests: { readonly line: DigestLine; readonly posts: DigestPosts };
  /** The stores that remember, as a process that has just started opens them over the same data. */
  readonly process: () => {
    readonly baselines: BaselineStore;
    readonly links: LinkStore;
    readonly polls: PollStore;
    readonly intel: CacheStore;
  };
}

/** A name nobody else uses, so that tests may share one store. */
export function freshNamespace(): string {
  return `ns-${randomBytes(6).toString('hex')}`;
}
