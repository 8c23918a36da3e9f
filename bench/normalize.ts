import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { mapperFor } from '../connectors/cwpp/registry.ts';
import type { Figure } from './statistics.ts';

const SAMPLE = join(
  import.meta.dirname,
  '..',
  'local',
  'sandbox',
  'scenarios',
  'crypto-miner',
  'webhooks',
  'container-runtime.json',
);
const SECONDS_EACH = 2;
/** A function that handles alerts is warm; the compiler needs about two seconds of them. */
const WARM_UP_MS = 2_000;

/** Findings per second of one alert with `parts` aggregated parts, JSON text in, findings out. */
function rate(parts: number): number {
  const alert = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(SAMPLE, 'utf8')));
  const aggregatedAlerts = Array.from({ length: parts - 1 }, (_, index) => ({
    type: alert['type'],
    time: 'Oct 14, 2025 09:16:04 UTC',
    container: alert['container'],
    rule: alert['rule'],
    message: `/tmp/.x/xmrig-${index} launched by /bin/sh and is identified as a crypto miner. Full command: /tmp/.x/xmrig-${index}`,
    category: alert['category'],
  }));
  const text = JSON.stringify({ ...alert, aggregatedAlerts });
  const context = { sha256: 'ab'.repeat(32), bytes: Buffer.byteLength(text), receivedAt: '2026-01-01T00:00:00.000Z' };
  const once = (): number => {
    const result = mapperFor('prisma-cloud-compute').normalize(JSON.parse(text), context);
    if (!result.ok) throw new Error(result.reason);
    if (result.findings.length !== parts) throw new Error(`${parts} parts gave ${result.findings.length} findings`);
    return result.findings.length;
  };
  for (const until = performance.now() + WARM_UP_MS; performance.now() < until; ) once();
  let findings = 0;
  const begun = performance.now();
  while (performance.now() - begun < SECONDS_EACH * 1000) findings += once();
  return findings / ((performance.now() - begun) / 1000);
}

/** One core, in process, including JSON.parse. Linear means: a finding costs the same in an alert of ten and of a thousand parts. */
export function benchNormalize(): readonly Figure[] {
  const [one, ten, hundred, thousand] = [rate(1), rate(10), rate(100), rate(1000)];
  return [
    { what: 'normalize, alert of 1 part', measured: one, unit: 'findings/s', mustBe: { atLeast: 5000 } },
    { what: 'normalize, alert of 10 parts', measured: ten, unit: 'findings/s', mustBe: { atLeast: 5000 } },
    { what: 'normalize, alert of 100 parts', measured: hundred, unit: 'findings/s', mustBe: { atLeast: 5000 } },
    { what: 'normalize, alert of 1,000 parts', measured: thousand, unit: 'findings/s', mustBe: { atLeast: 5000 } },
    {
      what: 'normalize, cost of a finding in 1,000 parts / in 10',
      measured: ten / thousand,
      unit: 'x',
      mustBe: { atMost: 1.5 },
    },
  ];
}
