import { isConditionFailure } from './client.ts';

/** Whether a conditional write's condition held. */
export async function heldWhen(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}
