import * as z from 'zod';
import { list } from '../../targets/aws/schema.ts';
import type { AwsClient } from '../../targets/aws/wire/client.ts';
import { GLOBAL, numbered, type Parameters, queryCall } from '../../targets/aws/wire/request.ts';
import { parseXml } from '../../targets/aws/wire/xml.ts';
import { TargetError } from '../../targets/errors.ts';
import type { Question } from './needed.ts';

/** A plan has a handful of calls; more pages than this is an answer that never ends. */
const MAX_PAGES = 20;

const flag = z.enum(['true', 'false']).optional();
const missingKeys = z.lazy(() => list(z.string(), 'member'));
const resultSchema = z.lazy(() =>
  z.object({
    EvalActionName: z.string(),
    EvalResourceName: z.string().default('*'),
    EvalDecision: z.string(),
    MissingContextValues: missingKeys,
    OrganizationsDecisionDetail: z.object({ AllowedByOrganizations: flag }).optional(),
    PermissionsBoundaryDecisionDetail: z.object({ AllowedByPermissionsBoundary: flag }).optional(),
    ResourceSpecificResults: list(
      z.object({
        EvalResourceName: z.string(),
        EvalResourceDecision: z.string(),
        MissingContextValues: missingKeys,
        PermissionsBoundaryDecisionDetail: z.object({ AllowedByPermissionsBoundary: flag }).optional(),
      }),
      'member',
    ),
  }),
);
const pageSchema = z.lazy(() =>
  z.object({
    SimulatePrincipalPolicyResponse: z.object({
      SimulatePrincipalPolicyResult: z.object({
        EvaluationResults: list(resultSchema, 'member'),
        IsTruncated: flag,
        Marker: z.string().optional(),
      }),
    }),
  }),
);

/** What IAM says about one call on one resource. */
export interface Evaluation {
  readonly action: string;
  readonly resource: string;
  readonly decision: string;
  /** Condition keys the decision depends on and that were not given. */
  readonly missing: readonly string[];
}

/** Every page of iam:SimulatePrincipalPolicy, or an error: half an answer may lack the denial. @throws TargetError */
export async function simulate(client: AwsClient, role: string, question: Question): Promise<readonly Evaluation[]> {
  const all: Evaluation[] = [];
  let marker: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const call = queryCall('iam', GLOBAL, 'SimulatePrincipalPolicy', {
      ...formOf(role, question),
      ...(marker === undefined ? {} : { Marker: marker }),
    });
    const { text } = await client.send(call, { use: 'read' });
    const answer = pageSchema.safeParse(parseXml(text));
    if (!answer.success) {
      throw new TargetError('unusable', `${call.name} answered in a shape we cannot read`, { cause: answer.error });
    }
    const { EvaluationResults, IsTruncated, Marker } =
      answer.data.SimulatePrincipalPolicyResponse.SimulatePrincipalPolicyResult;
    all.push(...EvaluationResults.flatMap(evaluationsIn));
    if (IsTruncated !== 'true') return all;
    if (!Marker) throw new TargetError('unusable', `${call.name} has more and does not say where`);
    marker = Marker;
  }
  throw new TargetError('unusable', `iam:SimulatePrincipalPolicy has more than ${MAX_PAGES} pages`);
}

function formOf(role: string, { actions, resources, context }: Question): Parameters {
  return {
    PolicySourceArn: role,
    ...numbered('ActionNames.member', actions),
    ...numbered('ResourceArns.member', resources),
    ...Object.fromEntries(
      context.flatMap(({ key, values, several }, index) => {
        const entry = `ContextEntries.member.${index + 1}`;
        return [
          [`${entry}.ContextKeyName`, key],
          [`${entry}.ContextKeyType`, several ? 'stringList' : 'string'],
          ...Object.entries(numbered(`${entry}.ContextKeyValues.member`, values)),
        ];
      }),
    ),
  };
}

/**
 * The answer for the whole and those for single resources, each as one evaluation. What an organisation or a boundary does
 * not allow is denied, also where the decision itself does not say so.
 */
function evaluationsIn(result: z.infer<typeof resultSchema>): readonly Evaluation[] {
  const byOrganisation = result.OrganizationsDecisionDetail?.AllowedByOrganizations;
  const whole = result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary;
  const decided = (decision: string, boundary: typeof whole): string => {
    if (decision !== 'allowed') return decision;
    if (byOrganisation === 'false') return 'not allowed by the organisation';
    return boundary === 'false' ? 'not allowed by the permissions boundary' : decision;
  };
  const action = result.EvalActionName;
  return [
    {
      action,
      resource: result.EvalResourceName,
      decision: decided(result.EvalDecision, whole),
      missing: result.MissingContextValues,
    },
    ...result.ResourceSpecificResults.map((one) => ({
      action,
      resource: one.EvalResourceName,
      decision: decided(
        one.EvalResourceDecision,
        one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary ?? whole,
      ),
      missing: one.MissingContextValues,
    })),
  ];
}
