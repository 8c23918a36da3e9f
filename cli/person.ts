import { userInfo } from 'node:os';

/** Who says so on this machine; CloudTrail has the identity AWS saw. */
export function nameOfPerson(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return 'unknown';
  }
}
