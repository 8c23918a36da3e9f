import * as z from 'zod';
import { ACTION_CLASSES } from '../actions/action.ts';
import { scopeSchema, secretName } from './fields.ts';
import { actionsField, personId, severitiesField } from './rights.ts';
import { signInSchema } from './sign-in.ts';

const WEEK_SECONDS = 7 * 24 * 3600;
export const expirySeconds = z.number().int().min(5).max(WEEK_SECONDS);

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 09:00');
const groupId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes');

const dutySchema = z.strictObject({
  timeZone: z
    .string()
    .refine((zone) => isTimeZone(zone), 'must be a time zone such as Europe/Berlin')
    .describe('IANA time zone the hours are given in.'),
  windows: z
    .array(z.strictObject({ days: z.array(z.enum(DAYS)).min(1), from: clockTime, to: clockTime }))
    .min(1)
    .describe('`to` not after `from`: until that time on the next day.'),
  outside: z.boolean().default(false).describe('true: on duty in all other hours.'),
});
export type Duty = z.infer<typeof dutySchema>;

const groupSchema = z.strictObject({
  id: groupId,
  members: z.array(personId).min(1),
  duty: dutySchema.optional().describe('Absent: always.'),
});
export type ApproverGroup = z.infer<typeof groupSchema>;

const policySchema = z.strictObject({
  actions: actionsField.default(['*']),
  scope: scopeSchema.default({}),
  severities: severitiesField,
  quorum: z
    .number()
    .int()
    .min(1)
    .max(5)
    .optional()
    .describe(
      'How many different people must approve. Absent: two for what is destructive, cluster-wide or wide, else one.',
    ),
  expiresAfterSeconds: expirySeconds.optional().describe('Absent: as the rollout rule or `approvals` says.'),
  remindBeforeExpirySeconds: z
    .array(z.number().int().min(60).max(WEEK_SECONDS))
    .max(5)
    .optional()
    .describe('When who has not decided is mailed again. Absent: once, when a third of the time is left.'),
  ask: z
    .array(groupId)
    .min(1)
    .optional()
    .describe('Groups in the order they are asked. Absent: everybody who may decide is asked at once.'),
  escalateAfterSeconds: z
    .number()
    .int()
    .min(60)
    .max(WEEK_SECONDS)
    .optional()
    .describe('The next group of `ask` is asked too when nothing was decided for so long. Absent: nobody else is.'),
});
export type PolicyRule = z.infer<typeof policySchema>;

const delegationSchema = z.strictObject({
  from: personId,
  to: personId,
  starts: z.iso.datetime({ offset: true }),
  ends: z.iso.datetime({ offset: true }),
});
export type Delegation = z.infer<typeof delegationSchema>;

export const approvalsSchema = z
  .strictObject({
    expiresAfterSeconds: expirySeconds.default(1800),
    linkSecret: secretName
      .default('parapet/approval-links')
      .describe('JSON {"current","previous"?}: signs approval links.'),
    linkMayApprove: z
      .array(z.enum(ACTION_CLASSES))
      .default(['annotation', 'evidence', 'network-isolation'])
      .describe(
        'Classes of actions that who holds a mailed link, or clicks in a chat, may approve. What cannot be undone or is wide never is; that takes `signIn`, and is advice without it.',
      ),
    signIn: signInSchema.optional(),
    groups: z.array(groupSchema).default([]),
    policy: z.array(policySchema).default([]).describe('First match wins; what matches nothing has the safe defaults.'),
    delegations: z
      .array(delegationSchema)
      .default([])
      .describe('`to` may decide in place of `from` during the period, and it is said whose right was used.'),
  })
  .prefault({});

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    // Intl has no other way to say that it does not know a zone.
    return false;
  }
}
