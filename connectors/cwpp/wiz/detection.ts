import { present } from '../../../domain/ocsf/present.ts';
import type { Resource, SeenEvent, SeenProcess, WizAlert } from './alert.ts';
import type { DetectionBody, EventBody, ProcessBody, ResourceBody } from './schema.ts';
import { resourceOf } from './threat.ts';
import { withoutMarkers } from './words.ts';

const MAX_EVENTS = 20;

/** Detection webhook (Wiz Defend, Runtime Sensor). */
export function detectionAlert(body: DetectionBody, id: string): WizAlert {
  const { trigger } = body;
  const account = body.cloudAccounts[0];
  const resources = resourcesOf(body).map((resource) => ({
    ...resource,
    account: resource.account ?? account?.externalId,
    accountName: resource.accountName ?? account?.name,
    platform: resource.platform ?? account?.cloudPlatform ?? account?.cloudProvider,
  }));
  const events = eventsOf(body);
  const actor = actorOf(body);
  return {
    record: 'detection',
    id,
    issueId: body.threatId,
    title: body.title ?? `Wiz detection ${id}`,
    description: withoutMarkers(body.description ?? body.triggeringEvents[0]?.description),
    category: body.title ?? 'detection',
    rule: { id: body.tdrId, name: body.title },
    severities: [body.severity],
    times: [body.timeframe?.start, body.createdAt, body.timeframe?.end],
    created: body.createdAt,
    url: body.threatURL ?? body.detectionUrl,
    resources,
    actor,
    techniques: [...body.mitreTechniques, ...body.mitreTactics],
    events,
    projects: [],
    unmapped: present({
      detectionSource: body.tdrSource,
      threatId: body.threatId,
      windowEnd: body.timeframe?.end,
      triggerType: trigger.type,
    }),
    notes: [],
  };
}

/** The primary resource first, each once, with what any mention of it tells: inner ones may hold the id only. */
function resourcesOf(body: DetectionBody): Resource[] {
  const mentioned = [
    ...(body.primaryResource ? [body.primaryResource] : []),
    ...body.resources,
    ...body.triggeringEvents.flatMap(({ resources }) => resources),
  ];
  const byId = new Map<string, Resource>();
  for (const [index, mention] of mentioned.entries()) {
    const key = mention.id ?? mention.externalId ?? `#${index}`;
    byId.set(key, { ...present(resourceOf(mention)), ...byId.get(key) });
  }
  return [...byId.values()];
}

function actorOf(body: DetectionBody): Resource | undefined {
  const known = (actor: ResourceBody | undefined): Resource | undefined => {
    if (actor === undefined) return undefined;
    const full = body.actors.find(({ id }) => id !== undefined && id === actor.id) ?? actor;
    return full.name === undefined && full.externalId === undefined ? undefined : resourceOf(full);
  };
  return known(body.primaryActor) ?? known(body.actors[0]) ?? known(body.triggeringEvents[0]?.actor);
}

/** Each event once: the vendor's own example holds one twice. */
function eventsOf(body: DetectionBody): SeenEvent[] {
  const seen = new Set<string>();
  return body.triggeringEvents
    .filter(({ id }) => {
      if (id === undefined) return true;
      const isNew = !seen.has(id);
      seen.add(id);
      return isNew;
    })
    .slice(0, MAX_EVENTS)
    .map(eventOf);
}

function eventOf(event: EventBody): SeenEvent {
  const tree = event.runtimeDetails?.processTree ?? [];
  return {
    id: event.id,
    name: event.name,
    at: event.eventTime,
    origin: event.origin,
    source: event.source,
    actorIp: event.actorIP ?? event.actorIp,
    actorIpMeta: event.actorIPMeta ?? event.actorIpMeta,
    processes: (tree.length > 0 ? tree : event.processTree).map(processOf),
  };
}

const PID = /^\d{1,10}$/;

function processOf(body: ProcessBody): SeenProcess {
  const pid = body.pid ?? body.id ?? '';
  const container = body.container ?? body.containerInfo;
  return {
    pid: PID.test(pid) ? Number(pid) : undefined,
    path: body.path ?? body.exePath,
    command: body.command ?? body.cmdline,
    hash: body.hash ?? body.exeSha1,
    at: body.executionTime ?? body.execTime,
    userId: body.userId ?? body.uid,
    user: body.username,
    container: container && {
      id: container.id,
      externalId: container.externalId,
      name: container.name,
      imageId: container.imageId,
      image: container.imageExternalId,
    },
  };
}
