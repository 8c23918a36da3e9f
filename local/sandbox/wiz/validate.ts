import type { Document, Selection, Selections } from './document.ts';
import { type Field, TYPES, UNIONS } from './schema.ts';

/** `2023`: the public schema; a tenant of that age refuses everything newer. */
export type Tenant = '2023' | 'newest';

/** What the schema has against a document; undefined when it is valid. */
export function validationError(document: Document, tenant: Tenant): string | undefined {
  return errorIn(document.selections, document.kind === 'mutation' ? 'Mutation' : 'Query', tenant);
}

function errorIn(selections: Selections, type: string, tenant: Tenant): string | undefined {
  const problems = [
    ...selections.fragments.map(({ on, selections: inner }) =>
      UNIONS[type]?.includes(on)
        ? // Rules of other kinds have the fields of a control, as far as they are read.
          errorIn(inner, TYPES[on] ? on : 'Control', tenant)
        : `Fragment cannot be spread here as objects of type "${type}" can never be of type "${on}".`,
    ),
    ...selections.fields.map((selection) => errorOf(selection, type, tenant)),
  ];
  return problems.find((problem) => problem !== undefined);
}

function errorOf({ name, args, fields }: Selection, type: string, tenant: Tenant): string | undefined {
  const field: Field | undefined = TYPES[type]?.[name];
  if (!field || (field.newer === true && tenant === '2023')) return `Cannot query field "${name}" on type "${type}".`;
  const unknown = Object.keys(args).find((argument) => !field.args?.includes(argument));
  if (unknown !== undefined) return `Unknown argument "${unknown}" on field "${type}.${name}".`;
  if (field.type === undefined) {
    return fields && `Field "${name}" must not have a selection since it has no subfields.`;
  }
  return fields
    ? errorIn(fields, field.type, tenant)
    : `Field "${name}" of type "${field.type}" must have a selection of subfields.`;
}
