import { factsOf } from '../analysis/rules/facts.ts';
import type { Configuration } from '../config/schema.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { ModelPlace } from './route.ts';

/**
 * Where the evidence of a pack comes from, in the words of bindings. Sources that contradict each other leave a field
 * unknown, and what is unknown counts as bound (route.ts): a host has no cluster that could be told, so a binding of a
 * cluster holds for it too.
 */
export function modelPlaceOf(config: Pick<Configuration, 'clusters'>, pack: EvidencePack): ModelPlace {
  const { workload } = pack;
  const name = workload.kind === 'pod' ? workload.cluster : undefined;
  const cluster = config.clusters.find((one) => one.name === name);
  const arn = workload.kind === 'resource' ? partsOfArn(workload.uid) : undefined;
  return {
    account: agreed([workload.account, arn?.account]),
    region: agreed(['region' in workload ? workload.region : undefined, arn?.region, cluster?.region]),
    cluster: name,
    namespace: workload.kind === 'pod' ? workload.namespace : undefined,
    environment: agreed([cluster?.environment, ...factsOf(pack, 'ownership').map(({ fact }) => fact.environment)]),
    labels: labelsOf(pack),
  };
}

/** What all that say something say; undefined when nobody does, or they differ. */
function agreed(said: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = new Set(said.filter((one) => one !== undefined && one !== ''));
  return others.length === 0 ? first : undefined;
}

/** `arn:partition:service:region:account:…`; region and account are empty for what is global. */
function partsOfArn(uid: string | undefined): { readonly region: string; readonly account: string } | undefined {
  const [, region, account] = /^arn:aws[\w-]*:[\w-]+:([a-z0-9-]*):(\d{12}|):/.exec(uid ?? '') ?? [];
  return region === undefined || account === undefined ? undefined : { region, account };
}

/** A pod's labels are known only from its cluster: a vendor's tags of it say nothing of a label that they do not hold. */
function labelsOf(pack: EvidencePack): readonly string[] | undefined {
  const pods = factsOf(pack, 'pod');
  const tags = pairs(factsOf(pack, 'ownership').map(({ fact }) => fact.tags));
  if (pack.workload.kind === 'pod' && pods.length === 0) return undefined;
  const known = new Set([...pairs(pods.map(({ fact }) => fact.labels)), ...tags]);
  return known.size === 0 && pods.length === 0 ? undefined : [...known].sort();
}

function pairs(maps: readonly Readonly<Record<string, string>>[]): readonly string[] {
  return maps.flatMap((map) => Object.entries(map).map(([key, value]) => `${key}=${value}`));
}
