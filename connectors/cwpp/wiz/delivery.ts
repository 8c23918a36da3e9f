/** What is known of the delivery beside its body; the part of the pipeline's DeliveryContext that is read here. */
export interface Delivery {
  /** SHA-256 (lower-case hex) of the raw bytes, under which the body is kept. */
  readonly sha256: string;
  readonly bytes: number;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
}
