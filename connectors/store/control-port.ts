import type { ExecutionSwitch } from '../../domain/control/execution-switch.ts';

/** The kill switch of a deployment. */
export interface ExecutionSwitchStore {
  /** Read consistently; undefined: it was never set. @throws what the store throws, which means: refuse */
  read(): Promise<ExecutionSwitch | undefined>;
  set(wanted: ExecutionSwitch): Promise<void>;
}

/** As `read`, and what cannot be read is said to be so. */
export async function readSwitch(
  control: Pick<ExecutionSwitchStore, 'read'>,
): Promise<ExecutionSwitch | undefined | 'unreadable'> {
  try {
    return await control.read();
  } catch {
    // The caller refuses with that reason, which is all that can be done about it here.
    return 'unreadable';
  }
}
