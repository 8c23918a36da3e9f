import * as z from 'zod';
import { configurationSchema } from '../../domain/config/schema.ts';

/** Relative to the root of the project; `$schema` of a configuration names it, so that editors complete and check. */
export const JSON_SCHEMA_FILE = 'schemas/parapet.config.schema.json';

/** The shape of `parapet.config.json` as people write it: what has a default need not be given. */
export function configurationJsonSchema(): object {
  return {
    title: 'Parapet configuration',
    ...z.toJSONSchema(configurationSchema, { io: 'input', target: 'draft-07' }),
  };
}

export function configurationJsonSchemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
}
