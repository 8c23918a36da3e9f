import type { Fact } from '../evidence/fact.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import { parseKubeletContainerName, type Workload } from '../workload.ts';
import { readArn } from './arn.ts';
import { isSpelledAs, type ValueKind } from './values.ts';

/** Kind → value → where the evidence holds it (`E4`, `N2`, `workload`). What is not here stands in no command and no patch. */
export type Known = ReadonlyMap<ValueKind, ReadonlyMap<string, string>>;

type Named = readonly (readonly [ValueKind, string | number | undefined])[];

export function knownValues(pack: EvidencePack): Known {
  const known = new Map<ValueKind, Map<string, string>>();
  const note = (from: string, named: Named): void => {
    for (const [kind, value] of named) {
      const text = value === undefined ? '' : String(value);
      if (!isSpelledAs(kind, text)) continue;
      const values = known.get(kind) ?? new Map<string, string>();
      if (!values.has(text)) values.set(text, from);
      known.set(kind, values);
    }
  };
  for (const item of pack.items) note(item.id, [...ofFact(item.fact), ...mentioned(item)]);
  note('workload', ofWorkload(pack.workload));
  for (const { id, kind, canonical } of pack.entities) note(id, ofEntity(kind, canonical));
  return known;
}

const CONTROLLERS = new Set(['deployment', 'statefulset', 'daemonset', 'cronjob', 'job', 'replicaset']);

/** `deployment/checkout`, as kubectl takes it; undefined for the kinds of operators, whose plural nobody can guess. */
export function controllerText(kind: string, name: string): string | undefined {
  return CONTROLLERS.has(kind.toLowerCase()) ? `${kind.toLowerCase()}/${name}` : undefined;
}

export function bindingText(kind: 'ClusterRoleBinding' | 'RoleBinding', name: string): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** Vendors report a kubelet-made name; the container's own is its second part. */
export function containerText(name: string): string {
  return parseKubeletContainerName(name)?.container ?? name;
}

function ofFact(fact: Fact): Named {
  switch (fact.kind) {
    case 'pod':
      return [
        ['cluster', fact.cluster],
        ['namespace', fact.namespace],
        ['pod', fact.name],
        ['node', fact.node],
        ['service-account', fact.serviceAccount],
        ...fact.images.flatMap(
          ({ container, image, digest }): Named => [
            ['container', container],
            ['image', image],
            ['digest', digest],
          ],
        ),
        ...Object.entries(fact.labels).flatMap(
          ([key, value]): Named => [
            ['label-key', key],
            ['label-value', value],
            ...(key === 'app.kubernetes.io/instance' ? ([['release', value]] as const) : []),
          ],
        ),
      ];
    case 'controller':
      return [
        ['namespace', fact.namespace],
        ['controller-name', fact.name],
        ['controller', controllerText(fact.controllerKind, fact.name)],
      ];
    case 'revision':
      return [
        ['revision', fact.revision],
        ['controller-name', fact.controller],
        ['controller', controllerText(fact.controllerKind, fact.controller)],
        ...[...fact.images, ...(fact.previousImages ?? [])].map((image) => ['image', image] as const),
      ];
    case 'security-context':
      return [
        ['container', fact.container],
        ...fact.addedCapabilities.map((name) => ['capability', name] as const),
        ...fact.hostPaths.map((path) => ['path', path] as const),
      ];
    case 'service-account':
      return [['namespace', fact.namespace], ['service-account', fact.name], ...arnValues(fact.cloudRole)];
    case 'role-binding':
      return [
        ['namespace', fact.namespace],
        ['binding', bindingText(fact.bindingKind, fact.name)],
        ['role', fact.roleName],
      ];
    case 'service':
      return [
        ['namespace', fact.namespace],
        ['service', fact.name],
        ...fact.ports.map((port) => ['port', port] as const),
      ];
    case 'container':
      return [
        ['container', containerText(fact.name)],
        ['image', fact.image],
        ['digest', fact.imageDigest],
      ];
    case 'image':
      return [
        ['image', fact.name],
        ['digest', fact.digest],
      ];
    case 'vulnerability':
      return [
        ['cve', fact.cve],
        ['package', fact.packageName],
        ['version', fact.packageVersion],
        ...(fact.fixedIn ?? '').split(/\s*,\s*/).map((version) => ['version', version] as const),
      ];
    case 'exploit-knowledge':
      return [['cve', fact.cve], ...fact.fixedIn.map(({ version }) => ['version', version] as const)];
    case 'connection':
      return [
        ['ip', fact.destinationIp],
        ['ip', fact.sourceIp],
        ['port', fact.destinationPort],
      ];
    case 'file-written':
    case 'process':
      return [['path', fact.path]];
    case 'cloud-identity':
      return [
        [/user/i.test(fact.identityKind) ? 'user' : 'cloud-role', fact.name],
        ['account', fact.account],
        ...arnValues(fact.name),
      ];
    case 'access-key':
      return [
        ['user', fact.user],
        ['account', fact.account],
      ];
    case 'ownership':
      return [
        ['stack', fact.tags['aws:cloudformation:stack-name']],
        ['logical-id', fact.tags['aws:cloudformation:logical-id']],
      ];
    default:
      return [];
  }
}

