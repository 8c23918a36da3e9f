/**
 * The kinds of values that may stand in a command or a patch, each with the only spelling it may have. No kind allows a
 * quote, a space, a control character or a character a shell, YAML, HCL, JSON or a Dockerfile reads as its own, and none may
 * begin with a dash, which a program would read as an option.
 */
const DNS_LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DNS_NAME = `${DNS_LABEL}(?:\\.${DNS_LABEL}){0,20}`;
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IAM_NAME = '[A-Za-z0-9_+=,.@][A-Za-z0-9_+=,.@-]{0,127}';

export const GRAMMAR = {
  cluster: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/,
  namespace: new RegExp(`^${DNS_LABEL}$`),
  /** A pod, service, service account or other object of Kubernetes. */
  pod: new RegExp(`^${DNS_NAME}$`),
  service: new RegExp(`^${DNS_LABEL}$`),
  'service-account': new RegExp(`^${DNS_NAME}$`),
  node: new RegExp(`^${DNS_NAME}$`),
  controller: new RegExp(`^(?:deployment|statefulset|daemonset|cronjob|job|replicaset)/${DNS_NAME}$`),
  'controller-name': new RegExp(`^${DNS_NAME}$`),
  /** Kubernetes allows colons in names of RBAC objects. */
  binding: /^(?:clusterrolebinding|rolebinding)\/[a-z0-9](?:[a-z0-9.:-]{0,200}[a-z0-9])?$/,
  role: /^[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,200}[A-Za-z0-9])?$/,
  container: new RegExp(`^${DNS_LABEL}$`),
  'label-key': /^(?:[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
  'label-value': /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
  revision: /^[1-9]\d{0,8}$/,
  image:
    /^[a-z0-9][a-z0-9._/-]{0,200}(?::\d{1,5}\/[a-z0-9._/-]{1,200})?(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
  digest: /^sha256:[0-9a-f]{64}$/,
  package: /^@?[A-Za-z0-9][A-Za-z0-9@._/:+-]{0,199}$/,
  version: /^[A-Za-z0-9][A-Za-z0-9.+:_~^-]{0,99}$/,
  cve: /^[A-Z]{2,10}-[A-Za-z0-9-]{4,40}$/,
  ip: new RegExp(`^(?:${BYTE}(?:\\.${BYTE}){3}|[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){1,7})$`),
  port: /^(?:0|[1-9]\d{0,4})$/,
  path: /^\/[A-Za-z0-9_@.+/-]{0,250}$/,
  capability: /^[A-Z][A-Z_]{1,40}$/,
  instance: /^i-[0-9a-f]{8,17}$/,
  'security-group': /^sg-[0-9a-f]{8,17}$/,
  bucket: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  user: new RegExp(`^${IAM_NAME}$`),
  'cloud-role': new RegExp(`^${IAM_NAME}$`),
  arn: /^arn:aws[a-z-]{0,10}:[a-z0-9-]{1,40}:[a-z0-9-]{0,30}:\d{0,12}:[A-Za-z0-9][A-Za-z0-9_+=,.@:/-]{0,300}$/,
  account: /^\d{12}$/,
  region: /^[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d$/,
  function: /^[A-Za-z0-9_][A-Za-z0-9_-]{0,139}$/,
  database: /^[A-Za-z][A-Za-z0-9-]{0,62}$/,
  stack: /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
  'logical-id': /^[A-Za-z][A-Za-z0-9]{0,254}$/,
  release: new RegExp(`^${DNS_LABEL}$`),
  permission: /^[a-z0-9-]{1,40}:[A-Za-z]{1,80}$/,
} as const satisfies Readonly<Record<string, RegExp>>;

export type ValueKind = keyof typeof GRAMMAR;

export function isSpelledAs(kind: ValueKind, text: string): boolean {
  return GRAMMAR[kind].test(text);
}
