import type { Approval } from '../../domain/approval/approval.ts';

/** Only `chase-approvals` has this: what happens to a question while nobody decides. */
export interface ChasingStore {
  /** Pending questions whose next step is due, the longest due first; at most `limit`. */
  due(now: Date, limit: number): Promise<readonly Approval[]>;
  /**
   * Takes the next step of a question for a while. @returns false when it is not pending any more, when somebody else has
   * taken the step, or when it was done. A step that was taken and not finished is due again after the lease.
   */
  take(approval: Approval, now: Date, leaseSeconds: number): Promise<boolean>;
  /** More people may decide; the step is not finished by it. @returns undefined when the question is not pending any more */
  askAlso(approvalId: string, people: readonly string[]): Promise<Approval | undefined>;
  /** The step that was taken has happened; the next one becomes due at its time. */
  finish(approval: Approval): Promise<void>;
}
