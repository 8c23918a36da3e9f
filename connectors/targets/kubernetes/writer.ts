import type { PlannedRequest } from '../../../domain/actions/action.ts';
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
      const { path, body } = dryRun ? asDryRun(request) : { path: request.path, body: jsonOf(request.body) };
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

/**
 * The API server reads the query of a DELETE only when it has no body: with preconditions in the body, a dry run must be
 * asked for in the body too, or it is the real thing (kubernetes/apiserver, endpoints/handlers/delete.go).
 */
function asDryRun({ method, path, body }: PlannedRequest): {
  readonly path: string;
  readonly body: string | undefined;
} {
  const asked = `${path}${path.includes('?') ? '&' : '?'}dryRun=All`;
  if (method !== 'DELETE') return { path: asked, body: jsonOf(body) };
  return { path: asked, body: jsonOf({ ...rawObjectSchema.parse(body), dryRun: ['All'] }) };
}

function jsonOf(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}
