import type { Channel } from '../../domain/source.ts';

/** What a mapper is told about a delivery beside its body. */
export interface DeliveryContext {
  /** SHA-256 (lower-case hex) and size of the raw bytes; ISO 8601 UTC time of receipt. */
  readonly sha256: string;
  readonly bytes: number;
  readonly receivedAt: string;
  /** How it came. Only AWS itself can put `event-bus` here, so a mapper may rely on it. */
  readonly channel: Channel;
  /** JSONata of the configuration, for the generic source. */
  readonly mapping?: string | undefined;
}
