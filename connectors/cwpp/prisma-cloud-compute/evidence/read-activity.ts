import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { resultOf } from '../../attempts.ts';
import type { ForensicEvent, ProfileRecord } from '../records.ts';
import { type Activity, auditActivity, forensicActivity } from './activity.ts';
import { learnedDrafts } from './container.ts';
import { firstOf, type PartContext, type PartReader } from './part.ts';
import { readContainer } from './read-container.ts';
import { type ContainerSubject, rangeOf } from './subjects.ts';

/** Drafts of one kind of activity; what is beyond is counted in a gap. */
const MAX_DRAFTS = 300;

/** Processes, written files, the containers and what was learned about them. */
export const readRuntimeActivity: PartReader = async (context) => {
  const drafts: EvidenceDraft[] = [];
  for (const subject of firstOf(context, 'containers', context.subjects.containers)) {
    const { drafts: container, profile } = await readContainer(context, subject, undefined);
    const activity = await containerActivity(context, subject, profile);
    drafts.push(...container, ...limited(context, 'processes and written files', activity.runtime));
    if (profile) drafts.push(...learnedDrafts(profile, context.now().toISOString()));
  }
  const hosts = await hostActivity(context);
  return [...drafts, ...limited(context, 'processes and written files', hosts.runtime)];
};

/** Connections and DNS queries. */
export const readNetwork: PartReader = async (context) => {
  const drafts: EvidenceDraft[] = [];
  for (const subject of firstOf(context, 'containers', context.subjects.containers)) {
    const { network } = await containerActivity(context, subject, undefined);
    drafts.push(...limited(context, 'connections and name look-ups', network));
  }
  const hosts = await hostActivity(context);
  return [...drafts, ...limited(context, 'connections and name look-ups', hosts.network)];
};

function limited(context: PartContext, what: string, drafts: readonly EvidenceDraft[]): readonly EvidenceDraft[] {
  const rest = drafts.length - MAX_DRAFTS;
  if (rest > 0)
    context.attempts.note('runtime activity', `${rest} further ${what}`, `the first ${MAX_DRAFTS} are kept`);
  return drafts.slice(0, MAX_DRAFTS);
}

/** The forensic log comes first: it has parent processes and true start times, and the first fact about a process wins. */
async function containerActivity(
  context: PartContext,
  subject: ContainerSubject,
  profile: ProfileRecord | undefined,
): Promise<Activity> {
  const { compute, attempts, settings, subjects } = context;
  const { containerId } = subject;
  const field = 'GET /audits/runtime/container';
  const range = rangeOf(subjects, settings.minutesAround);
  const events = await forensicEvents(context, { ...subject, profileId: profile?._id ?? subject.profileId });
  const audits = resultOf(
    await attempts.list(field, 'the runtime audits of the container', () =>
      compute.containerAudits({ containerID: containerId, ...range }),
    ),
  );
  const observedAt = context.now().toISOString();
  const log = forensicActivity(events, { containerId, field: 'GET /profiles/container/{id}/forensic', observedAt });
  // A server that ignores the filter must not lend us another container's processes.
  const own = (audits?.items ?? []).filter((audit) => audit.containerId === containerId);
  const seen = auditActivity(own, field, observedAt);
  return { runtime: [...log.runtime, ...seen.runtime], network: [...log.network, ...seen.network] };
}

async function hostActivity(context: PartContext): Promise<Activity> {
  const { compute, attempts, settings, subjects } = context;
  const field = 'GET /audits/runtime/host';
  const range = rangeOf(subjects, settings.minutesAround);
  const activities: Activity[] = [];
  for (const hostname of firstOf(context, 'hosts', subjects.hosts)) {
    const audits = resultOf(
      await attempts.list(field, 'the runtime audits of the host', () => compute.hostAudits({ hostname, ...range })),
    );
    const own = (audits?.items ?? []).filter((audit) => audit.hostname === hostname);
    activities.push(auditActivity(own, field, context.now().toISOString()));
  }
  return {
    runtime: activities.flatMap(({ runtime }) => runtime),
    network: activities.flatMap(({ network }) => network),
  };
}

const FORENSIC = 'the forensic log of the container';

async function forensicEvents(context: PartContext, subject: ContainerSubject): Promise<readonly ForensicEvent[]> {
  const { compute, attempts } = context;
  const { forensicEvents: read } = compute;
  const field = 'GET /profiles/container/{id}/forensic';
  const profileID = subject.profileId;
  if (read === undefined) {
    attempts.note(field, FORENSIC, 'it is switched off (sources.prisma-cloud-compute.api.forensics)');
    return [];
  }
  if (profileID === undefined) {
    attempts.note(field, FORENSIC, 'the alert names no image id, and without it the profile is not known');
    return [];
  }
  const call = () => read({ profileID, incidentID: subject.incidentId, hostname: subject.hostname });
  const first = resultOf(await attempts.list(field, FORENSIC, call));
  if (first === undefined || first.items.length > 0) return first?.items ?? [];
  if (await waitForSnapshot(context)) {
    const second = resultOf(await attempts.list(field, FORENSIC, call));
    if (second === undefined || second.items.length > 0) return second?.items ?? [];
  }
  attempts.note(field, FORENSIC, 'it is empty; the console collects it about a minute after an incident and keeps 100');
  return [];
}

/** What reading and storing the rest may take after the wait: a client's whole time budget and a little more. */
const AFTER_WAITING_MS = 50_000;

/** Waits until the snapshot can be there; false when it should have been there already, or there is no time to wait. */
async function waitForSnapshot({ settings, subjects, deadline, now, sleep }: PartContext): Promise<boolean> {
  const left = subjects.last + settings.forensicDelayMs - now().getTime();
  const allowed = deadline.getTime() - now().getTime() - AFTER_WAITING_MS;
  if (left <= 0 || left > settings.forensicDelayMs || left > allowed) return false;
  await sleep(left);
  return true;
}
