import * as z from 'zod';

/** The name the console uses too, so that the two never stand beside each other. */
export const REVOKE_POLICY = 'AWSRevokeOlderSessions';

/** Stands for the moment of execution in the planned request: sessions issued while people decide are cut off, too. */
export const MOMENT_OF_EXECUTION = '{moment of execution}';

/** The one document that is ever put: it can only deny. */
export function revocation(issuedBefore: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: ['*'],
        Resource: ['*'],
        Condition: { DateLessThan: { 'aws:TokenIssueTime': issuedBefore } },
      },
    ],
  });
}

const star = z.union([z.literal('*'), z.tuple([z.literal('*')])]);
const documentSchema = z.lazy(() =>
  z.strictObject({
    Version: z.string().optional(),
    Statement: z.preprocess(
      (value) => (Array.isArray(value) ? value : [value]),
      z.tuple([
        z.strictObject({
          Sid: z.string().optional(),
          Effect: z.literal('Deny'),
          Action: star,
          Resource: star,
          Condition: z.strictObject({
            DateLessThan: z.strictObject({
              'aws:TokenIssueTime': z.union([z.iso.datetime(), z.tuple([z.iso.datetime()]).transform(([at]) => at)]),
            }),
          }),
        }),
      ]),
    ),
  }),
);

/** Before when sessions must have been issued to be denied; undefined when the document is anything but that. */
export function cutOffIn(document: string): string | undefined {
  try {
    const parsed = documentSchema.safeParse(JSON.parse(document));
    return parsed.success ? parsed.data.Statement[0].Condition.DateLessThan['aws:TokenIssueTime'] : undefined;
  } catch {
    // No JSON is no revocation.
    return undefined;
  }
}

const denyAllSchema = z.lazy(() =>
  z.object({
    Statement: z.preprocess(
      (value) => (Array.isArray(value) ? value : [value]),
      z.array(z.object({ Effect: z.string() }).catchall(z.unknown())).min(1),
    ),
  }),
);

/** Whether a policy denies everything, without a condition and without allowing anything beside it. */
export function deniesAll(document: string): boolean {
  try {
    const parsed = denyAllSchema.safeParse(JSON.parse(document));
    if (!parsed.success) return false;
    const statements = parsed.data.Statement;
    return (
      statements.every(({ Effect }) => Effect === 'Deny') &&
      statements.some(
        (one) =>
          star.safeParse(one['Action']).success &&
          star.safeParse(one['Resource']).success &&
          one['Condition'] === undefined,
      )
    );
  } catch {
    // No JSON denies nothing.
    return false;
  }
}
