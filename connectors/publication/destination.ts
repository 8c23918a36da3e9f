import type { Publication } from '../../domain/incident/incident.ts';

/** The other side said no and will say no again: a wrong setting, a missing right, a field it does not know. For a person. */
export class DestinationRefusedError extends Error {
  override readonly name = 'DestinationRefusedError';
}
/** It did not answer, or asked us to come back later. `outcomeUnknown`: it may have done what we asked; look before repeating. */
export class DestinationUnavailableError extends Error {
  override readonly name = 'DestinationUnavailableError';
  readonly outcomeUnknown: boolean;
  constructor(message: string, detail: { readonly outcomeUnknown: boolean }, options?: ErrorOptions) {
    super(message, options);
    this.outcomeUnknown = detail.outcomeUnknown;
  }
}

/** What a destination keeps of us. */
export interface RemoteRecord {
  readonly remoteId: string;
  readonly url?: string | undefined;
}

/** Proof of one write for the audit log: what was sent (by digest) and how it was answered. Never a body or a credential. */
export interface Receipt extends RemoteRecord {
  readonly requestSha256: string;
  readonly status: number;
  /** What did not work beside the record itself. */
  readonly note?: string;
}

/** A place where one incident has one record. Each call is bound to the incident already. */
export interface Destination {
  readonly destination: Publication['destination'];
  readonly system: string;
  /**
   * Ours, if the other side can be asked; undefined when there is none or it cannot be asked. `patient`: a record may have
   * been created a moment ago, so look more than once if the other side's search lags.
   */
  find(options?: { readonly patient: boolean }): Promise<RemoteRecord | undefined>;
  /** Attempted once. @throws DestinationUnavailableError with `outcomeUnknown` when it may have been created */
  create(): Promise<Receipt>;
  /** Safe to repeat. */
  update(remote: RemoteRecord): Promise<Receipt>;
}
