import * as z from 'zod';

/** What a Jira site holds before anything happens. Names and credentials are invented. */
export const jiraScenarioSchema = z.strictObject({
  email: z.email(),
  apiToken: z.string().min(1),
  projects: z.array(
    z.strictObject({
      key: z.string(),
      issueTypes: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    }),
  ),
  issues: z
    .array(
      z.strictObject({
        project: z.string(),
        issueTypeId: z.string(),
        summary: z.string(),
        labels: z.array(z.string()),
      }),
    )
    .default([]),
});
export type JiraScenario = z.infer<typeof jiraScenarioSchema>;
