import type { Channel } from '../../../domain/source.ts';

/** What is known of the delivery beside its body. */
export interface DeliveryContext {
  /** SHA-256 (lower-case hex) of the raw bytes, under which the body is kept. */
  readonly sha256: string;
  readonly bytes: number;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
  /** Absent: the webhook. A polled record has another form (polled.ts). */
  readonly channel?: Channel;
}
