import * as z from 'zod';
import { visit } from '../laptop/visit.ts';
import type { Sandbox } from '../sandbox/start.ts';

const accountViewSchema = z.object({
  users: z.array(z.object({ name: z.string(), keys: z.array(z.object({ id: z.string(), status: z.string() })) })),
  roles: z.array(z.object({ name: z.string(), inline: z.record(z.string(), z.string()) })),
  instances: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      interfaces: z.array(z.object({ id: z.string(), groups: z.array(z.string()) })),
    }),
  ),
  groups: z.array(z.object({ id: z.string(), inbound: z.number(), outbound: z.number() })),
  scalingGroups: z.array(
    z.object({
      name: z.string(),
      desired: z.number(),
      members: z.array(z.object({ instance: z.string(), state: z.string() })),
    }),
  ),
  snapshots: z.array(z.object({ id: z.string() })),
  sessions: z.array(
    z.object({ role: z.string(), sourceIdentity: z.string().optional(), tags: z.record(z.string(), z.string()) }),
  ),
});
export type AccountView = z.infer<typeof accountViewSchema>;

/** What the AWS account of the scenario holds now, and every session that was given in it. */
export async function accountView(sandbox: Sandbox): Promise<AccountView> {
  const { status, body } = await visit(`${sandbox.http.url}/_sandbox/aws-account`);
  if (status !== 200) throw new Error(`the account answered ${status}`);
  return accountViewSchema.parse(JSON.parse(body));
}
