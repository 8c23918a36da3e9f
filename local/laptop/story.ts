import { readFileSync } from 'node:fs';
import { authorizationFor, post } from '../../cli/commands/send.ts';
import type { Connection } from '../../cli/context.ts';
import { webhookAddress } from '../../cli/outputs.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { statusWords } from '../../domain/publish/words.ts';
import { waitFor } from './wait.ts';

const SOURCE = 'prisma-cloud-compute';
/** The two alerts that Prisma Cloud Compute sends about one crypto miner. */
const ALERTS = ['container-runtime', 'incident'] as const;

export interface SampleAlert {
  readonly name: string;
  readonly body: Buffer;
}

export function sampleAlerts(): readonly SampleAlert[] {
  return ALERTS.map((name) => ({
    name,
    body: readFileSync(new URL(`../sandbox/scenarios/crypto-miner/webhooks/${name}.json`, import.meta.url)),
  }));
}

/** Sends bodies through the real webhook edge with its real credential. @returns the statuses, in order */
export async function sendAlerts(connection: Connection, bodies: readonly Uint8Array[]): Promise<readonly number[]> {
  const authorization = await authorizationFor(connection, SOURCE);
  const statuses: number[] = [];
  for (const body of bodies) {
    const { status } = await post(webhookAddress(connection.webhooks, SOURCE), authorization, body);
    statuses.push(status);
  }
  return statuses;
}

const SETTLED = new Set<Incident['status']>(['awaiting-decision', 'concluded', 'failed']);

/** The newest incident as soon as somebody is asked or nothing more will happen; tells each status on the way. */
export async function incidentToDecide(connection: Connection, say: (line: string) => void): Promise<Incident> {
  let told = '';
  return await waitFor(
    'an incident with a question to its approvers',
    async () => {
      const [incident] = await connection.incidents.list({ limit: 1 });
      if (!incident) return undefined;
      const line = `incident ${incident.incidentId} is ${statusWords(incident.status)}`;
      if (line !== told) say(line);
      told = line;
      return SETTLED.has(incident.status) ? incident : undefined;
    },
    { withinMs: 120_000 },
  );
}

export async function concluded(connection: Connection, incidentId: string, withinMs = 120_000): Promise<Incident> {
  return await waitFor(
    `the conclusion of incident ${incidentId}`,
    async () => {
      const incident = await connection.incidents.get(incidentId);
      return incident?.status === 'concluded' || incident?.status === 'failed' ? incident : undefined;
    },
    { withinMs },
  );
}
