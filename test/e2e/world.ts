import { inject } from 'vitest';
import { authorizationFor, post } from '../../cli/commands/send.ts';
import { type Connection, connectToRun } from '../../cli/context.ts';
import { readRunFile } from '../../cli/run-file.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { sentMails } from '../../local/emulator/mail.ts';
import { visit } from '../../local/laptop/visit.ts';
import { waitFor } from '../../local/laptop/wait.ts';
import type { Misbehaviour } from '../../local/sandbox/system.ts';
import { type ApprovalPage, linksOf, openPage } from '../../local/walkthrough/approver.ts';
import type { Story } from './stories.ts';

/** The running stack as a test sees it: from the outside, over the same doors people and vendors use. */
export interface World {
  readonly connection: Connection;
  readonly endpoint: string;
  /** Posts a webhook and answers its status. */
  send(body: Uint8Array): Promise<number>;
  /** The incident of a story's pod, as soon as it is in one of these states. */
  incidentOf(story: Story, ...statuses: readonly Incident['status'][]): Promise<Incident>;
  incidentsOf(story: Story): Promise<readonly Incident[]>;
  approvals(incidentId: string, count: number): Promise<readonly Approval[]>;
  /** The link that was mailed to a person about an approval. */
  link(approval: Approval, mail: string): Promise<string>;
  page(approval: Approval, mail?: string): Promise<ApprovalPage>;
  approval(approval: Approval): Promise<Approval>;
  clusterView(): Promise<unknown>;
  misbehave(rule: Misbehaviour): Promise<void>;
  /** Ends every fault of the vendors that is left, so that no later test meets it. */
  behave(): Promise<void>;
}

export const ADA = 'ada@example.com';
export const GRACE = 'grace@example.com';

export async function openWorld(): Promise<World> {
  const run = readRunFile({ PARAPET_RUN: inject('runFile') });
  if (!run) throw new Error('the run under test has no run file');
  const connection = connectToRun(run);
  const ca = inject('clusterCa');
  const webhook = await authorizationFor(connection, 'prisma-cloud-compute');
  const incidentsOf = async (story: Story): Promise<readonly Incident[]> =>
    (await connection.incidents.list({ limit: 500 })).filter(
      ({ workload }) => workload.kind === 'pod' && workload.namespace === story.namespace,
    );
  const link = (approval: Approval, mail: string): Promise<string> =>
    waitFor(
      `the mail about ${approval.approvalId} to ${mail}`,
      async () => {
        const mine = (await sentMails(run.endpoint)).filter(({ to }) => to.includes(mail));
        return mine.flatMap(linksOf).find((found) => new URL(found).pathname.endsWith(approval.approvalId));
      },
      { withinMs: 30_000 },
    );
  return {
    connection,
    endpoint: run.endpoint,
    send: async (body) => (await post(webhook, body)).status,
    incidentsOf,
    incidentOf: (story, ...statuses) =>
      waitFor(
        `an incident in ${story.namespace} that is ${statuses.join(' or ')}`,
        async () => (await incidentsOf(story)).find(({ status }) => statuses.includes(status)),
        { withinMs: 100_000 },
      ),
    approvals: (incidentId, count) =>
      waitFor(
        `${count} approvals of ${incidentId}`,
        async () => {
          const found = await connection.approvals.forIncident(incidentId);
          return found.length >= count ? found : undefined;
        },
        { withinMs: 60_000 },
      ),
    link,
    page: async (approval, mail = ADA) => await openPage(await link(approval, mail)),
    approval: async ({ approvalId, incidentId }) => {
      const found = (await connection.approvals.forIncident(incidentId)).find((one) => one.approvalId === approvalId);
      if (!found) throw new Error(`approval ${approvalId} is gone`);
      return found;
    },
    clusterView: async () => {
      const { body } = await visit(`${run.sandbox.kubernetes}/_sandbox/kubernetes`, { ca });
      return JSON.parse(body);
    },
    misbehave: async (rule) => {
      const kubernetes = rule.system === 'kubernetes';
      const base = kubernetes ? run.sandbox.kubernetes : run.sandbox.http;
      const answer = await visit(`${base}/_sandbox/misbehave`, {
        method: 'POST',
        body: JSON.stringify(rule),
        ...(kubernetes ? { ca } : {}),
      });
      if (answer.status !== 200) throw new Error(`the sandbox refused the fault: ${answer.body}`);
    },
    behave: async () => {
      await visit(`${run.sandbox.http}/_sandbox/misbehave`, { method: 'DELETE' });
    },
  };
}
