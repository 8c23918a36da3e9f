import type { ClusterConfiguration } from '../../../domain/config/schema.ts';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { KubernetesWriter } from './api.ts';
import { KUBERNETES_LIMITS, type KubernetesDeps, kubernetesApi } from './client.ts';
import { factsOf, readerOver } from './reader.ts';
import { checkGuarded } from './requests.ts';
import { rawObjectSchema } from './schema.ts';

/** A client that may contain, with the cluster's write secret. */
export function kubernetesWriter(cluster: ClusterConfiguration, deps: KubernetesDeps): KubernetesWriter {
  const limits = deps.limits ?? KUBERNETES_LIMITS;
  const api = kubernetesApi(cluster, cluster.writeSecret, deps);
  return {
    ...readerOver(api, factsOf(cluster), limits, deps.now),
    async send(request, { dryRun, record }) {
      const { repeatable } = checkGuarded(request);
      const path = dryRun ? `${request.path}${request.path.includes('?') ? '&' : '?'}dryRun=All` : request.path;
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      const answer = await api.call({
        method: request.method,
        path,
        contentType: request.contentType,
        body,
        repeat: repeatable ? 'repeatable' : 'once',
        onAnswer: (status) =>
          record({
            method: request.method,
            path,
            ...(body === undefined ? {} : { bodySha256: sha256Hex(body) }),
            status,
            dryRun,
            at: deps.now().toISOString(),
          }),
      });
      return rawObjectSchema.safeParse(answer).data ?? {};
    },
  };
}
