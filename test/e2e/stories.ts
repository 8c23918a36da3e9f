import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { sha256Hex } from '../../domain/json/canonical.ts';

const SCENARIO = new URL('../../local/sandbox/scenarios/crypto-miner/', import.meta.url);

/** One workload of its own in the sandbox's cluster per story, so that no test meets what another one left behind. */
export const STORIES = [
  'whole',
  'storm',
  'rejected',
  'expired',
  'opened',
  'raced',
  'undone',
  'unconfirmed',
  'vendor-down',
  'missed',
  'twice',
  'anchored',
  'late',
  'drifted',
  'revoked',
] as const;
export type StoryName = (typeof STORIES)[number];

const recordsSchema = z.array(z.looseObject({}));
const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), uid: z.string() }),
});
export type StoryObject = z.infer<typeof objectSchema>;

type ConsoleList = 'incidents' | 'containerAudits' | 'containers' | 'profiles' | 'forensic';

export interface Story {
  readonly namespace: string;
  readonly pod: string;
  /** The webhook body of the vendor's incident. */
  readonly body: Buffer;
  /** What the vendor's console holds about it. */
  readonly console: Readonly<Record<ConsoleList, readonly Record<string, unknown>[]>>;
  /** What the cluster holds: namespace, deployment, pods, service, policies, bindings. */
  readonly objects: readonly StoryObject[];
}

/** The sample scenario, moved to namespace `payments-<name>` with ids of its own. */
export function story(name: StoryName): Story {
  const namespace = `payments-${name}`;
  const rename = (text: string): string =>
    text
      .replaceAll('9c'.repeat(32), sha256Hex(name))
      .replaceAll('68ee2c16b2a8e98a1c36a9db', sha256Hex(`incident ${name}`).slice(0, 24))
      .replaceAll('68ee2bd4b2a8e98a1c36a9aa', sha256Hex(`audit ${name}`).slice(0, 24))
      .replaceAll('payments', namespace);
  const read = (file: string): unknown => JSON.parse(rename(readFileSync(new URL(file, SCENARIO), 'utf8')));
  return {
    namespace,
    pod: 'checkout-6d9f7c5b8d-x2x9q',
    body: Buffer.from(JSON.stringify(read('webhooks/incident.json'))),
    console: {
      incidents: recordsSchema.parse(read('compute/incidents.json')),
      containerAudits: recordsSchema.parse(read('compute/container-audits.json')),
      containers: recordsSchema.parse(read('compute/containers.json')),
      profiles: recordsSchema.parse(read('compute/profiles.json')),
      forensic: recordsSchema.parse(read('compute/forensic.json')),
    },
    objects: clusterObjects(name, namespace),
  };
}

function clusterObjects(name: StoryName, namespace: string): readonly StoryObject[] {
  const cluster = z
    .object({ objects: z.array(objectSchema) })
    .parse(JSON.parse(readFileSync(new URL('kubernetes/cluster.json', SCENARIO), 'utf8')));
  const ours = cluster.objects.filter(
    ({ metadata }) =>
      metadata.namespace === 'payments' || metadata.name === 'payments' || metadata.name === 'checkout-cluster-admin',
  );
  const uids = new Map(ours.map(({ metadata }) => [metadata.uid, uidOf(`${name} ${metadata.uid}`)]));
  let text = JSON.stringify(ours)
    .replaceAll('"payments"', `"${namespace}"`)
    .replaceAll('checkout-cluster-admin', `checkout-cluster-admin-${name}`);
  for (const [before, after] of uids) text = text.replaceAll(before, after);
  return z.array(objectSchema).parse(JSON.parse(text));
}

function uidOf(seed: string): string {
  const hex = sha256Hex(seed);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