const MENTION = /\b(?:sg-[0-9a-f]{8,17}|i-[0-9a-f]{8,17})\b|\barn:[A-Za-z0-9:/_+=,.@-]{10,300}/g;

/** Ids of a cloud that stand within sentences of a vendor. Text a workload could have chosen names nothing. */
function mentioned({ fact, trust }: EvidenceItem): Named {
  if (trust === 'attacker_influenced') return [];
  const texts =
    fact.kind === 'compliance'
      ? [fact.reason, fact.control]
      : fact.kind === 'exposure'
        ? [fact.subject, ...fact.path]
        : [];
  return texts.flatMap((text) => (text.match(MENTION) ?? []).flatMap((found) => idValues(found)));
}

function ofWorkload(workload: Workload): Named {
  const account = ['account', workload.account] as const;
  switch (workload.kind) {
    case 'pod':
      return [
        account,
        ['cluster', workload.cluster],
        ['namespace', workload.namespace],
        ['pod', workload.pod],
        ['container', workload.container],
        ['image', workload.image],
        ['digest', workload.imageDigest],
      ];
    case 'container':
      return [account, ['container', workload.container], ['image', workload.image], ['digest', workload.imageDigest]];
    case 'host':
      return [account, ['instance', workload.instanceId], ['instance', workload.host]];
    case 'function':
      return [account, ['region', workload.region], ['function', workload.name]];
    case 'image':
      return [account, ['image', workload.image], ['digest', workload.imageDigest]];
    case 'resource':
      return [
        account,
        ['region', workload.region],
        ...idValues(workload.uid),
        ...idValues(workload.name),
        ...ofResource(workload),
      ];
  }
}

/** Names alone say nothing of whose cloud they are in; only a twelve-digit account is one of AWS. */
function ofResource({ resourceType, name, account }: Extract<Workload, { kind: 'resource' }>): Named {
  if (!isSpelledAs('account', account ?? '')) return [];
  const type = resourceType.toLowerCase();
  return [
    ...(/bucket/.test(type) ? ([['bucket', name]] as const) : []),
    ...(/iam.?user/.test(type) ? ([['user', name]] as const) : []),
    ...(/iam.?role/.test(type) ? ([['cloud-role', name]] as const) : []),
    ...(/\brds\b|database|db.?instance/.test(type) ? ([['database', name]] as const) : []),
    ...(/eks.?cluster/.test(type) ? ([['cluster', name]] as const) : []),
  ];
}

function ofEntity(kind: EvidencePack['entities'][number]['kind'], canonical: string): Named {
  return kind === 'instance' || kind === 'principal' || kind === 'workload' ? idValues(canonical) : [];
}

function idValues(text: string | undefined): Named {
  if (text === undefined) return [];
  return [['security-group', text], ['instance', text], ...arnValues(text)];
}

function arnValues(text: string | undefined): Named {
  const arn = text === undefined ? undefined : readArn(text);
  return arn === undefined
    ? []
    : [
        ['arn', text],
        ['account', arn.account],
        ['region', arn.region],
        [arn.kind, arn.name],
      ];
}
