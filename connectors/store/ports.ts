import type { Approval, Decision } from '../../domain/approval/approval.ts';
import type { AuditEntry, AuditRecord } from '../../domain/audit/entry.ts';
import type { IncidentOpened } from '../../domain/events.ts';
import type { Incident, Publication } from '../../domain/incident/incident.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import type { Channel, Source } from '../../domain/source.ts';

/** Two writers met and the other one won; read again and decide again. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}
/** The thing asked for is not there. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** The thing is larger than the store can hold; trying again will not help, making it smaller will. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** A DynamoDB item ends at 400 KB; the rest is left for its keys and other attributes. */
export const MAX_FINDING_BYTES = 350_000;

/** Claim-check store: bodies in the evidence bucket. Keys are ours, never made of outside text. */
export interface BlobStore {
  /** @returns key, SHA-256 and size of what was stored. Writing the same key again replaces it (the bucket keeps versions). */
  put(key: string, body: string): Promise<{ readonly key: string; readonly sha256: string; readonly bytes: number }>;
  /** @throws NotFoundError */
  get(key: string): Promise<string>;
}

/**
 * What became of one finding. `announced` is false until `Incident Opened` was put on the bus for its incident; `waiting` says
 * that the incident stands in the line of those that are announced later.
 */
export type Attachment =
  | { readonly kind: 'opened'; readonly incident: Incident; readonly event: IncidentOpened }
  | {
      readonly kind: 'attached';
      readonly incident: Incident;
      readonly event: IncidentOpened;
      readonly announced: boolean;
      readonly waiting: boolean;
    }
  | {
      readonly kind: 'duplicate';
      readonly incident: Incident;
      readonly event: IncidentOpened;
      readonly announced: boolean;
      readonly waiting: boolean;
    };

export interface IncidentStore {
  /**
   * Deduplicates and clusters one finding in one transaction (deduplication key, finding, incident, window pointer), so that
   * a crash leaves either all of it or nothing. Safe to call concurrently and again. A finding that was attached before,
   * however long ago, is a duplicate and opens nothing. An incident that is over takes findings until its window ends,
   * unless one is more severe than the incident: that one opens the next incident, because nobody is looking any more.
   * @throws ConflictError (too many others write the same incident; redeliver later), TooLargeError
   */
  attach(
    finding: NormalizedFinding,
    context: {
      readonly receivedAt: string;
      readonly deliveryId?: string | undefined;
      readonly now: Date;
      readonly windowMinutes: number;
      readonly rawKey: string;
      /** Awaited before anything new is written, and not at all for a duplicate: what the finding will refer to must be there first. */
      readonly beforeWrite?: (() => Promise<void>) | undefined;
    },
  ): Promise<Attachment>;
  /** Remembers that `Incident Opened` was put on the bus. */
  markAnnounced(incidentId: string): Promise<void>;
  /** True exactly for the one execution that owns the incident, also when it asks again. */
  claim(incidentId: string, execution: string, now: Date): Promise<boolean>;
  get(incidentId: string): Promise<Incident | undefined>;
  findings(incidentId: string): Promise<readonly NormalizedFinding[]>;
  /** Newest first. */
  list(options: { readonly limit: number }): Promise<readonly Incident[]>;
  /** Earlier incidents of the same workload, newest first, without `except`. */
  history(
    workloadKey: string,
    options: { readonly except: string; readonly limit: number },
  ): Promise<readonly Incident[]>;
  /**
   * Changes the named attributes; `times` are set only if not set before (first time wins), and the status `concluded` is
   * never left again. @throws NotFoundError, ConflictError
   */
  update(incidentId: string, change: IncidentChange): Promise<void>;
  /**
   * Claims a destination before something is created there. `mine: true`: create it, then record it. `stale` (only with
   * `mine`): somebody claimed it before and never recorded a creation, so look for theirs before creating a second one.
   * What is told in a digest may be claimed too: it has no record of its own.
   * `mine: false` with the existing record: it was created before, or another one holds the claim within its lease.
   */
  claimPublication(
    incidentId: string,
    claim: {
      readonly destination: Publication['destination'];
      readonly system: string;
      readonly now: Date;
      readonly leaseSeconds: number;
    },
  ): Promise<{ readonly mine: boolean; readonly stale: boolean; readonly publication: Publication }>;
  recordPublication(incidentId: string, publication: Publication): Promise<void>;
  publications(incidentId: string): Promise<readonly Publication[]>;
}

