import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { KubernetesScenario } from './sandbox.ts';

const scenarioSchema = z.object({ cluster: z.string(), objects: z.array(z.unknown()) });

/** The cluster of a scenario, from `local/sandbox/scenarios/<name>/kubernetes/cluster.json`. */
export function kubernetesScenario(name = 'crypto-miner'): KubernetesScenario {
  const file = new URL(`../scenarios/${name}/kubernetes/cluster.json`, import.meta.url);
  return scenarioSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
