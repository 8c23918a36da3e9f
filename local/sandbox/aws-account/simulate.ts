import type { IamCall } from './iam-call.ts';
import { decisionOf, missingKeys, type Statement } from './policy.ts';
import { type AccountState, arnOfPrincipal } from './state.ts';
import { AwsFault, type Form, numberedIn, page, required, type Xml } from './wire.ts';

/**
 * iam:SimulatePrincipalPolicy, answered from the policies that are recorded for the role now. One result for each call, with
 * one for each resource in it where there are several, as IAM writes it. Roles of other accounts are unknown to it.
 */
export function simulatePrincipalPolicy({ state, form, allow }: IamCall): { readonly [name: string]: Xml } {
  const source = required(form, 'PolicySourceArn');
  allow('iam:SimulatePrincipalPolicy', source);
  const role = state.roles.find((one) => arnOfPrincipal(state.id, 'role', one) === source);
  if (role === undefined) throw new AwsFault('NoSuchEntity', `The principal ${source} cannot be found.`, 404);
  const actions = numberedIn(form, 'ActionNames.member');
  if (actions.length === 0) throw new AwsFault('ValidationError', 'ActionNames must not be empty');
  const named = numberedIn(form, 'ResourceArns.member');
  const resources = named.length === 0 ? ['*'] : named;
  const statements = statementsOf(state, role);
  const context = contextIn(form);
  const results = actions.map((action): Xml => {
    const each = resources.map((resource) => {
      const access = { action, resource, context };
      return { resource, decision: decisionOf(statements, access), missing: missingKeys(statements, access) };
    });
    const whole = each.every(({ decision }) => decision === 'allowed')
      ? 'allowed'
      : each.some(({ decision }) => decision === 'explicitDeny')
        ? 'explicitDeny'
        : 'implicitDeny';
    return {
      EvalActionName: action,
      EvalResourceName: resources.length === 1 ? resources[0] : '*',
      EvalDecision: whole,
      MissingContextValues: resources.length === 1 ? each[0]?.missing : [],
      ResourceSpecificResults:
        resources.length === 1
          ? []
          : each.map(({ resource, decision, missing }) => ({
              EvalResourceName: resource,
              EvalResourceDecision: decision,
              MissingContextValues: missing,
            })),
    };
  });
  const { items, next } = page(results, form['Marker']);
  return { EvaluationResults: items, IsTruncated: next !== undefined, Marker: next };
}

/** A role's inline and managed policies hold together. */
function statementsOf(state: AccountState, role: AccountState['roles'][number]): readonly Statement[] {
  const documents: unknown[] = [
    ...Object.values(role.inline).map((text): unknown => JSON.parse(text)),
    ...role.attached.map((arn) => state.managedPolicies[arn]),
  ];
  return documents.flatMap((document) => (isPolicy(document) ? document.Statement : []));
}

function isPolicy(document: unknown): document is { readonly Statement: readonly Statement[] } {
  return (
    typeof document === 'object' && document !== null && 'Statement' in document && Array.isArray(document.Statement)
  );
}

function contextIn(form: Form): Record<string, readonly string[]> {
  const numbers = Object.keys(form).flatMap(
    (name) => /^ContextEntries\.member\.(\d+)\.ContextKeyName$/.exec(name)?.[1] ?? [],
  );
  return Object.fromEntries(
    numbers.map((number) => {
      const entry = `ContextEntries.member.${number}`;
      required(form, `${entry}.ContextKeyType`);
      return [required(form, `${entry}.ContextKeyName`), numberedIn(form, `${entry}.ContextKeyValues.member`)];
    }),
  );
}
