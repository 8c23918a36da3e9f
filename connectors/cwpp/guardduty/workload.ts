import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { controllerNameOf, type Workload } from '../../../domain/workload.ts';
import type { GuardDutyContainer, GuardDutyFinding } from './schema.ts';

export interface WorkloadReading {
  readonly workload: Workload;
  readonly notes: readonly string[];
}

type Resource = NonNullable<GuardDutyFinding['resource']>;

const only = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
const cap = (value: string | undefined): string | undefined => (value ? capped(value, SHORT_TEXT_CAP) : undefined);

/** The container in question: the one GuardDuty names, otherwise the only one of the pod or task. */
export function containerOf(resource: Resource | undefined): GuardDutyContainer | undefined {
  return (
    resource?.containerDetails ??
    only(resource?.kubernetesDetails?.kubernetesWorkloadDetails?.containers ?? []) ??
    only(resource?.ecsClusterDetails?.taskDetails?.containers ?? [])
  );
}

const DIGEST = /sha256:[0-9a-f]{64}$/;

/** GuardDuty gives the reference only; a reference by digest holds the digest. */
export function imageDigestOf(image: string | undefined): string | undefined {
  return DIGEST.exec(image ?? '')?.[0];
}

/** What the finding is about, the nearest thing first; undefined when it names nothing. */
export function workloadOf(finding: GuardDutyFinding): WorkloadReading | undefined {
  const { resource } = finding;
  if (!resource) return undefined;
  const place = { account: cap(finding.accountId), region: cap(finding.region) };
  return (
    podOf(resource, place) ??
    taskOf(resource, place) ??
    containerOnHost(resource, place) ??
    functionOf(resource, place) ??
    hostOf(resource, place) ??
    otherOf(resource, place)
  );
}

interface Place {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

function containerFields(resource: Resource) {
  const container = containerOf(resource);
  return {
    containerId: cap(container?.id),
    image: cap(container?.image),
    imageDigest: imageDigestOf(container?.image),
  };
}

function podOf(resource: Resource, { account }: Place): WorkloadReading | undefined {
  const details = resource.kubernetesDetails?.kubernetesWorkloadDetails;
  const [cluster, name, namespace] = [
    cap(resource.eksClusterDetails?.name),
    cap(details?.name),
    cap(details?.namespace),
  ];
  if (!cluster || !name || !namespace) return undefined;
  const isPod = /^pods?$/i.test(details?.type ?? 'pods');
  return {
    workload: present({
      kind: 'pod' as const,
      account,
      cluster,
      namespace,
      pod: name,
      controller: isPod ? controllerNameOf(name) : name,
      container: cap(containerOf(resource)?.name),
      ...containerFields(resource),
      host: cap(resource.instanceDetails?.instanceId),
    }),
    notes: isPod ? [] : [`GuardDuty names the ${cap(details?.type)} ${name} and no pod of it`],
  };
}

/** A container of an ECS task. Its service (or family) stands where the host does, so that replicas are one workload. */
function taskOf(resource: Resource, { account }: Place): WorkloadReading | undefined {
  const ecs = resource.ecsClusterDetails;
  if (!ecs) return undefined;
  const cluster = cap(ecs.name ?? last(ecs.arn));
  const task = ecs.taskDetails;
  const group = cap(task?.group?.replace(/^(?:service|family):/, '') ?? last(task?.definitionArn) ?? last(task?.arn));
  if (!cluster || !group) return undefined;
  return {
    workload: present({
      kind: 'container' as const,
      account,
      host: `${cluster}/${group}`,
      container: cap(containerOf(resource)?.name) ?? group,
      ...containerFields(resource),
    }),
    notes: [],
  };
}

function containerOnHost(resource: Resource, { account }: Place): WorkloadReading | undefined {
  const container = resource.containerDetails;
  const name = cap(container?.name ?? container?.id);
  if (!container || !name) return undefined;
  const host = cap(resource.instanceDetails?.instanceId) ?? 'unknown';
  return {
    workload: present({ kind: 'container' as const, account, host, container: name, ...containerFields(resource) }),
    notes: [],
  };
}

function functionOf(resource: Resource, { account, region }: Place): WorkloadReading | undefined {
  const name = cap(resource.lambdaDetails?.functionName ?? last(resource.lambdaDetails?.functionArn));
  return name ? { workload: present({ kind: 'function' as const, account, region, name }), notes: [] } : undefined;
}

/** `AROA…:i-0123456789abcdef0` is the role an instance got from its profile. */
const INSTANCE_SESSION = /:(i-[0-9a-f]{8,17})$/;

function hostOf(resource: Resource, { account }: Place): WorkloadReading | undefined {
  const session = INSTANCE_SESSION.exec(resource.accessKeyDetails?.principalId ?? '')?.[1];
  const instanceId = cap(resource.instanceDetails?.instanceId ?? session);
  return instanceId
    ? { workload: present({ kind: 'host' as const, account, host: instanceId, instanceId }), notes: [] }
    : undefined;
}

/** Not a workload: a bucket, a database, a cluster as a whole, an identity. Investigated, and no target of containment. */
function otherOf(resource: Resource, { account, region }: Place): WorkloadReading | undefined {
  const { s3BucketDetails, rdsDbInstanceDetails: database, eksClusterDetails: eks, accessKeyDetails: key } = resource;
  const bucket = s3BucketDetails[0];
  const candidates: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['S3 bucket', bucket?.name, bucket?.arn],
    ['RDS instance', database?.dbInstanceIdentifier, database?.dbInstanceArn],
    ['EKS cluster', eks?.name, eks?.arn],
    ['IAM identity', key?.userName ?? key?.principalId ?? key?.accessKeyId, key?.principalId],
  ];
  const found = candidates.find(([, name]) => name);
  if (!found) return undefined;
  const [resourceType, name = '', uid] = found;
  return {
    workload: present({
      kind: 'resource' as const,
      account,
      region,
      resourceType,
      name: capped(name, SHORT_TEXT_CAP),
      uid: cap(uid),
    }),
    notes: [],
  };
}

function last(path: string | undefined): string | undefined {
  return path?.split('/').at(-1) || undefined;
}
