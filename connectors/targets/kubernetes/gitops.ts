import type { Metadata } from './schema.ts';

/**
 * Marks that tools leave on what they manage (their documentation; names of field managers unverified). A tool found here
 * will put back what we change on the object, so people must hear about it before they decide.
 */
const TRACKING_KEYS: readonly (readonly [prefix: string, tool: string])[] = [
  ['argocd.argoproj.io/', 'Argo CD'],
  ['kustomize.toolkit.fluxcd.io/', 'Flux'],
  ['helm.toolkit.fluxcd.io/', 'Flux'],
];
const FIELD_MANAGERS: readonly (readonly [pattern: RegExp, tool: string])[] = [
  [/^argocd-/, 'Argo CD'],
  [/^(?:kustomize|helm)-controller$/, 'Flux'],
];

export function gitOpsManagerOf(
  metadata: Pick<Metadata, 'labels' | 'annotations' | 'managedFields'>,
): string | undefined {
  const keys = [...Object.keys(metadata.labels), ...Object.keys(metadata.annotations)];
  const byKey = TRACKING_KEYS.find(([prefix]) => keys.some((key) => key.startsWith(prefix)));
  if (byKey) return byKey[1];
  const managers = metadata.managedFields.flatMap(({ manager }) => (manager === undefined ? [] : [manager]));
  return FIELD_MANAGERS.find(([pattern]) => managers.some((manager) => pattern.test(manager)))?.[1];
}

/** GitOps tool, else what `app.kubernetes.io/managed-by` says (Helm, an operator), which does not revert by itself. */
export function managerOf(metadata: Metadata): string | undefined {
  return gitOpsManagerOf(metadata) ?? metadata.labels['app.kubernetes.io/managed-by'];
}
