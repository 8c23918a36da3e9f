import { isIP } from 'node:net';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present, some } from '../../../../domain/ocsf/present.ts';
import { fromApi, gap } from '../../draft.ts';
import type { EntityRow } from '../entity-map.ts';
import { isPort } from '../evidences.ts';
import { integerOf, isRecord, textOf } from '../lenient.ts';
import type { Machine } from '../records.ts';
import { connectionDraft, lookUpDraft } from './activity.ts';
import { entity, hostEntity } from './entities.ts';
import {
  alertIdsOf,
  entitiesOf,
  firstOf,
  type MachineSubject,
  machinesOf,
  type PartContext,
  type PartReader,
  rangeOf,
} from './part.ts';

const DETAILS = 'GET /Alerts/{id} scope=Details';
const CONNECTIONS = 'POST /Activities/Connections/search';
const LOOK_UPS = 'POST /Activities/DNSs/search';
const MACHINES = 'POST /Entities/Machines/search';
const MAX_EACH = 60;

/** Whom the workload spoke to, what the vendor knows of those addresses, and whether it can be reached from outside. */
export const readNetwork: PartReader = async (context) => {
  const activity: EvidenceDraft[] = [];
  for (const machine of await machinesOf(context)) activity.push(...(await ofMachine(context, machine)));
  const named: EvidenceDraft[] = [];
  for (const id of firstOf(context, 'alerts', alertIdsOf(context.findings)))
    named.push(...(await ofAlert(context, id)));
  const known = new Set(activity.flatMap(({ fact }) => peerOf(fact) ?? []));
  return [...activity, ...named.filter(({ fact }) => !known.has(peerOf(fact) ?? ''))];
};

/** An alert sums up an hour; the same peer in the machine's own list stands at the minute it was. */
function peerOf(fact: EvidenceDraft['fact']): string | undefined {
  if (fact.kind === 'connection') return `${fact.destinationIp} ${fact.destinationPort}`;
  return fact.kind === 'dns-query' ? fact.domain : undefined;
}

/** Addresses and names of the alert, with the vendor's threat feeds. */
async function ofAlert(context: PartContext, id: string): Promise<EvidenceDraft[]> {
  const entities = await entitiesOf(context, id);
  const observedAt = context.now().toISOString();
  const times = context.findings.map(({ finding }) => finding.time);
  const at = new Date(Math.min(...times)).toISOString();
  const host = hostEntity(entities.texts('Machine', 'HOSTNAME')[0]);
  const addresses = [...entities.rows('IpAddress')].slice(0, MAX_EACH).flatMap((row) => {
    const ip = row.text('IP_ADDRESS');
    if (isIP(ip) === 0) return [];
    const known = intelOf(row, ip, 'ip', observedAt, entities.rows('IpAddress').length);
    const connections = row
      .list('PORT_LIST')
      .map(integerOf)
      .filter(isPort)
      .slice(0, 5)
      .map((port) =>
        fromApi(
          DETAILS,
          'attacker_influenced',
          observedAt,
          { kind: 'connection', direction: 'outbound', destinationIp: ip, destinationPort: port, at },
          [entity('ip', ip), host],
        ),
      );
    return [...connections, ...known];
  });
  const names = entities.texts('DnsName', 'HOSTNAME').slice(0, MAX_EACH);
  return [
    ...addresses,
    ...names.map((domain) =>
      fromApi(DETAILS, 'attacker_influenced', observedAt, { kind: 'dns-query', domain, at }, [
        entity('domain', domain),
        host,
      ]),
    ),
  ];
}

