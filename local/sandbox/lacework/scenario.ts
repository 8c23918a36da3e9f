import { readFileSync } from 'node:fs';
import * as z from 'zod';

const record = z.record(z.string(), z.unknown());
export type LaceworkRecord = z.infer<typeof record>;

const scenarioSchema = z.lazy(() =>
  z.object({
    credentials: z.object({ keyId: z.string(), secret: z.string() }),
    /** Alerts as scope `Details` answers them. */
    alerts: z.array(record),
    /** Other scopes of an alert: `402131/ObservationTimeline`. One that is not here is answered 404, as the API does. */
    scopes: z.record(z.string(), z.array(record)),
    /** Searches by path: `Activities/UserLogins`. */
    records: z.record(z.string(), z.array(record)),
    reports: z.array(record),
  }),
);
export type LaceworkScenario = z.infer<typeof scenarioSchema>;

/** What one scenario put into the account; one file for each part. */
export function laceworkScenario(folder: URL): LaceworkScenario {
  const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  return scenarioSchema.parse({
    credentials: read('credentials.json'),
    alerts: read('alerts.json'),
    scopes: read('scopes.json'),
    records: read('records.json'),
    reports: read('reports.json'),
  });
}
