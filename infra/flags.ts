import type { Node } from 'constructs';

/**
 * What a deployment may switch on beside its configuration, all in one place: `cdk deploy -c waf=true`. Everything here is off unless
 * named, because the emulator of the laptop run does not know the resource or because not every account can carry it.
 */
export const FLAGS = {
  /** Web ACL before the webhook edge (about $7 a month). Emulator: `AWS::WAFv2::WebACLAssociation` is unknown. */
  waf: 'put a web ACL before the webhook edge',
  /** Keeps what went over the bus for replay, $0.10 per GB. Emulator: `AWS::Events::Archive` is unknown. */
  archive: 'archive the bus for replay',
  /**
   * Reserved concurrency for the functions that act. A new account may have 10 executions in all, and Lambda refuses a
   * reservation that leaves fewer than 100 unreserved.
   */
  reservedConcurrency: 'reserve concurrency for the functions that act',
} as const;
export type Flag = keyof typeof FLAGS;
export type Flags = Readonly<Record<Flag, boolean>>;

/** A flag has a value that is neither true nor false. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/** @throws FlagError */
export function readFlags(node: Node): Flags {
  const read = (flag: Flag): boolean => {
    const value: unknown = node.tryGetContext(flag);
    if (value === undefined || value === false || value === 'false') return false;
    if (value === true || value === 'true') return true;
    throw new FlagError(`context ${flag} must be true or false (${FLAGS[flag]}), not ${JSON.stringify(value)}`);
  };
  return { waf: read('waf'), archive: read('archive'), reservedConcurrency: read('reservedConcurrency') };
}
