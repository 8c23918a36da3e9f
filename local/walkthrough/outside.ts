import * as z from 'zod';
import type { PlannedAction } from '../../domain/actions/action.ts';
import type { Outcome, Publication } from '../../domain/incident/incident.ts';
import { outcomeWords } from '../../domain/publish/words.ts';
import { visit } from '../laptop/visit.ts';
import type { Sandbox } from '../sandbox/start.ts';
import { type ClusterView, clusterSchema } from './cluster-view.ts';
import { workloadEffect } from './outside-workloads.ts';
import { type Step, step } from './step.ts';

const jiraSchema = z.object({
  issues: z.array(
    z.object({
      key: z.string(),
      summary: z.string(),
      description: z.unknown().optional(),
      comments: z.array(z.object({ body: z.unknown().optional() })),
    }),
  ),
});
const slackSchema = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      /** The message in whose thread it is. */
      thread: z.object({ ts: z.string(), broadcast: z.boolean() }).optional(),
      text: z.string(),
      blocks: z.unknown().optional(),
      updates: z.number(),
    }),
  ),
});

export type { ClusterView };

/** What the cluster holds now, read over TLS as anybody could. */
export async function clusterView(sandbox: Sandbox): Promise<ClusterView> {
  const { caPem } = sandbox.credentials.kubernetes;
  return clusterSchema.parse(await viewOf(`${sandbox.kubernetes.url}/_sandbox/kubernetes`, caPem));
}

export async function jiraView(sandbox: Sandbox): Promise<z.infer<typeof jiraSchema>> {
  return jiraSchema.parse(await viewOf(`${sandbox.http.url}/_sandbox/jira`));
}

export async function slackView(sandbox: Sandbox): Promise<z.infer<typeof slackSchema>> {
  return slackSchema.parse(await viewOf(`${sandbox.http.url}/_sandbox/slack`));
}

async function viewOf(address: string, ca?: string): Promise<unknown> {
  const answer = await visit(address, ca === undefined ? {} : { ca });
  if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`);
  return JSON.parse(answer.body);
}

/** Whether what was approved holds in the cluster. */
export function effectOf({ prepared }: PlannedAction, cluster: ClusterView): readonly Step[] {
  const { action, target } = prepared;
  if (target.system !== 'kubernetes') return [step('the effect is looked at', false, `nothing looks at ${action} yet`)];
  switch (action) {
    case 'kubernetes.quarantine-pod':
      return quarantineEffect(target.uid, target.namespace ?? '', cluster);
    case 'kubernetes.remove-role-binding':
      return bindingEffect(target.name, target.uid, cluster);
    default:
      return workloadEffect(prepared, target, cluster);
  }
}

const QUARANTINE = 'parapet.io/quarantine';

function quarantineEffect(uid: string, namespace: string, cluster: ClusterView): readonly Step[] {
  const pod = cluster.pods.find((candidate) => candidate.uid === uid);
  const label = pod?.labels[QUARANTINE];
  const policy = cluster.networkPolicies.find(
    ({ metadata, spec }) => metadata.namespace === namespace && spec.podSelector.matchLabels[QUARANTINE] === label,
  );
  const { policyTypes = [], ingress = [], egress = [] } = policy?.spec ?? {};
  const denies =
    policyTypes.includes('Ingress') && policyTypes.includes('Egress') && ingress.length + egress.length === 0;
  const services = cluster.endpointSlices
    .filter(({ endpoints }) => endpoints.some(({ targetRef }) => targetRef.uid === uid))
    .map(({ service }) => service ?? 'a service');
  return [
    step(
      'the pod is still there, for forensics, under the quarantine label',
      label !== undefined,
      `${pod?.name ?? 'no pod'}: ${QUARANTINE}=${label ?? '(absent)'}`,
    ),
    step(
      'a NetworkPolicy denies that label all traffic, in and out',
      label !== undefined && denies,
      policy ? `${policy.metadata.name}: ${policyTypes.join(' and ')}, no rule` : 'no policy selects the label',
    ),
    step(
      'no EndpointSlice leads to the pod any more',
      services.length === 0,
      services.length === 0 ? 'in none' : `still in ${services.join(', ')}`,
    ),
  ];
}

function bindingEffect(name: string, uid: string, cluster: ClusterView): readonly Step[] {
  const left = [...cluster.clusterRoleBindings, ...cluster.roleBindings].filter(
    ({ metadata }) => metadata.name === name || metadata.uid === uid,
  );
  return [step(`the binding ${name} is gone`, left.length === 0, left.length === 0 ? 'not found' : 'still there')];
}

/** Ticket and message say how it ended. */
export async function publishedSteps(
  sandbox: Sandbox,
  publications: readonly Publication[],
  outcome: Outcome,
): Promise<readonly Step[]> {
  const ending = outcomeWords(outcome);
  const idOf = (destination: Publication['destination']) =>
    publications.find((publication) => publication.destination === destination)?.remoteId;
  const [jira, slack] = await Promise.all([jiraView(sandbox), slackView(sandbox)]);
  const issue = jira.issues.find(({ key }) => key === idOf('ticket'));
  const description = JSON.stringify(issue?.description ?? '');
  const comment = JSON.stringify(issue?.comments.at(-1)?.body ?? '');
  const message = slack.messages.find(({ ts }) => idOf('chat')?.includes(ts));
  const shown = JSON.stringify(message?.blocks ?? '') + (message?.text ?? '');
  return [
    step(
      'the Jira issue tells the analysis with the record each sentence stands on',
      /\[E\d+\]/.test(description),
      issue ? `${issue.key}: ${issue.summary}` : 'no issue',
    ),
    step(
      'its last comment tells the outcome',
      comment.includes(ending),
      comment === '""' ? 'no comment' : `comment ${issue?.comments.length}`,
    ),
    step(
      'the Slack message was brought up to date instead of posted again',
      (message?.updates ?? 0) > 0 && shown.includes(ending) && slack.messages.length === 1,
      `${slack.messages.length} message, ${message?.updates ?? 0} updates`,
    ),
  ];
}
