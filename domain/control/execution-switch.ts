import * as z from 'zod';

/** Whether anything may be changed at a target. There is one for a deployment. */
export const executionSwitchSchema = z.lazy(() =>
  z.object({
    state: z.enum(['running', 'stopped']),
    /** Who set it, as AWS names the caller. */
    by: z.string(),
    at: z.iso.datetime(),
    reason: z.string().optional(),
  }),
);
export type ExecutionSwitch = z.infer<typeof executionSwitchSchema>;

/** Chain of the audit log in which the switch is recorded: it belongs to no incident. */
export const CONTROL_CHAIN = 'control';

/**
 * Why nothing may be executed, or undefined. A deployment whose switch was never set runs; one whose switch cannot be read
 * does not (rule 9).
 */
export function whyStopped(read: ExecutionSwitch | undefined | 'unreadable'): string | undefined {
  if (read === 'unreadable') return 'The kill switch cannot be read, so nothing is executed.';
  if (read === undefined || read.state === 'running') return undefined;
  const reason = read.reason === undefined ? '' : `: ${read.reason}`;
  return `Every execution is stopped since ${read.at} by ${read.by}${reason}`;
}
