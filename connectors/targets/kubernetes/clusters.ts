import type { ClusterConfiguration } from '../../../domain/config/schema.ts';
import { realHttp } from '../../http/request.ts';
import { functionCredentials } from '../../runtime/credentials.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { KubernetesReader, KubernetesWriter } from './api.ts';
import type { KubernetesDeps } from './client.ts';
import { eksLogin } from './eks.ts';
import { kubernetesReader } from './reader.ts';
import { kubernetesWriter } from './writer.ts';

/** Readers by cluster name, made when first asked for; undefined for a cluster that is not configured. */
export function readersFor(
  clusters: readonly ClusterConfiguration[],
  secrets: Secrets,
): (cluster: string) => KubernetesReader | undefined {
  return byName(clusters, (cluster) => kubernetesReader(cluster, realDeps(secrets)));
}

/** Writers by cluster name: for `execute` and `roll-back` only, which alone may read the write secrets (rule 8). */
export function writersFor(
  clusters: readonly ClusterConfiguration[],
  secrets: Secrets,
): (cluster: string) => KubernetesWriter | undefined {
  return byName(clusters, (cluster) => kubernetesWriter(cluster, realDeps(secrets)));
}

/** What a client needs of the world besides its secret. */
export function realDeps(secrets: Secrets): KubernetesDeps {
  return {
    secrets,
    now: () => new Date(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
    eksLogin: eksLogin({ http: realHttp, secrets, credentials: functionCredentials, now: () => new Date() }),
  };
}

function byName<Client>(
  clusters: readonly ClusterConfiguration[],
  make: (cluster: ClusterConfiguration) => Client,
): (cluster: string) => Client | undefined {
  const made = new Map<string, Client>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const cluster = clusters.find((candidate) => candidate.name === name);
    if (cluster === undefined) return undefined;
    const client = make(cluster);
    made.set(name, client);
    return client;
  };
}
