import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { mapperFor } from '../connectors/cwpp/registry.ts';
import { documentClient } from '../connectors/store/dynamodb/client.ts';
import { toIncidentItem } from '../connectors/store/dynamodb/incident-item.ts';
import { incidentStore } from '../connectors/store/dynamodb/incidents.ts';
import { type Attachment, ConflictError, type IncidentStore } from '../connectors/store/ports.ts';
import { findingDigest, joins, openIncident } from '../domain/incident/cluster.ts';
import type { Incident } from '../domain/incident/incident.ts';
import { sha256Hex } from '../domain/json/canonical.ts';
import { maxSeverity } from '../domain/severity.ts';
import { workloadKey } from '../domain/workload.ts';
import type { Figure } from './statistics.ts';
import { openWorld } from './storm-world.ts';

const ALERTS = 10_000;
const GROUPS = ['payments', 'orders', 'search'];
const SENDERS = 100;
/** Memory is looked at after this many alerts and at the end: what happens before is warming up. */
const WARM = 2_500;
/** Every so many calls the bus or the store refuses. */
const BUS_FAILS_EVERY = 97;
const STORE_FAILS_EVERY = 61;

const SAMPLE = readFileSync(
  new URL('../local/sandbox/scenarios/crypto-miner/webhooks/container-runtime.json', import.meta.url),
  'utf8',
);
/** An alert nobody sent before, about one of three workloads. */
function alertText(index: number): string {
  const group = GROUPS[index % GROUPS.length] ?? '';
  return SAMPLE.replaceAll('payments', group).replaceAll('xmrig', `xmrig-${index}`);
}

/** 10,000 distinct alerts in three groups through the code of both handlers; and what the second delivery of an alert costs. */
export async function benchStorm(): Promise<readonly Figure[]> {
  return [...(await storm()), ...(await duplicate())];
}

async function storm(): Promise<readonly Figure[]> {
  const incidents = forgetfulIncidents();
  const world = openWorld({ incidents, blobs: noBlobs, busFailsEvery: BUS_FAILS_EVERY });
  const begun = performance.now();
  let next = 0;
  let refused = 0;
  let warmHeap = 0;
  while (next < ALERTS) {
    const indexes = Array.from({ length: Math.min(SENDERS, ALERTS - next) }, (_, offset) => next + offset);
    // A sender that hears anything but 2xx sends again.
    let unsent = indexes;
    while (unsent.length > 0) {
      const statuses = await Promise.all(unsent.map(async (index) => await world.post(alertText(index))));
      unsent = unsent.filter((_, at) => statuses[at] !== 202);
      refused += unsent.length;
    }
    await world.drain();
    next += indexes.length;
    if (next === WARM) warmHeap = heapMegabytes();
  }
  const seconds = (performance.now() - begun) / 1000;
  const grown = heapMegabytes() - warmHeap;
  const { quarantined, executions, opened, given } = world.outcome();
  const findings = incidents.findings();
  return [
    { what: `storm, alerts in ${GROUPS.length} groups`, measured: ALERTS, unit: 'alerts' },
    { what: 'storm, alerts lost', measured: ALERTS - findings - quarantined, unit: '', mustBe: { atMost: 0 } },
    { what: 'storm, alerts quarantined', measured: quarantined, unit: '', mustBe: { atMost: 0 } },
    { what: 'storm, executions', measured: executions, unit: '', mustBe: { atMost: 3 } },
    { what: 'storm, Incident Opened events', measured: opened, unit: '' },
    { what: 'storm, refused by a fault and sent again', measured: refused, unit: '' },
    { what: 'storm, sent back by a fault and worked on again', measured: given, unit: '' },
    { what: `storm, heap grown after the first ${WARM}`, measured: grown, unit: 'MB', mustBe: { atMost: 8 } },
    { what: 'storm, receive and normalize on one core', measured: ALERTS / seconds, unit: 'alerts/s' },
  ];
}

