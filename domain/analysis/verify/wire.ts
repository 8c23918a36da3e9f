import * as z from 'zod';

/** JSON Schema for the wire: every object closed, every property required, no limits, no `$schema`. */
export function wireSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}
