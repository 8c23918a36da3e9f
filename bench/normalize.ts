import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type DeliveryContext, mapperFor } from '../connectors/cwpp/registry.ts';
import { usualChannel } from '../domain/config/channels.ts';
import { SOURCES, type Source } from '../domain/source.ts';
import { deliveriesOf } from '../local/laptop/story.ts';
import { STORIES } from '../local/stories/registry.ts';
import type { Figure } from './statistics.ts';

const SECONDS_EACH = 2;
/** A function that handles alerts is warm; the compiler needs about two seconds of them. */
const WARM_UP_MS = 2_000;

const bodySchema = z.record(z.string(), z.unknown());

/** A body with `parts` detections in it, for the vendors that put several into one delivery. */
const AGGREGATED: Readonly<Partial<Record<Source, (sample: unknown, parts: number) => unknown>>> = {
  'prisma-cloud-compute': (sample, parts) => {
    const alert = bodySchema.parse(sample);
    const part = (index: number) => ({
      type: alert['type'],
      time: 'Oct 14, 2025 09:16:04 UTC',
      container: alert['container'],
      rule: alert['rule'],
      message: `/tmp/.x/xmrig-${index} launched by /bin/sh and is identified as a crypto miner. Full command: /tmp/.x/xmrig-${index}`,
      category: alert['category'],
    });
    return { ...alert, aggregatedAlerts: Array.from({ length: parts - 1 }, (_, index) => part(index)) };
  },
  'prisma-cloud': (sample, parts) => {
    const [first] = z.array(bodySchema).parse(Array.isArray(sample) ? sample : [sample]);
    return Array.from({ length: parts }, (_, index) => ({ ...first, alertId: `P-${index + 1}`, id: `P-${index + 1}` }));
  },
};

/** Findings per second of one delivery over and over: JSON text in, findings out. */
async function rate(source: Source, text: string, mapping: string | undefined): Promise<number> {
  const context: DeliveryContext = {
    sha256: 'ab'.repeat(32),
    bytes: Buffer.byteLength(text),
    receivedAt: '2026-01-01T00:00:00.000Z',
    channel: usualChannel(source),
    mapping,
  };
  const { normalize } = mapperFor(source);
  const once = async (): Promise<number> => {
    const result = await normalize(text, context);
    if (!result.ok) throw new Error(result.reason);
    if (result.findings.length === 0) throw new Error(`the sample of ${source} gives no finding`);
    return result.findings.length;
  };
  for (const until = performance.now() + WARM_UP_MS; performance.now() < until; ) await once();
  let findings = 0;
  const begun = performance.now();
  while (performance.now() - begun < SECONDS_EACH * 1000) findings += await once();
  return findings / ((performance.now() - begun) / 1000);
}

const GENERIC_MAPPING = new URL('../connectors/cwpp/generic/examples/', import.meta.url);

/** Every source with the first alert of its story; aggregating vendors with 1 to 1,000 parts beside. */
export async function benchNormalize(mappingFile?: string): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const source of SOURCES) {
    const story = STORIES[source];
    const [first] = story ? deliveriesOf(story) : [];
    if (!first) continue;
    const mapping =
      source === 'generic' && mappingFile ? readFileSync(new URL(mappingFile, GENERIC_MAPPING), 'utf8') : undefined;
    const grow = AGGREGATED[source];
    if (!grow) {
      figures.push(figureOf(`normalize, ${source}`, await rate(source, first.body.toString('utf8'), mapping)));
      continue;
    }
    const rates = new Map<number, number>();
    for (const parts of [1, 10, 100, 1000]) {
      const text = JSON.stringify(grow(JSON.parse(first.body.toString('utf8')), parts));
      const measured = await rate(source, text, mapping);
      rates.set(parts, measured);
      const of = `${parts.toLocaleString('en')} ${parts === 1 ? 'part' : 'parts'}`;
      figures.push(figureOf(`normalize, ${source}, alert of ${of}`, measured));
    }
    figures.push({
      what: `normalize, ${source}, cost of a finding in 1,000 parts / in 10`,
      measured: (rates.get(10) ?? 0) / (rates.get(1000) ?? 1),
      unit: 'x',
      mustBe: { atMost: 1.5 },
    });
  }
  return figures;
}

function figureOf(what: string, measured: number): Figure {
  return { what, measured, unit: 'findings/s', mustBe: { atLeast: 5000 } };
}
