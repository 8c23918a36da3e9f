import { readFileSync } from 'node:fs';
import type { Connection } from '../../cli/context.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { statusWords } from '../../domain/publish/words.ts';
import type { Push, Story } from '../stories/story.ts';
import { waitFor } from './wait.ts';

export interface Delivery {
  readonly channel: Push['channel'];
  readonly file: string;
  readonly body: Buffer;
}

/** What a story's vendor sends, in order. */
export function deliveriesOf({ scenario, pushes }: Story): readonly Delivery[] {
  return pushes.map(({ channel, file }) => ({
    channel,
    file,
    body: readFileSync(new URL(`../sandbox/scenarios/${scenario}/${file}`, import.meta.url)),
  }));
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
