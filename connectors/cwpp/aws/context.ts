import type { Channel } from '../../../domain/source.ts';

/** What is known of a delivery beside its body. */
export interface DeliveryContext {
  /** SHA-256 (lower-case hex) of the raw bytes, under which the body is kept. */
  readonly sha256: string;
  readonly bytes: number;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
  /** `event-bus` is put here only for events whose source and account AWS vouches for. */
  readonly channel: Channel;
}