export type IncidentChange = {
  readonly status?: Incident['status'];
  readonly confirmed?: boolean;
  readonly headline?: string;
  readonly verdict?: string;
  readonly traits?: string[];
  readonly outcome?: NonNullable<Incident['outcome']>;
  readonly times?: Partial<Incident['times']>;
  readonly blobs?: Partial<Incident['blobs']>;
  readonly auditHead?: NonNullable<Incident['auditHead']>;
};

export interface QuarantineRecord {
  readonly quarantineId: string;
  readonly source: Source;
  /** How it came: a replay takes the same way, because only an event of AWS may claim to be one. */
  readonly channel: Channel;
  readonly deliveryId: string;
  readonly receivedAt: string;
  readonly quarantinedAt: string;
  /** One sentence for the person who must mend it. */
  readonly reason: string;
  /** Key of the raw body in the evidence bucket. */
  readonly rawKey: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The body is no text: what lies at `rawKey` is its base64; digest and size are those of what came. */
  readonly encoding?: 'base64' | undefined;
  readonly status: 'held' | 'replayed';
  readonly replayedAt?: string | undefined;
}

export interface QuarantineStore {
  /** The id is derived from source and body digest: the same body is held once however often it comes. */
  hold(record: Omit<QuarantineRecord, 'quarantineId' | 'status'>): Promise<QuarantineRecord>;
  list(options: { readonly limit: number }): Promise<readonly QuarantineRecord[]>;
  get(quarantineId: string): Promise<QuarantineRecord | undefined>;
  markReplayed(quarantineId: string, at: Date): Promise<void>;
}

export interface AuditLog {
  /** Appends to the chain with optimistic retry; needs only PutItem and Query. */
  append(record: AuditRecord): Promise<AuditEntry>;
  /** Whole chain in order. */
  read(chain: string): Promise<readonly AuditEntry[]>;
  head(chain: string): Promise<AuditEntry | undefined>;
}

/** Only `anchor-audit` has this. */
export interface AuditRecency {
  /** Chains that got an entry in the hours from `since` to `until`, whatever their incidents are. */
  chainsSince(since: Date, until: Date): Promise<ReadonlySet<string>>;
}

export interface ApprovalStore {
  /** Stores the approval with its token; the same incident, action and digest give the same approval (retries are harmless). */
  create(approval: Approval, taskToken: string): Promise<{ readonly approval: Approval; readonly created: boolean }>;
  get(approvalId: string): Promise<Approval | undefined>;
  forIncident(incidentId: string): Promise<readonly Approval[]>;
  list(options: { readonly limit: number }): Promise<readonly Approval[]>;
  /**
   * One person's vote with digest and expiry as conditions, and its audit entry, in one transaction: every vote is in the one
   * record, so the last one a quorum needs, or a rejection, is also the decision (PENDING -> APPROVED | REJECTED).
   * `known`: the approval as it was just read, which saves reading it again where nobody else was faster.
   * @returns the approval after the vote; undefined when it is not theirs to decide any more (decided, voted, expired, re-planned)
   */
  decide(decision: Decision, incidentId: string, now: Date, known?: Approval): Promise<Approval | undefined>;
  /** PENDING -> EXPIRED. @returns the approval as it stands afterwards (maybe decided meanwhile) */
  expire(approvalId: string, now: Date): Promise<Approval>;
}

/** Only `conclude` has this: a question whose incident is over is withdrawn. */
export interface ApprovalClosing {
  /** PENDING -> CLOSED for every question of the incident but one about an undo, which needs no open incident. @returns the ids that were closed now */
  closePending(incidentId: string): Promise<readonly string[]>;
}

/** Only `deliver-decision` has this: the token is read nowhere else. */
export interface DeliveryStore {
  tokenOf(approvalId: string): Promise<string | undefined>;
  /** Only-once by condition: waiting -> delivered | late. @returns false when it was marked before. */
  markDelivery(approvalId: string, delivery: 'delivered' | 'late'): Promise<boolean>;
}
