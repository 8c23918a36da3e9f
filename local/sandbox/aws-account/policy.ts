/** A statement of IAM as documents have it; `Action` and `Resource` as one word or a list. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>> | undefined;
}
export interface Policy {
  readonly Statement: readonly Statement[];
}

/** One call on one resource, with the condition keys AWS would fill in. A key that is absent has no value. */
export interface Access {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * The decision of IAM for a session: allowed by the role and, where there is one, by the policy of the session, and denied by
 * neither. Operators beside those below are refused, so that a policy the sandbox does not understand never passes.
 */
export function isAllowed(policies: readonly Policy[], access: Access): boolean {
  return policies.every((policy) => decisionOf(policy.Statement, access) === 'allowed');
}

export type IamDecision = 'allowed' | 'explicitDeny' | 'implicitDeny';

/** What statements that hold together say: a denial wins, and what nothing allows is denied. */
export function decisionOf(statements: readonly Statement[], access: Access): IamDecision {
  const matching = statements.filter((statement) => matches(statement, access));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'explicitDeny';
  return matching.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'implicitDeny';
}

/** Condition keys of the statements that would be about this call, and that nobody gave a value for. */
export function missingKeys(statements: readonly Statement[], access: Access): string[] {
  const about = statements.filter(({ Condition: _, ...rest }) => matches(rest, access));
  const keys = about.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap((one) => Object.keys(one)));
  return [...new Set(keys)].filter((key) => access.context[key] === undefined);
}

function matches({ Action, Resource, Condition }: Statement, { action, resource, context }: Access): boolean {
  return (
    list(Action).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    list(Resource).some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, list(context[key] ?? []), list(wanted))),
    )
  );
}

function holds(operator: string, given: readonly string[], wanted: readonly string[]): boolean {
  const fits = (value: string): boolean => wanted.some((one) => like(one, value));
  switch (operator) {
    case 'StringEquals':
    case 'ForAnyValue:StringEquals':
      return given.some((value) => wanted.includes(value));
    case 'ForAllValues:StringEquals':
      return given.every((value) => wanted.includes(value));
    case 'StringLike':
    case 'ArnEquals':
    case 'ArnLike':
      return given.some(fits);
    case 'Null':
      return wanted.includes('true') === (given.length === 0);
    default:
      throw new Error(`the sandbox does not evaluate the condition operator ${operator}`);
  }
}

export function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

export function like(pattern: string, value: string): boolean {
  const source = pattern.split('*').map((part) => part.split('?').map(escaped).join('.'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(value);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
