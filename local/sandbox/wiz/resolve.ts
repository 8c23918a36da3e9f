import type { Document, Selection, Selections, Value } from './document.ts';
import type { WizList, WizRecord, WizScenario } from './scenario.ts';
import { FILTERS } from './schema.ts';

/** An answer of the API: data, or one error. */
export type Resolved =
  | { readonly data: Readonly<Record<string, unknown>> }
  | { readonly message: string; readonly code: string; readonly data?: Readonly<Record<string, unknown>> };

type Json = unknown;
const MAX_PAGE = 500;

/** Answers one valid query from the records. */
export function resolve(document: Document, variables: Readonly<Record<string, unknown>>, held: WizScenario): Resolved {
  const [root] = document.selections.fields;
  if (root?.fields === undefined) return { message: 'the document selects nothing', code: 'BAD_USER_INPUT' };
  const given = argumentsOf(document, root, variables);
  const answer =
    root.name === 'issue' || root.name === 'cloudEvent' ? single(root.name, given) : listed(root.name, given);
  if ('message' in answer) return { ...answer, data: { [root.name]: null } };
  return { data: { [root.name]: project(answer.value, root.fields) } };

  function single(name: 'issue' | 'cloudEvent', { id }: Readonly<Record<string, Json>>): Found {
    const records = name === 'issue' ? held.issues : held.cloudEvents;
    const record = records.find((one) => one['id'] === id);
    const kind = name === 'issue' ? 'service issue' : 'cloud event';
    return record ? { value: record } : { message: `id must be a valid ${kind} id`, code: 'BAD_USER_INPUT' };
  }

  function listed(name: string, { filterBy, first, after, query }: Readonly<Record<string, Json>>): Found {
    const filter = isRecord(filterBy) ? filterBy : {};
    const unknown = Object.keys(filter).find((key) => !FILTERS[name]?.includes(key));
    if (unknown !== undefined)
      return { message: `Field "${unknown}" is not defined by the filter of ${name}.`, code: 'BAD_USER_INPUT' };
    if (first !== undefined && first !== null && !(Number(first) >= 1 && Number(first) <= MAX_PAGE)) {
      return { message: `first must be 1 to ${MAX_PAGE}`, code: 'BAD_USER_INPUT' };
    }
    const found = recordsOf(name, filter, query);
    const start = typeof after === 'string' ? Number(after) : 0;
    const end = start + Number(first ?? 50);
    return {
      value: {
        nodes: found.slice(start, end),
        pageInfo: { hasNextPage: end < found.length, endCursor: end < found.length ? String(end) : null },
        totalCount: found.length,
      },
    };
  }

  function recordsOf(name: string, filter: WizRecord, query: Json): readonly WizRecord[] {
    switch (name) {
      case 'issuesV2':
        return held.issues.filter(
          (issue) =>
            equals(filter, ['relatedEntity', 'id'], at(issue, ['entitySnapshot', 'id'])) &&
            among(filter['status'], issue['status']) &&
            within(filter['statusChangedAt'], issue['statusChangedAt'] ?? issue['createdAt']),
        );
      case 'detections': {
        const types = at(filter, ['type', 'equals']);
        return held.detections.filter(
          (one) =>
            // Any filter narrows the list to generated threats unless both types are named.
            (Object.keys(filter).length === 0 || among(types ?? ['GENERATED_THREAT'], one['type'])) &&
            among(at(filter, ['id', 'equals']), one['id']) &&
            equals(filter, ['issueId'], at(one, ['issue', 'id'])) &&
            within(filter['updatedAt'], one['updatedAt']),
        );
      }
      case 'vulnerabilityFindings':
        return held.vulnerabilityFindings.filter(
          (one) =>
            among(filter['assetId'], at(one, ['vulnerableAsset', 'id'])) &&
            among(filter['status'], one['status'] ?? 'OPEN'),
        );
      case 'networkExposures':
        return held.networkExposures.filter((one) =>
          among(at(filter, ['exposedEntity', 'id']), at(one, ['exposedEntity', 'id'])),
        );
      case 'configurationFindings':
        return held.configurationFindings.filter(
          (one) =>
            among(at(filter, ['resource', 'id']), at(one, ['resource', 'id'])) &&
            among(filter['result'], one['result']),
        );
      case 'graphSearch':
        return held.graph.filter((one) => JSON.stringify(one['query']) === JSON.stringify(query));
      default:
        return list(name, held);
    }
  }
}

/** The arguments of a field with the variables filled in. */
export function argumentsOf(
  document: Document,
  { args }: Selection,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, Json>> {
  const filledIn = (value: Value): Json => {
    if ('variable' in value) {
      const fallback = document.defaults[value.variable];
      return variables[value.variable] ?? (fallback ? filledIn(fallback) : undefined);
    }
    if ('list' in value) return value.list.map(filledIn);
    if ('object' in value)
      return Object.fromEntries(Object.entries(value.object).map(([key, of]) => [key, filledIn(of)]));
    return value.literal;
  };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, filledIn(value)]));
}

type Found = { readonly value: WizRecord } | { readonly message: string; readonly code: string };

function list(name: string, held: WizScenario): readonly WizRecord[] {
  const known: WizList = name === 'securityFrameworks' ? 'securityFrameworks' : 'graph';
  return held[known];
}

/** Whether the filter, if it names something there, names this. */
function equals(filter: WizRecord, path: readonly string[], value: unknown): boolean {
  const wanted = at(filter, path);
  return wanted === undefined || wanted === null || wanted === value;
}

/** Whether a time lies within `{after, before}`, if the filter has one. */
function within(range: unknown, time: unknown): boolean {
  if (!isRecord(range) || typeof time !== 'string') return true;
  const [after, before] = [range['after'], range['before']].map((end) =>
    typeof end === 'string' ? Date.parse(end) : undefined,
  );
  return (after === undefined || Date.parse(time) >= after) && (before === undefined || Date.parse(time) <= before);
}

function among(wanted: unknown, value: unknown): boolean {
  return !Array.isArray(wanted) || wanted.includes(value);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

/** Only what was selected, nulls for what the record does not have. */
export function project(value: unknown, selections: Selections): unknown {
  if (Array.isArray(value)) return value.map((item) => project(item, selections));
  if (!isRecord(value)) return value ?? null;
  const own = selections.fields.map(({ name, fields }) => {
    const inner = value[name] ?? null;
    return [name, fields === undefined ? inner : project(inner, fields)] as const;
  });
  const more = selections.fragments.flatMap(({ selections: fragment }) => {
    const part = project(value, fragment);
    return isRecord(part) ? Object.entries(part) : [];
  });
  return Object.fromEntries([...own, ...more]);
}

function isRecord(value: unknown): value is WizRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