const noBlobs = {
  put: async (key: string, body: string) => ({ key, sha256: sha256Hex(body), bytes: Buffer.byteLength(body) }),
  get: async (_key: string) => '',
};

/** The promises of the real store, kept with digests; now and then another writer is in the way. */
function forgetfulIncidents(): Pick<IncidentStore, 'attach' | 'markAnnounced'> & { findings(): number } {
  const seen = new Map<string, string>();
  const open = new Map<string, { incident: Incident; announced: boolean }>();
  let calls = 0;
  let findings = 0;
  const told = ({ incident, announced }: { incident: Incident; announced: boolean }) => ({
    incident,
    announced,
    waiting: false,
    event: {
      incidentId: incident.incidentId,
      source: incident.source,
      severity: incident.severity,
      workloadKey: incident.workloadKey,
      openedAt: incident.times.opened,
    },
  });
  return {
    findings: () => findings,
    async attach(finding, context): Promise<Attachment> {
      calls += 1;
      if (calls % STORE_FAILS_EVERY === 0) throw new ConflictError('busy');
      const digest = findingDigest(finding);
      if (!seen.has(digest)) await context.beforeWrite?.();
      const key = workloadKey(finding.workload);
      const current = open.get(key);
      if (seen.has(digest) && current) return { kind: 'duplicate', ...told(current) };
      seen.set(digest, key);
      findings += 1;
      if (current && joins(current.incident, finding, context.now)) {
        const severity = maxSeverity(current.incident.severity, finding.severity);
        current.incident = { ...current.incident, findingCount: current.incident.findingCount + 1, severity };
        return { kind: 'attached', ...told(current) };
      }
      const entry = { incident: openIncident(finding, context, 1), announced: false };
      open.set(key, entry);
      const { incident, event } = told(entry);
      return { kind: 'opened', incident, event };
    },
    async markAnnounced(incidentId) {
      for (const entry of open.values()) if (entry.incident.incidentId === incidentId) entry.announced = true;
    },
  };
}

/** What is still reachable, after everything else was thrown away. */
function heapMegabytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** The calls of the real DynamoDB adapter and of the evidence bucket, from the webhook to "known". */
async function duplicate(): Promise<readonly Figure[]> {
  const text = alertText(1);
  const receivedAt = new Date().toISOString();
  const bytes = Buffer.byteLength(text);
  const reading = await mapperFor('prisma-cloud-compute').normalize(text, {
    sha256: sha256Hex(text),
    bytes,
    receivedAt,
    channel: 'webhook',
  });
  const [finding] = reading.ok ? reading.findings : [];
  if (finding === undefined) throw new Error('the sample gives no finding');
  const known = openIncident(finding, { receivedAt, now: new Date(), windowMinutes: 60 }, 1);
  const client = documentClient({ region: 'us-east-1' });
  const tables = mockClient(client);
  tables.on(GetCommand).resolves({ Item: { incidentId: known.incidentId, expiresAt: 4_000_000_000 } });
  tables.on(UpdateCommand).resolves({ Attributes: { ...toIncidentItem(known), announced: true } });
  const objects = { put: 0, get: 0 };
  const world = openWorld({
    incidents: incidentStore({ client, table: 'incidents', deduplicationTable: 'deduplication' }),
    blobs: {
      async put(key, body) {
        objects.put += 1;
        return await noBlobs.put(key, body);
      },
      async get(key) {
        objects.get += 1;
        return await noBlobs.get(key);
      },
    },
  });
  if ((await world.post(text)) !== 202) throw new Error('the duplicate was not accepted');
  await world.drain();
  const reads = tables.commandCalls(GetCommand).length;
  const all = tables.calls().length;
  tables.restore();
  return [
    { what: 'duplicate, reads of tables and bucket', measured: reads + objects.get, unit: '', mustBe: { atMost: 2 } },
    {
      what: 'duplicate, writes of tables and bucket',
      measured: all - reads + objects.put,
      unit: '',
      mustBe: { atMost: 1 },
    },
  ];
}
