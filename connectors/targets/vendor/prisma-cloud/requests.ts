import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';

const id = z.string().regex(/^[A-Za-z0-9]{1,12}(?:-[A-Za-z0-9]{1,40}){1,6}$/);
const alerts = z.array(id).length(1);
/** The API wants a time range even where the alert is named. */
const everything = z.strictObject({
  timeRange: z.strictObject({ type: z.literal('to_now'), value: z.literal('epoch') }),
});
const EVERYTHING = { timeRange: { type: 'to_now', value: 'epoch' } } as const;

const dismissalSchema = z.strictObject({
  alerts,
  dismissalNote: z.string().min(1).max(500),
  dismissalTimeRange: z
    .strictObject({
      type: z.literal('relative'),
      value: z.strictObject({ amount: z.number().int().min(1).max(30), unit: z.literal('day') }),
    })
    .optional(),
  filter: everything,
});
const reopeningSchema = z.strictObject({ alerts, filter: everything });

const FORMS: Readonly<Record<string, z.ZodType<object>>> = {
  '/alert/dismiss': dismissalSchema,
  '/alert/reopen': reopeningSchema,
};

/** @param days to snooze; absent: dismissed until somebody reopens it */
export function dismissal(alert: string, note: string, days?: number): PlannedRequest {
  return {
    method: 'POST',
    path: '/alert/dismiss',
    contentType: 'application/json',
    body: {
      alerts: [alert],
      dismissalNote: note,
      ...(days === undefined ? {} : { dismissalTimeRange: { type: 'relative', value: { amount: days, unit: 'day' } } }),
      filter: EVERYTHING,
    },
    purpose: days === undefined ? 'dismiss the alert' : `snooze the alert for ${days} days`,
  };
}

export function reopening(alert: string): PlannedRequest {
  return {
    method: 'POST',
    path: '/alert/reopen',
    contentType: 'application/json',
    body: { alerts: [alert], filter: EVERYTHING },
    purpose: 'reopen the alert',
  };
}

/** The body, if the request is in the closed list of what is ever written to a tenant. */
export function bodyToSend({ method, path, body }: PlannedRequest): object | undefined {
  return method === 'POST' ? FORMS[path]?.safeParse(body).data : undefined;
}
