import type { CommandEffect } from '../guidance.ts';
import type { ValueKind } from '../values.ts';

/** What may stand in one place of a command. A `value` must be one the evidence holds; everything else is a fixed list. */
export type Place =
  | { readonly value: ValueKind }
  | { readonly oneOf: readonly string[] }
  | { readonly from: number; readonly to: number }
  /** `container=image`, `package@version` */
  | { readonly pair: readonly [ValueKind, ValueKind]; readonly by: '=' | '@' | '==' | '@v' }
  /** A thing of Kubernetes: `deployment/checkout`, `pod/x`; alone (`pods`) where all of a kind may be meant. */
  | { readonly things: readonly string[]; readonly all?: boolean }
  /** `system:serviceaccount:<namespace>:<name>` */
  | { readonly account: true };

export interface CommandSpec {
  /** The words after the program: `rollout undo`, `s3api put-bucket-acl`. */
  readonly verb: string;
  readonly effect: CommandEffect;
  /** A second person must agree: it takes a service, rights or data away. */
  readonly approval?: boolean;
  readonly places?: readonly Place[];
  readonly flags?: Readonly<Record<string, Place | 'switch'>>;
  /** Flags without which the command would mean something else, such as everything. */
  readonly required?: readonly string[];
}

export interface ProgramSpec {
  readonly program: string;
  readonly flags: Readonly<Record<string, Place | 'switch'>>;
  readonly commands: readonly CommandSpec[];
  /** Verbs that are refused by name, so that the reason says more than "not on the list". */
  readonly refused: readonly string[];
}

/** Names of the files that guidance writes its patches to. */
export const PATCH_FILES = [
  'parapet-drop-privileges.yaml',
  'parapet-host-access.yaml',
  'parapet-read-only-root.yaml',
  'parapet-no-token.yaml',
  'parapet-deny-egress.yaml',
  'parapet-service.yaml',
  'parapet-narrow-binding.yaml',
  'parapet-no-exec.yaml',
] as const;
export type PatchFile = (typeof PATCH_FILES)[number];

/** Spelling of a type → its canonical one and the kind of value its name must be. */
export const THINGS: Readonly<
  Record<string, { readonly type: string; readonly kind: ValueKind; readonly namespaced: boolean }>
> = {
  ...alias('pod', 'pod', ['pods', 'po']),
  ...alias('deployment', 'controller', ['deployments', 'deploy']),
  ...alias('statefulset', 'controller', ['statefulsets', 'sts']),
  ...alias('daemonset', 'controller', ['daemonsets', 'ds']),
  ...alias('replicaset', 'controller', ['replicasets', 'rs']),
  ...alias('cronjob', 'controller', ['cronjobs', 'cj']),
  ...alias('job', 'controller', ['jobs']),
  ...alias('service', 'service', ['services', 'svc']),
  ...alias('serviceaccount', 'service-account', ['serviceaccounts', 'sa']),
  ...alias('clusterrolebinding', 'binding', ['clusterrolebindings']),
  ...alias('rolebinding', 'binding', ['rolebindings']),
  ...alias('networkpolicy', 'service', ['networkpolicies', 'netpol']),
  ...alias('node', 'node', ['nodes']),
  ...alias('namespace', 'namespace', ['namespaces', 'ns']),
  ...alias('event', 'pod', ['events', 'ev']),
  ...alias('secret', 'pod', ['secrets']),
};

function alias(type: string, kind: ValueKind, others: readonly string[]) {
  const namespaced = !['node', 'namespace', 'clusterrolebinding'].includes(type);
  return Object.fromEntries([type, ...others].map((word) => [word, { type, kind, namespaced }]));
}
