import { slack } from '../../connectors/chat/slack/client.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { minuteRate } from '../../connectors/store/minute-rate.ts';
import type { Analysis } from '../../domain/analysis/analysis.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { incidentIdFor } from '../../domain/incident/incident.ts';
import { workloadKey } from '../../domain/workload.ts';
import type { PostDigestDeps } from '../../functions/post-digest/deps.ts';
import type { PublishChatDeps } from '../../functions/publish-chat/publish-chat.ts';
import scenario from '../../local/sandbox/scenarios/crypto-miner/slack.json' with { type: 'json' };
import { serve } from '../../local/sandbox/serve.ts';
import { slackSandbox } from '../../local/sandbox/slack/slack.ts';
import { memoryDigestLine, memoryDigestPosts } from '../fakes/digest-stores.ts';
import { sampleWorkload } from '../fakes/findings.ts';
import { sampleConfiguration, sampleIncident } from '../fakes/planning.ts';
import { memorySecrets } from '../fakes/secrets.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../fakes/stores.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { memoryWatchStore } from '../fakes/watch-store.ts';
import { storyAnalysis, storyPack } from './asked-action.ts';

type Judged = Partial<Pick<Analysis, 'severity' | 'verdict' | 'headline'>>;

export interface PostedMessage {
  readonly ts: string;
  readonly text: string;
  readonly blocks: unknown;
  readonly metadata: { readonly event_type: string; readonly event_payload: Readonly<Record<string, string>> };
  readonly updates: number;
}

/**
 * A channel of the Slack sandbox, the stores in memory, and a clock that is turned by hand: what `publish-chat` and
 * `post-digest` need to tell of many incidents.
 */
export async function busyChannel({ perMinute }: { readonly perMinute: number }) {
  const sandbox = slackSandbox(scenario);
  const server = await serve({ systems: { slack: sandbox }, mount: 'prefix' });
  const clock = { at: Date.parse('2025-10-14T09:20:00.000Z') };
  const now = () => new Date(clock.at);
  const incidents = memoryIncidentStore();
  const line = memoryDigestLine(incidents);
  const posts = memoryDigestPosts();
  const audit = memoryAuditLog();
  const blobs = memoryBlobStore();
  const telemetry = recordingTelemetry();
  const client = slack({
    http: { ...realHttp, sleep: async () => undefined },
    secrets: memorySecrets({ 'parapet/slack': { botToken: scenario.botToken } }),
    settings: { baseUrl: `${server.url}/slack`, channel: 'C0PARAPET1', secret: 'parapet/slack' },
  });
  const keyOf = (incidentId: string, what: 'analysis' | 'pack') => `incidents/${incidentId}/${what}.json`;
  const analyse = async (incidentId: string, judged: Judged): Promise<void> => {
    await blobs.put(keyOf(incidentId, 'analysis'), JSON.stringify({ ...storyAnalysis(judged), incidentId }));
  };
  const shared = { incidents, audit, telemetry, now };
  /** As a process of its own: what a process remembers of a minute is its own too. */
  const publishing = (): PublishChatDeps => ({
    ...shared,
    config: sampleConfiguration({ rollout: [{ scope: {}, phase: 'assist' }] }),
    blobs,
    watches: memoryWatchStore(),
    line,
    rate: minuteRate({ count: (at) => line.countInMinute(at), perMinute, now }),
    chat: { system: 'slack', slack: client },
  });
  const posting: PostDigestDeps = {
    ...shared,
    line,
    posts,
    chat: { system: 'slack', slack: client, messagesPerMinute: perMinute },
  };
  return {
    ...shared,
    line,
    posts,
    blobs,
    clock,
    server,
    publishing,
    posting,
    analyse,
    /** An incident of the workload in namespace `name`, analysed. */
    async open(name: string, { severity = 'low', verdict = 'suspicious', headline }: Judged = {}): Promise<string> {
      const workload = sampleWorkload(name);
      const incidentId = incidentIdFor(workloadKey(workload), 1);
      await blobs.put(keyOf(incidentId, 'pack'), JSON.stringify({ ...storyPack(), incidentId, workload }));
      await analyse(incidentId, {
        severity,
        verdict,
        headline: headline ?? `Suspicious: interactive shell in ${name}`,
      });
      const analysed = { analysis: keyOf(incidentId, 'analysis'), pack: keyOf(incidentId, 'pack') };
      incidents.seed(
        sampleIncident({ incidentId, workload, workloadKey: workloadKey(workload), severity, blobs: analysed }),
      );
      return incidentId;
    },
    /** What `conclude` leaves. */
    async conclude(incidentId: string, outcome: NonNullable<Incident['outcome']>): Promise<void> {
      await incidents.update(incidentId, {
        status: outcome === 'failed' ? 'failed' : 'concluded',
        outcome,
        times: { concluded: now().toISOString() },
      });
    },
    messages(): readonly PostedMessage[] {
      const view: { messages: PostedMessage[] } = JSON.parse(JSON.stringify(sandbox.view()));
      return view.messages;
    },
    async chatOf(incidentId: string) {
      return (await incidents.publications(incidentId)).find(({ destination }) => destination === 'chat');
    },
    async saidOf(incidentId: string) {
      return (await audit.read(incidentId)).map(({ actor, kind, data }) => [
        actor.id,
        kind,
        data['stage'],
        data['state'],
      ]);
    },
  };
}
export type BusyChannel = Awaited<ReturnType<typeof busyChannel>>;
