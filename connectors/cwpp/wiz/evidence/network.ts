import { isIP } from 'node:net';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { fromApi } from '../../draft.ts';
import { domainEntity, ipEntity } from '../../prisma-cloud-compute/evidence/entities.ts';
import { asGraphQuery } from '../client.ts';
import type { ExposureRecord } from '../context-records.ts';
import type { IssueRecord } from '../records.ts';
import { readAssets } from './assets.ts';
import type { PartContext, PartReader } from './part.ts';
import { placeOf } from './processes.ts';
import { type EventDetails, eventIdsOf, readDetections } from './read-detections.ts';
import { either } from './surroundings.ts';
import { isoTime } from './times.ts';

/** Who can reach the resource and what it may do, and whom its processes reached. */
export const readNetwork: PartReader = async (context) => {
  const { wiz, attempts, now } = context;
  const assets = await readAssets(context);
  const drafts: EvidenceDraft[] = [];
  if (assets.ids.length > 0) {
    const exposures = await attempts.list('networkExposures', 'exposure to the internet', () =>
      wiz.exposures(assets.ids),
    );
    drafts.push(...exposureDrafts(exposures, now()));
  }
  const ways = new Set(drafts.map(wayOf));
  for (const issue of assets.issues) {
    // The issue repeats the exposures of its entity.
    drafts.push(
      ...issueExposure(issue, now()).filter((draft) => wayOf(draft) === undefined || !ways.has(wayOf(draft))),
    );
    drafts.push(...(await evidenceGraph(context, issue)));
  }
  const detections = await readDetections(context);
  for (const [index, id] of eventIdsOf(context, detections).entries()) {
    const field = `cloudEvent[${index}]`;
    const event = await attempts.find(field, `addresses and names of event ${id}`, () => wiz.cloudEventNewer(id));
    if (event?.extraDetails)
      drafts.push(...contactDrafts(event.extraDetails, event.timestamp ?? timeOf(detections, id), field, now()));
  }
  return drafts;
};

/** The same ports by the same way are one exposure, whichever list names it. */
function wayOf({ fact }: EvidenceDraft): string | undefined {
  return fact.kind === 'exposure' && fact.path.length > 0 ? JSON.stringify([fact.ports, fact.path]) : undefined;
}

function timeOf(detections: Awaited<ReturnType<typeof readDetections>>, event: string): string | undefined {
  return detections.flatMap(({ triggeringEvents }) => triggeringEvents).find(({ id }) => id === event)?.timestamp;
}

export function exposureDrafts(exposures: readonly ExposureRecord[], now: Date): EvidenceDraft[] {
  return exposures.slice(0, 20).flatMap((exposure, index): EvidenceDraft[] => {
    const subject = exposure.exposedEntity?.name ?? exposure.exposedEntity?.id;
    if (subject === undefined) return [];
    const range = exposure.sourceIpRange;
    return [
      fromApi(`networkExposures[${index}]`, 'vendor', now.toISOString(), {
        kind: 'exposure',
        subject,
        reachableFromInternet: true,
        ports: exposure.portRange === undefined ? [] : [exposure.portRange],
        path: exposure.path.flatMap(({ name, type }) => name ?? type ?? []),
        basis: `network exposure of Wiz${range === undefined ? '' : `, from ${range}`}`,
      }),
    ];
  });
}

/**
 * What the graph says of the entity of the issue. Of its untyped properties only those named here are read: others, `env`
 * among them, can hold secrets.
 */
