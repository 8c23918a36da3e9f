import type { Publication } from '../../domain/incident/incident.ts';
import type { DigestEntry } from '../../domain/publish/digest-entry.ts';

/** The place of an incident in the line. */
export type DigestPlace = Pick<DigestEntry, 'incidentId' | 'stoodAt'>;

/** Incidents beyond the rate of the chat channel, that are told together in one message. */
export interface DigestLine {
  /** Counts one more message of its minute. @returns how many there were with it */
  countInMinute(now: Date): Promise<number>;
  /**
   * Puts it in the line and makes its chat publication `in-digest` since `stoodAt`, both or neither. `before` is the
   * publication as it was read. @throws ConflictError when that has changed meanwhile
   */
  stand(entry: DigestEntry, chat: { readonly system: string; readonly before: Publication | undefined }): Promise<void>;
  /** Who waits longest, first. */
  next(limit: number): Promise<readonly DigestEntry[]>;
  /**
   * Remembers the message an incident was told in. @returns false when that is no longer to be said of it: it has, or is
   * about to have, a message of its own, or stands in the line anew
   */
  tell(place: DigestPlace, told: { readonly remoteId: string; readonly at: Date }): Promise<boolean>;
  /** Takes it out of the line. Harmless when it is not in it. */
  leave(place: DigestPlace): Promise<void>;
}

/** What is known of a message once it was posted. */
export interface DigestReceipt {
  readonly remoteId: string;
  readonly requestSha256: string;
  readonly status: number;
}

/** The one digest that is being posted: claimed before, because Slack cannot be asked whether it was. */
export interface DigestPost {
  readonly digestId: string;
  readonly claimedAt: string;
  readonly members: readonly DigestPlace[];
  /** There once it was posted: its members only have to leave the line. */
  readonly receipt?: DigestReceipt | undefined;
}

export interface DigestPosts {
  current(): Promise<DigestPost | undefined>;
  /** Claims the next digest in the place of `before`, which was read. @returns false when somebody else came first */
  claim(post: DigestPost, before: DigestPost | undefined): Promise<boolean>;
  /** Remembers that it was posted. @throws ConflictError when it is no longer ours */
  posted(post: DigestPost, receipt: DigestReceipt): Promise<void>;
  /** Makes room for the next one. Harmless when it is not ours (any more). */
  finish(post: DigestPost): Promise<void>;
}
