import type { ActionDefinition, PlannedRequest, SentRequest } from '../../../domain/actions/action.ts';
import type { VendorTarget } from '../../../domain/actions/target.ts';
import type { AnswerableVendor, VendorRecordRef } from '../../../domain/evidence/vendor-record.ts';

export interface VendorNote {
  readonly id: string;
  readonly text: string;
}

/** A record as the vendor has it now, as far as an action looks at it. */
export interface VendorRecord {
  readonly id: string;
  /** The vendor's own word, in lower case: `open`, `in_progress`, `acknowledged`. */
  readonly state: string;
  /** What kind of record it is, where the vendor treats kinds differently; only when it was wanted. */
  readonly type?: string | undefined;
  /** Empty also where the vendor has none, and where they were not wanted. */
  readonly notes: readonly VendorNote[];
  /** The thing it is about, where something can be done with that. */
  readonly resource?: { readonly id: string; readonly type: string } | undefined;
}

/** What costs a call of its own beside the record. */
export interface Wanted {
  readonly type?: boolean;
  readonly notes?: boolean;
}

/** Everything Parapet reads of a vendor to answer an alert. What is not there is `undefined`; all else is a `TargetError`. */
export interface VendorReader {
  readonly vendor: AnswerableVendor;
  /** Whether the configuration names a credential that may answer. */
  readonly writable: boolean;
  /** What every path begins with. */
  readonly base: string;
  now(): Date;
  find(record: Pick<VendorRecordRef, 'kind' | 'id'>, wanted?: Wanted): Promise<VendorRecord | undefined>;
}

/** What may be written: exactly the requests a person approved, of the closed list each vendor's folder has. */
export interface VendorWriter extends VendorReader {
  /** @param record told about the request when it was answered, accepted or not. @throws TargetError */
  send(request: PlannedRequest, record: (sent: SentRequest) => void): Promise<void>;
}

/** What a credential must be allowed to do, in the vendor's own words. */
export interface VendorRule {
  readonly right: string;
  readonly why: string;
}

export type VendorAction = ActionDefinition<VendorReader, VendorWriter, VendorTarget, VendorRule>;
