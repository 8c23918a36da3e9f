import * as z from 'zod';

/** The integration user's credential: Basic `email:apiToken`. The token is sent as it is, so control characters are refused. */
export const jiraSecretSchema = z.object({
  email: z.email(),
  apiToken: z.string().regex(/^[\x21-\x7e]+$/),
});
export type JiraSecret = z.infer<typeof jiraSecretSchema>;

/** `ABC-123`: what we put into paths, so nothing else may come back as one. */
export const issueKeySchema = z.string().regex(/^[A-Z][A-Z0-9_]+-\d+$/);

/** Only what we rely on; the answers hold much more. */
export const createdIssueSchema = z.object({ id: z.string(), key: issueKeySchema });
export const searchAnswerSchema = z.lazy(() =>
  z.object({
    issues: z.array(z.object({ key: issueKeySchema, fields: z.object({ labels: z.array(z.string()) }) })),
  }),
);
export const commentsSchema = z.lazy(() =>
  z.object({
    comments: z.array(z.object({ id: z.string(), body: z.unknown() })),
  }),
);
