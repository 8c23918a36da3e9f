import * as z from 'zod';
import type { Configuration } from '../../../domain/config/schema.ts';
import type { Laptop } from '../../laptop/laptop.ts';
import { visit } from '../../laptop/visit.ts';
import { WRITERS } from '../../sandbox/writers.ts';
import { clusterView } from '../outside.ts';
import { type Step, step } from '../step.ts';
import type { Plot } from './plot.ts';
import { changesSent, decideAll, endsAs, openIncident, questionsOf, sameCluster } from './scenes.ts';

const ACTION = 'prisma-cloud-compute.acknowledge-incident';

const viewSchema = z.object({
  incidents: z.array(z.object({ _id: z.string(), acknowledged: z.boolean().optional() })),
});

/** Nothing is contained: people only tell the readers of the console that somebody works on it. */
export const acknowledge: Plot = {
  what: 'the incident is acknowledged at the console of Compute, which contains nothing and says so',
  adapt: withWriter,
  outcome: 'noted',
  async play(stage) {
    const { laptop } = stage;
    const cluster = await clusterView(laptop.sandbox);
    const before = await acknowledged(laptop);
    const { incidentId } = await openIncident(stage);
    const questions = await questionsOf({ ...stage, story: { ...stage.story, asked: [ACTION] } }, incidentId);
    const asked = await acknowledged(laptop);
    const decided = await decideAll(stage, questions, 'approved');
    const ended = await endsAs(stage, incidentId, this.outcome);
    const after = await acknowledged(laptop);
    return [
      step(
        'nothing is acknowledged while people are asked',
        before.length + asked.length === 0,
        asked.join(', ') || 'none',
      ),
      ...decided,
      ended,
      step('the console has acknowledged one incident', after.length === 1, after.join(', ') || 'none'),
      ...sentBy(laptop, after),
      await sameCluster(stage, cluster, 'after it'),
      step('no changing request was sent to the cluster', changesSent(stage).length === 0, 'only the console was told'),
    ];
  },
};

/** Only this action is asked about, with a credential of its own. */
function withWriter(sample: Configuration): Configuration {
  const compute = sample.sources['prisma-cloud-compute'];
  if (compute === undefined) throw new Error('the sample configuration has no console');
  const api = { ...compute.api, writeSecret: 'parapet/prisma-cloud-compute/write' };
  return {
    ...sample,
    sources: { ...sample.sources, 'prisma-cloud-compute': { ...compute, api } },
    actions: { [ACTION]: { gate: 'ask' } },
    approvals: { ...sample.approvals, linkMayApprove: [...sample.approvals.linkMayApprove, 'vendor'] },
    approvers: sample.approvers.map((approver) => ({
      ...approver,
      may: approver.may.map((right) => ({ ...right, actions: [ACTION] })),
    })),
  };
}

async function acknowledged({ sandbox }: Laptop): Promise<readonly string[]> {
  const { status, body } = await visit(`${sandbox.http.url}/_sandbox/compute`);
  if (status !== 200) throw new Error(`the console answered ${status}`);
  return viewSchema
    .parse(JSON.parse(body))
    .incidents.filter((one) => one.acknowledged === true)
    .map(({ _id }) => _id);
}

/** One request, and it came with the credential that may answer: the one that reads would have been refused. */
function sentBy({ sandbox }: Laptop, incidents: readonly string[]): readonly Step[] {
  const console = sandbox.http.calls.filter(({ system }) => system === 'compute');
  const writes = console.filter(({ method }) => method === 'PATCH');
  const logIns = console.filter(
    ({ path, body }) => path.endsWith('/authenticate') && body.includes(WRITERS['prisma-cloud-compute'].username),
  );
  const sent = writes.map(({ path, body }) => `${path} ${body}`);
  return [
    step(
      'one request changed it, about that incident',
      writes.length === 1 && sent[0]?.endsWith(`/${incidents[0]} {"acknowledged":true}`) === true,
      sent.join(', ') || 'none',
    ),
    step('it came with the writing credential', logIns.length > 0, `${logIns.length} log-ins with it`),
  ];
}
