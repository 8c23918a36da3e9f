import * as z from 'zod';

/** Bodies the API takes, with nothing in them that it does not know. */
const filter = z.strictObject({
  name: z.enum(['alert.id', 'alert.status', 'resource.id', 'cloud.accountId', 'policy.type', 'policy.severity']),
  operator: z.literal('='),
  value: z.string(),
});

export const loginSchema = z.strictObject({
  username: z.string(),
  password: z.string(),
  prismaId: z.string().optional(),
});

export const alertSearchSchema = z.lazy(() =>
  z.strictObject({
    timeRange: z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('absolute'),
        value: z.strictObject({ startTime: z.number().int(), endTime: z.number().int() }),
      }),
      z.strictObject({
        type: z.literal('relative'),
        value: z.strictObject({ amount: z.number().int(), unit: z.enum(['minute', 'hour', 'day', 'week', 'month']) }),
      }),
      z.strictObject({ type: z.literal('to_now'), value: z.enum(['epoch', 'login', 'day', 'week', 'month', 'year']) }),
    ]),
    filters: z.array(filter).optional(),
    limit: z.number().int().min(1).max(10_000).optional(),
    sortBy: z.array(z.string()).optional(),
    pageToken: z.string().optional(),
    detailed: z.boolean().optional(),
  }),
);

export const assetRequestSchema = z.lazy(() =>
  z.strictObject({
    assetId: z.string().min(1),
    type: z.enum(['asset', 'network', 'timeline', 'vulnerabilities', 'alerts', 'findings', 'relationships']),
    limit: z.number().int().min(1).optional(),
    prismaCloudFindingsOnly: z.boolean(),
    alertIds: z.array(z.string()),
    attackPathIds: z.array(z.strictObject({ id: z.string(), type: z.string() })),
    pageToken: z.string().optional(),
  }),
);

export const permissionSearchSchema = z.strictObject({
  query: z.string(),
  limit: z.number().int().min(1).optional(),
  pageToken: z.string().optional(),
});

const timeRange = z.strictObject({
  type: z.enum(['to_now', 'relative']),
  value: z.union([
    z.enum(['epoch', 'login', 'day', 'week', 'month', 'year']),
    z.strictObject({ amount: z.number().int().min(1), unit: z.enum(['minute', 'hour', 'day', 'week', 'month']) }),
  ]),
});

/** `filter` is required although the alerts are named (reference 5). */
export const dismissSchema = z.lazy(() =>
  z.strictObject({
    alerts: z.array(z.string()).min(1),
    dismissalNote: z.string().min(1),
    dismissalTimeRange: timeRange.optional(),
    filter: z.strictObject({ timeRange }),
  }),
);

export const reopenSchema = z.lazy(() =>
  z.strictObject({
    alerts: z.array(z.string()).min(1),
    dismissalNote: z.string().default(''),
    dismissalTimeRange: timeRange.optional(),
    filter: z.strictObject({ timeRange }),
  }),
);
