import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import * as z from 'zod';
import { SOURCES, type Source } from '../domain/source.ts';
import { bundleSettings } from '../infra/bundle.ts';
import { deliveriesOf } from '../local/laptop/story.ts';
import { STORIES } from '../local/stories/registry.ts';
import type { Figure } from './statistics.ts';

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
  generic: (sample, parts) => {
    const body = bodySchema.parse(sample);
    const [first] = z.array(bodySchema).parse(body['events']);
    return { ...body, events: Array.from({ length: parts }, (_, index) => ({ ...first, event_id: `E-${index + 1}` })) };
  },
};

/** So many parts as a mapping may take in its steps. */
const PARTS: Readonly<Partial<Record<Source, readonly number[]>>> = { generic: [1, 10, 100] };
const MANY_PARTS = [1, 10, 100, 1000];

/** Findings per second of one delivery over and over: JSON text in, findings out. */
function rate(registry: string, source: Source, text: string, mapping?: string): number {
  const script = join(import.meta.dirname, 'normalize-rate.ts');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, registry, source, ...(mapping === undefined ? [] : [mapping])],
    { input: text, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`measuring ${source} failed: ${stderr}`);
  return Number(stdout);
}

const GENERIC_MAPPING = join(import.meta.dirname, '../connectors/cwpp/generic/examples/tetragon-export.jsonata');

/** Every source with the first alert of its story; aggregating vendors with 1 to 1,000 parts beside. */
export function benchNormalize(workspace: string): readonly Figure[] {
  const registry = buildRegistry(workspace);
  const figures: Figure[] = [];
  for (const source of SOURCES) {
    const story = STORIES[source];
    const [first] = story ? deliveriesOf(story) : [];
    if (first) figures.push(...figuresOf(registry, source, first.body.toString('utf8')));
  }
  return figures;
}

function figuresOf(registry: string, source: Source, text: string): readonly Figure[] {
  const grow = AGGREGATED[source];
  if (!grow) return [figureOf(`normalize, ${source}`, rate(registry, source, text))];
  const figures: Figure[] = [];
  const rates = new Map<number, number>();
  const mapping = source === 'generic' ? GENERIC_MAPPING : undefined;
  const sizes = PARTS[source] ?? MANY_PARTS;
  for (const parts of sizes) {
    const measured = rate(registry, source, JSON.stringify(grow(JSON.parse(text), parts)), mapping);
    rates.set(parts, measured);
    const of = `${parts.toLocaleString('en')} ${parts === 1 ? 'part' : 'parts'}`;
    figures.push(figureOf(`normalize, ${source}, alert of ${of}`, measured));
  }
  const most = sizes.at(-1) ?? 1;
  const measured = (rates.get(10) ?? 0) / (rates.get(most) ?? 1);
  const what = `normalize, ${source}, cost of a finding in ${most.toLocaleString('en')} parts / in 10`;
  return [...figures, { what, measured, unit: 'x', mustBe: { atMost: 1.5 } }];
}

/** The mappers as they are deployed: minified, each in its own chunk. @returns the entry */
function buildRegistry(workspace: string): string {
  const outdir = join(workspace, 'mappers');
  buildSync({
    ...bundleSettings('normalize'),
    entryPoints: [{ in: join(import.meta.dirname, '..', 'connectors', 'cwpp', 'registry.ts'), out: 'registry' }],
    outdir,
  });
  return join(outdir, 'registry.mjs');
}

function figureOf(what: string, measured: number): Figure {
  return { what, measured, unit: 'findings/s', mustBe: { atLeast: 5000 } };
}
