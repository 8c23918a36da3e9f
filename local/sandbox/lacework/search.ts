import * as z from 'zod';
import type { LaceworkRecord } from './scenario.ts';

const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z$/);
const expressions = ['eq', 'in', 'rlike'] as const;

/** A key that is not known is refused with 400 (reference 2.2). */
export const searchSchema = z.strictObject({
  timeFilter: z.strictObject({ startTime: time, endTime: time }).optional(),
  filters: z
    .array(
      z.strictObject({
        field: z.string().min(1),
        expression: z.enum(expressions),
        value: z.string().optional(),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  returns: z.array(z.string()).optional(),
  dataset: z.string().optional(),
});
export type Search = z.infer<typeof searchSchema>;

const WEEK_MS = 7 * 24 * 3_600_000;

/** Why the API would refuse it; undefined when it would not. */
export function refusalOf({ timeFilter, filters, dataset }: Search, path: string): string | undefined {
  if (timeFilter) {
    const length = Date.parse(timeFilter.endTime) - Date.parse(timeFilter.startTime);
    if (length < 0) return 'startTime must be before endTime';
    if (length > WEEK_MS) return 'the time range must not be longer than 7 days';
  }
  if (
    filters?.some(
      ({ expression, value, values }) =>
        (expression === 'in') !== (values !== undefined) || (expression !== 'in') !== (value !== undefined),
    )
  ) {
    return 'in takes values, other expressions take value';
  }
  if (path === 'Configs/ComplianceEvaluations' && dataset === undefined) return 'dataset is required';
  if (path !== 'Configs/ComplianceEvaluations' && dataset !== undefined) return 'unknown key dataset';
  return undefined;
}

/** Filters are ANDed; a record without the field is not among the answers. */
export function found(records: readonly LaceworkRecord[], { filters, timeFilter }: Search): readonly LaceworkRecord[] {
  return records.filter(
    (record) =>
      withinTime(record, timeFilter) &&
      (filters ?? []).every(({ field, expression, value, values }) => {
        const held = fieldOf(record, field);
        if (held === undefined) return false;
        if (expression === 'in') return values?.includes(held) ?? false;
        return expression === 'eq' ? held === value : new RegExp(`^(?:${value ?? ''})$`).test(held);
      }),
  );
}

const TIMES = ['activityTime', 'processStartTime', 'startTime', 'reportTime'] as const;

/** Records without a time are inventory and always there. */
function withinTime(record: LaceworkRecord, range: Search['timeFilter']): boolean {
  const at = TIMES.map((name) => record[name]).find((value) => typeof value === 'string');
  if (range === undefined || typeof at !== 'string') return true;
  const ms = Date.parse(at);
  return ms >= Date.parse(range.startTime) && ms <= Date.parse(range.endTime);
}

function fieldOf(record: LaceworkRecord, path: string): string | undefined {
  let value: unknown = record;
  for (const name of path.split('.')) {
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