function issueExposure({ entity, entitySnapshot }: IssueRecord, now: Date): EvidenceDraft[] {
  const subject = entity?.name ?? entitySnapshot?.name;
  if (entity === undefined || subject === undefined) return [];
  const at = now.toISOString();
  const flag = (name: string): boolean | undefined => {
    const value = entity.properties?.[name];
    return typeof value === 'boolean' ? value : undefined;
  };
  const open = either(flag('openToAllInternet'), flag('openToEntireInternet'));
  const admin = either(flag('hasAdminPrivileges'), flag('hasAdminKubernetesPrivileges'));
  const high = either(flag('hasHighPrivileges'), flag('hasHighKubernetesPrivileges'));
  const account = entity.properties?.['serviceAccountName'];
  return [
    ...(open === undefined
      ? []
      : [
          fromApi('issue.entity.properties', 'vendor', at, {
            kind: 'exposure',
            subject,
            reachableFromInternet: open,
            ports: portsOf(entity.properties?.['openPorts']),
            path: [],
            basis: 'properties of the resource on the graph of Wiz',
          }),
        ]),
    ...entity.publicExposures.map((exposure, index) =>
      fromApi(`issue.entity.publicExposures[${index}]`, 'vendor', at, {
        kind: 'exposure',
        subject,
        reachableFromInternet: true,
        ports: exposure.portRange === undefined ? [] : [exposure.portRange],
        path: exposure.path.flatMap(({ name, type }) => name ?? type ?? []),
        basis: 'public exposure of the resource in Wiz',
      }),
    ),
    ...(admin === undefined && high === undefined
      ? []
      : [
          fromApi(
            'issue.entity.properties',
            'vendor',
            at,
            present({
              kind: 'cloud-identity',
              name: typeof account === 'string' && account !== '' ? account : subject,
              identityKind: 'identity of the resource',
              account: entitySnapshot?.subscriptionExternalId,
              permissions: entity.lateralMovementPaths.slice(0, 5).map((path) => pathText(path.pathEntities)),
              admin,
              highPrivileges: high,
              basis: 'properties of the resource on the graph of Wiz',
            }),
          ),
        ]),
  ];
}

function pathText(
  entities: readonly { readonly entity?: { readonly name?: string | undefined } | undefined }[],
): string {
  return `lateral movement: ${entities.flatMap(({ entity }) => entity?.name ?? []).join(' to ')}`;
}

function portsOf(value: unknown): string[] {
  return Array.isArray(value)
    ? value.slice(0, 50).flatMap((port) => (typeof port === 'number' || typeof port === 'string' ? [String(port)] : []))
    : [];
}

/** A posture issue stands on a graph query of its own: its answer is the way an attacker would take. */
async function evidenceGraph({ wiz, attempts, now }: PartContext, issue: IssueRecord): Promise<EvidenceDraft[]> {
  const query = asGraphQuery(issue.evidenceQuery);
  const subject = issue.entitySnapshot?.name;
  if (query === undefined || subject === undefined) return [];
  const found = await attempts.list('graphSearch', `the evidence graph of issue ${issue.id}`, () => wiz.graph(query));
  return found.slice(0, 5).flatMap(({ entities }, index): EvidenceDraft[] => {
    const path = entities.flatMap(({ name, type }) => (name === undefined ? [] : [`${name} (${type ?? 'unknown'})`]));
    if (path.length === 0) return [];
    const fact = { kind: 'exposure' as const, subject, ports: [], path, basis: 'evidence graph of the issue in Wiz' };
    return [fromApi(`graphSearch[${index}]`, 'vendor', now().toISOString(), fact)];
  });
}

/** Addresses and names a process contacted; only newer tenants tell. */
function contactDrafts(details: EventDetails, time: string | undefined, field: string, now: Date): EvidenceDraft[] {
  const { context } = details;
  const at = isoTime(time, now);
  if (context === undefined || at === undefined) return [];
  const place = placeOf(
    details,
    details.processTree.find(({ container }) => container?.id ?? container?.externalId),
  ).entity;
  const port = /^\d{1,5}$/.test(context.remotePort ?? '') ? Number(context.remotePort) : undefined;
  const ip = context.remoteIP;
  return [
    ...(ip !== undefined && isIP(ip) !== 0 && port !== undefined
      ? [
          fromApi(
            `${field}.context`,
            'attacker_influenced',
            now.toISOString(),
            { kind: 'connection', direction: 'outbound', destinationIp: ip, destinationPort: port, at },
            [ipEntity(ip), place],
          ),
        ]
      : []),
    ...(context.dnsQuery === undefined
      ? []
      : [
          fromApi(
            `${field}.context`,
            'attacker_influenced',
            now.toISOString(),
            { kind: 'dns-query', domain: context.dnsQuery, at },
            [domainEntity(context.dnsQuery), place],
          ),
        ]),
  ];
}
