import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const statementSchema = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMany,
  Resource: z.unknown().transform((value) => (Array.isArray(value) ? value : [value]).map(render)),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
export type Statement = z.infer<typeof statementSchema>;

const policySchema = z.object({
  Properties: z.object({
    PolicyDocument: z.object({ Statement: z.array(statementSchema) }),
    Roles: z.array(z.unknown().transform(render)),
  }),
  Metadata: z
    .object({ cdk_nag: z.object({ rules_to_suppress: z.array(z.object({ id: z.string(), reason: z.string() })) }) })
    .partial()
    .optional(),
});

export interface Policy {
  readonly logicalId: string;
  readonly roles: readonly string[];
  readonly statements: readonly Statement[];
  /** Accepted findings by rule. */
  readonly accepted: ReadonlyMap<string, string>;
}

export function policiesOf(template: Template): Policy[] {
  return Object.entries(template.findResources('AWS::IAM::Policy')).map(([logicalId, resource]) => {
    const { Properties, Metadata } = policySchema.parse(resource);
    const rules = Metadata?.cdk_nag?.rules_to_suppress ?? [];
    return {
      logicalId,
      roles: Properties.Roles,
      statements: Properties.PolicyDocument.Statement,
      accepted: new Map(rules.map(({ id, reason }) => [id, reason])),
    };
  });
}

/** Statements of each function's role, by verb. */
export function statementsByVerb(template: Template): ReadonlyMap<string, readonly Statement[]> {
  const policies = policiesOf(template);
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  return new Map(
    functions.map(({ Properties }) => {
      const role = render(Properties.Role).replace(/\.Arn$/, '');
      const own = policies.filter(({ roles }) => roles.includes(role)).flatMap(({ statements }) => statements);
      return [verbOf(Properties.FunctionName), own];
    }),
  );
}

export function verbOf(functionName: unknown): string {
  return String(functionName).replace(/^parapet-/, '');
}

/** Resource names as a person would write them: `Table.Arn`, `Bucket.Arn/incidents/*`. */
export function render(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(render).join('');
  if (value === null || typeof value !== 'object') return String(value);
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? ['', ''];
  if (name === 'Ref') return String(argument);
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return argument.join('.');
  if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
    return argument[1].map(render).join(String(argument[0]));
  }
  return JSON.stringify(value);
}