/** What the vendor's feeds say of an address; without a tag or source the vendor says nothing about it. */
function intelOf(row: EntityRow, indicator: string, kind: 'ip', observedAt: string, total: number): EvidenceDraft[] {
  const tags = row.list('THREAT_TAGS');
  const raw = row.raw('THREAT_SOURCE');
  const sources = (Array.isArray(raw) ? raw : [raw]).filter(isRecord).slice(0, 10);
  if (tags.length === 0 && sources.length === 0) return [];
  const answers = sources.map((source) => ({
    source: `Lacework feed ${textOf(source['SOURCE']) || textOf(source['source']) || 'unnamed'}`,
    verdict: 'malicious' as const,
    detail: textOf(source['PRIMARY_THREAT_TAG']) || textOf(source['primary_threat_tag']) || tags.join(', ') || 'listed',
    checkedAt: observedAt,
  }));
  const listed = some(answers) ?? [
    { source: 'Lacework', verdict: 'malicious' as const, detail: tags.join(', '), checkedAt: observedAt },
  ];
  const fact = { kind: 'threat-intel' as const, indicator, indicatorKind: kind, answers: listed };
  return [fromApi(`${DETAILS} IpAddress (${total})`, 'vendor', observedAt, fact, [entity('ip', indicator)])];
}

async function ofMachine(context: PartContext, machine: MachineSubject): Promise<EvidenceDraft[]> {
  const { attempts, lacework, now } = context;
  const range = rangeOf(context);
  const observedAt = now().toISOString();
  const connections = await attempts.list(CONNECTIONS, 'the connections of the machine', () =>
    lacework.connections(range, machine.mid),
  );
  const lookUps = await attempts.list(LOOK_UPS, 'the names the machine looked up', () =>
    lacework.lookUps(range, machine.mid),
  );
  const records = await attempts.list(MACHINES, 'the machine in the inventory', () =>
    lacework.machines(range, { field: 'mid', expression: 'eq', value: machine.mid }),
  );
  const at = (field: string) => ({ field, observedAt, machine });
  const rest = connections.length + lookUps.length - 2 * MAX_EACH;
  return [
    ...connections.slice(0, MAX_EACH).flatMap((row) => connectionDraft(row, at(CONNECTIONS))),
    ...lookUps.slice(0, MAX_EACH).flatMap((row) => lookUpDraft(row, at(LOOK_UPS))),
    ...records.slice(0, 1).flatMap((record) => machineDrafts(record, observedAt)),
    ...(rest > 0
      ? [gap(CONNECTIONS, observedAt, `${rest} further connections and names`, 'only the first are shown')]
      : []),
  ];
}

/** Tags are the customer's and the cloud's; a fragment of the agent's token is among them and is never kept (reference 2.4). */
const SECRET_TAG = /token|secret|password|credential/i;
const TEAM = /^(?:team|owner|lw_team)$/i;
const ENVIRONMENT = /^(?:env|environment|stage)$/i;

function machineDrafts(record: Machine, observedAt: string): EvidenceDraft[] {
  const tags: Record<string, string> = {};
  for (const [name, value] of Object.entries(record.machineTags).slice(0, 50)) {
    const text = textOf(value, 256);
    if (text !== '' && !SECRET_TAG.test(name)) tags[name.slice(0, 128)] = text;
  }
  const subject = record.hostname || tags['Hostname'] || `machine ${record.mid}`;
  const of = (pattern: RegExp): string | undefined => Object.entries(tags).find(([name]) => pattern.test(name))?.[1];
  const host = hostEntity(subject);
  const instance = tags['InstanceId'] || record.awsInstanceId;
  const exposure = tags['lw_InternetExposure'];
  const ownership = present({
    kind: 'ownership' as const,
    subject,
    team: of(TEAM),
    environment: of(ENVIRONMENT),
    tags,
  });
  const exposed = present({
    kind: 'exposure' as const,
    subject,
    // `Yes`, `No` and `Unknown` are what was seen; anything else says nothing.
    reachableFromInternet:
      exposure && /^yes$/i.test(exposure) ? true : exposure && /^no$/i.test(exposure) ? false : undefined,
    ports: [],
    path: [],
    basis: `tag lw_InternetExposure of the vendor is ${exposure ?? 'not set'}${tags['ExternalIp'] ? `; external address ${tags['ExternalIp']}` : ''}`,
  });
  const refs = [host, instance ? entity('instance', instance) : undefined];
  return [
    fromApi(MACHINES, 'vendor', observedAt, ownership, refs),
    ...(exposure || tags['ExternalIp'] ? [fromApi(MACHINES, 'vendor', observedAt, exposed, refs)] : []),
  ];
}
