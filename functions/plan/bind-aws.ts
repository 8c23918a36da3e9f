import { principalIn } from '../../connectors/targets/aws/protection.ts';
import type { ActionTarget, AwsTarget } from '../../domain/actions/target.ts';
import type { Entity, EvidenceItem, EvidencePack } from '../../domain/evidence/pack.ts';

/**
 * Things of an AWS account. What tells of them must be a system of record: the vendor's own record of a confirmed alert, or an
 * inventory that was read. Region and existence are found out when the action is prepared, by reading AWS itself.
 */
export function awsTargetOf(kind: AwsTarget['kind'], of: Entity, pack: EvidencePack): ActionTarget | undefined {
  switch (kind) {
    case 'instance':
      return instanceTarget(of, pack);
    case 'resource':
      return instanceTarget(of, pack) ?? bucketTarget(of, pack);
    case 'role':
      return principalTarget(of, pack, ['role'], isToldOf);
    case 'user':
      return principalTarget(of, pack, ['role', 'user'], isInInventory);
    case 'access-key':
      return keyTarget(of, pack);
    case 'eks-access-entry':
      return entryTarget(of, pack);
  }
}

const ACCOUNT = /^\d{12}$/;
const INSTANCE = /^i-[0-9a-f]{8,17}$/;
const BUCKET = /^arn:aws:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

function bound({ id: entityId, kind, canonical, label }: Entity) {
  return { system: 'aws', entityId, entity: { kind, canonical, label } } as const;
}

/** The vendor's own record confirms the alert, and speaks of this very thing. */
function isConfirmed({ id }: Entity, pack: EvidencePack): boolean {
  return pack.items.some(
    ({ trust, entities, fact }) =>
      trust !== 'attacker_influenced' && fact.kind === 'confirmation' && fact.confirmed && entities.includes(id),
  );
}

function instanceTarget(of: Entity, pack: EvidencePack): ActionTarget | undefined {
  const { workload } = pack;
  if (of.kind !== 'instance' || workload.kind !== 'host' || workload.instanceId !== of.canonical) return undefined;
  const { account } = workload;
  if (!INSTANCE.test(of.canonical) || account === undefined || !ACCOUNT.test(account) || !isConfirmed(of, pack))
    return undefined;
  const name = of.canonical;
  return { ...bound(of), account, kind: 'instance', arn: `arn:aws:ec2:*:${account}:instance/${name}`, name };
}

function bucketTarget(of: Entity, pack: EvidencePack): ActionTarget | undefined {
  const { workload } = pack;
  const { uid: arn = '' } = workload.kind === 'resource' ? workload : {};
  // Prisma Cloud's inventory knows a resource by account, type and id.
  const isIt = of.canonical === arn || of.canonical.endsWith(`/${arn}`);
  if (workload.kind !== 'resource' || !isIt || !BUCKET.test(arn)) return undefined;
  const { account, region } = workload;
  if (account === undefined || region === undefined || !ACCOUNT.test(account) || !isConfirmed(of, pack))
    return undefined;
  return {
    ...bound(of),
    account,
    region,
    kind: 'resource',
    arn,
    name: arn.slice('arn:aws:s3:::'.length),
  };
}

function principalTarget(
  of: Entity,
  pack: EvidencePack,
  kinds: readonly ('role' | 'user')[],
  known: (item: EvidenceItem, of: Entity) => boolean,
): ActionTarget | undefined {
  const named = principalIn(of.canonical);
  if (of.kind !== 'principal' || named === undefined || !kinds.includes(named.kind)) return undefined;
  if (!pack.items.some((item) => known(item, of))) return undefined;
  return { ...bound(of), account: named.account, kind: named.kind, arn: of.canonical, name: named.name };
}

function isInInventory({ source, trust, entities, fact }: EvidenceItem, { id }: Entity): boolean {
  const inventory = fact.kind === 'cloud-identity' && (source === 'cwpp_api' || source === 'cloud_api');
  return inventory && trust !== 'attacker_influenced' && entities.includes(id);
}

/**
 * An annotation of a service account names its role as well. Whoever may edit the service account may name any role there, so
 * that alone is no ground: the action then asks IAM whether the role trusts this very service account (`serviceAccountOf`).
 */
function isToldOf(item: EvidenceItem, of: Entity): boolean {
  return isInInventory(item, of) || isAnnotation(item, of);
}

function isAnnotation({ source, entities, fact }: EvidenceItem, { id, canonical }: Entity): boolean {
  return (
    source === 'kubernetes_api' &&
    fact.kind === 'service-account' &&
    fact.cloudRole === canonical &&
    entities.includes(id)
  );
}

/** The service account a role is known by, where nothing better tells of it; `plan` must hand it on to the action. */
export function serviceAccountOf(of: Entity, pack: EvidencePack): string | undefined {
  if (pack.items.some((item) => isInInventory(item, of))) return undefined;
  const fact = pack.items.find((item) => isAnnotation(item, of))?.fact;
  return fact?.kind === 'service-account' ? `${fact.namespace}/${fact.name}` : undefined;
}

function keyTarget(of: Entity, pack: EvidencePack): ActionTarget | undefined {
  if (of.kind !== 'secret') return undefined;
  for (const { source, trust, entities, fact } of pack.items) {
    if (fact.kind !== 'access-key' || fact.accessKeyId !== of.canonical || !entities.includes(of.id)) continue;
    if (trust === 'attacker_influenced' || (source !== 'cwpp_api' && source !== 'cloud_api')) continue;
    if (!ACCOUNT.test(fact.account)) continue;
    // IAM says itself whose key it is before anything is done (the action's `prepare`); a path is not known here.
    const arn = `arn:aws:iam::${fact.account}:user/${fact.user}`;
    return { ...bound(of), account: fact.account, kind: 'access-key', arn, name: fact.accessKeyId };
  }
  return undefined;
}

function entryTarget(of: Entity, pack: EvidencePack): ActionTarget | undefined {
  const principal = principalTarget(of, pack, ['role', 'user'], isInInventory);
  const { workload } = pack;
  if (principal?.system !== 'aws' || workload.kind !== 'pod' || workload.account !== principal.account)
    return undefined;
  return { ...principal, kind: 'eks-access-entry', name: workload.cluster };
}
