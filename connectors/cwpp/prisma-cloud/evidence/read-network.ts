import { isIP } from 'node:net';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped } from '../../../../domain/ocsf/text.ts';
import { workloadLabel } from '../../../../domain/workload.ts';
import type { Asset, NetworkRule } from '../records.ts';
import { fromVendor } from './draft.ts';
import { ipEntity, subjectEntities } from './entities.ts';
import { confirmedSubject, type PartReader, readAsset } from './part.ts';

const MAX_PORTS = 20;
const ANYBODY = /(?:^|[\s,[])(?:0\.0\.0\.0\/0|::\/0)(?:$|[\s,\]])/;

/** Whether the asset can be reached from outside, by which ports and past which rules. */
export const readNetwork: PartReader = async (context) => {
  const subject = await confirmedSubject(context, 'the exposure of the asset');
  if (subject === undefined) return [];
  const { found, record } = subject;
  const asset = await readAsset(context, record, 'asset', 'the exposure of the asset');
  const network = await readAsset(context, record, 'network', 'the network rules of the asset');
  if (asset === undefined && network === undefined) return [];
  return exposureDrafts(asset, network?.network ?? [], {
    subject: workloadLabel(found.workload),
    observedAt: context.now().toISOString(),
    entities: subjectEntities(found),
  });
};

/**
 * The vendor's own judgement (`trueInternetExposure`) where it gives one. Otherwise a rule that lets anybody in proves
 * exposure only together with a public address; without one, reachability stays open.
 */
export function exposureDrafts(
  asset: Asset | undefined,
  rules: readonly NetworkRule[],
  of: { readonly subject: string; readonly observedAt: string; readonly entities: EvidenceDraft['entities'] },
): EvidenceDraft[] {
  const inbound = rules.filter(
    ({ direction, access }) => /^in/i.test(direction ?? '') && !/deny|block|drop/i.test(access ?? ''),
  );
  const open = inbound.filter(({ ips }) => ANYBODY.test(ips ?? ''));
  const addresses = (asset?.ipAddresses ?? []).filter((address) => isIP(address) !== 0).slice(0, 10);
  const published = addresses.filter(isPublic);
  const judged = asset?.trueInternetExposure;
  const reachable =
    judged ?? (open.length > 0 ? (published.length > 0 ? true : undefined) : rules.length > 0 ? false : undefined);
  if (reachable === undefined && open.length === 0) return [];
  const basis = [
    judged === undefined
      ? 'Prisma Cloud gives no judgement of its own'
      : `Prisma Cloud's own judgement of internet exposure is ${judged}`,
    `${open.length} of ${inbound.length} inbound rules let anybody in`,
    published.length > 0 ? `public address ${published.join(', ')}` : 'no public address is known',
  ];
  const fact = present({
    kind: 'exposure' as const,
    subject: of.subject,
    reachableFromInternet: reachable,
    ports: [...new Set(open.map(portsOf))].slice(0, MAX_PORTS),
    path: [...published, ...(asset?.data ? groupsOf(asset.data) : [])].slice(0, 10),
    basis: basis.join('; '),
  });
  return [
    fromVendor('POST /uai/v1/asset (network)', of.observedAt, fact, [
      ...of.entities,
      ...published.flatMap((ip) => ipEntity(ip)),
    ]),
  ];
}

function portsOf({ ports, protocol }: NetworkRule): string {
  const shown = ports === undefined || ports === '' ? 'all' : ports;
  return capped(protocol ? `${shown}/${protocol.toLowerCase()}` : shown, 80);
}

/** Security groups of an EC2 instance, as its own record lists them. */
function groupsOf(data: Readonly<Record<string, unknown>>): string[] {
  const groups = data['securityGroups'];
  if (!Array.isArray(groups)) return [];
  return groups.slice(0, 10).flatMap((group: unknown) => {
    if (typeof group !== 'object' || group === null) return [];
    const id = new Map<string, unknown>(Object.entries(group)).get('groupId');
    return typeof id === 'string' && id !== '' ? [`security group ${capped(id, 80)}`] : [];
  });
}

/** RFC 1918, shared, loopback, link-local and unique-local addresses are not on the internet. */
function isPublic(address: string): boolean {
  return !/^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.|::1$|f[cd][0-9a-f]{2}:|fe80:)/i.test(
    address,
  );
}
