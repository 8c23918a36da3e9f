import { answerBehaviour } from './answer-behaviour.ts';
import { approvalBehaviour } from './approval-behaviour.ts';
import { auditBehaviour } from './audit-behaviour.ts';
import { contextBehaviour } from './context-behaviour.ts';
import { digestBehaviour } from './digest-behaviour.ts';
import { incidentBehaviour } from './incident-behaviour.ts';
import { intakeBehaviour } from './intake-behaviour.ts';
import { intelBehaviour } from './intel-behaviour.ts';
import { quarantineAndBlobBehaviour } from './quarantine-behaviour.ts';
import { shownBehaviour } from './shown-behaviour.ts';
import { slotBehaviour } from './slot-behaviour.ts';
import { spendingBehaviour } from './spending-behaviour.ts';
import type { Stores } from './stores.ts';
import { threadBehaviour } from './thread-behaviour.ts';
import { watchBehaviour } from './watch-behaviour.ts';

export type { Stores } from './stores.ts';

/**
 * What every implementation of the ports of connectors/store and of the intelligence cache must do. Run against the fakes (fake-stores.test.ts) and, with
 * the adapters, against DynamoDB and S3 of the emulator, so that the two cannot drift apart.
 * `storm` is the number of parallel writers on one workload.
 */
export function storeSuite(
  name: string,
  make: () => Stores | Promise<Stores>,
  options: { readonly storm: number },
): void {
  incidentBehaviour(name, make, options.storm);
  quarantineAndBlobBehaviour(name, make);
  intakeBehaviour(name, make);
  digestBehaviour(name, make);
  contextBehaviour(name, make);
  intelBehaviour(name, make);
  threadBehaviour(name, make);
  watchBehaviour(name, make);
  auditBehaviour(name, make);
  approvalBehaviour(name, make);
  shownBehaviour(name, make);
  spendingBehaviour(name, make);
  answerBehaviour(name, make);
  slotBehaviour(name, make);
}
