import type { Workload } from '../../../../domain/workload.ts';
import { parseKubernetesPath } from '../kubernetes-path.ts';
import type { ReadBack } from '../read-back.ts';
import type { DetectionRecord, IssueNewer, IssueRecord, ResourceRecord, ThreatRecord } from '../records.ts';

/** A resource as Wiz itself names it, whichever record it stands in. */
export interface VendorResource {
  readonly id?: string | undefined;
  readonly externalId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly name?: string | undefined;
  /** Of the record as a whole; empty when it names none. */
  readonly accounts: readonly string[];
  readonly clusters: readonly string[];
  readonly namespace?: string | undefined;
}

export function resourceOfIssue(issue: IssueRecord, newer: IssueNewer | undefined): VendorResource[] {
  const entity = issue.entitySnapshot;
  if (entity === undefined) return [];
  const kubernetes = newer?.entitySnapshot;
  return [
    {
      id: entity.id,
      externalId: entity.externalId,
      providerId: entity.providerId,
      name: entity.name,
      accounts: present([entity.subscriptionExternalId]),
      clusters: present([kubernetes?.kubernetesClusterName, kubernetes?.kubernetesClusterId]),
      namespace: kubernetes?.kubernetesNamespaceName,
    },
  ];
}

/** The resources of a threat name no account; that of its issue stands for them. */
export function resourcesOfThreat(threat: ThreatRecord | undefined, issue: IssueRecord): VendorResource[] {
  const accounts = present([issue.entitySnapshot?.subscriptionExternalId]);
  return (threat?.threatDetectionDetails?.resources ?? []).map((resource) => fromRecord(resource, accounts));
}

export function resourcesOfDetection(detection: DetectionRecord): VendorResource[] {
  const accounts = present(detection.cloudAccounts.map(({ externalId }) => externalId));
  const all = [...(detection.primaryResource ? [detection.primaryResource] : []), ...detection.resources];
  return all.map((resource) => fromRecord(resource, accounts));
}

function fromRecord(resource: ResourceRecord, accounts: readonly string[]): VendorResource {
  return {
    id: resource.id,
    externalId: resource.externalId,
    providerId: resource.providerUniqueId,
    name: resource.name,
    accounts,
    clusters: present([resource.kubernetesCluster?.name, resource.kubernetesCluster?.id]),
    namespace: resource.kubernetesNamespace?.name,
  };
}

function present(values: readonly (string | undefined)[]): string[] {
  return values.filter((value) => value !== undefined);
}

/**
 * Why none of Wiz's resources is what the alert is about; undefined when one is. Whoever can post to the webhook can put a
 * real id beside a resource of their choice, so the id of the record alone confirms nothing.
 */
export function mismatch(
  readBack: ReadBack,
  workload: Workload,
  vendor: readonly VendorResource[],
): string | undefined {
  if (vendor.length === 0) return 'Wiz names no resource in it that the alert could be compared with';
  const reasons = vendor.map((resource) => mismatchOf(readBack, workload, resource));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function mismatchOf(alert: ReadBack, workload: Workload, vendor: VendorResource): string | undefined {
  const { account } = workload;
  if (
    account !== undefined &&
    vendor.accounts.length > 0 &&
    !vendor.accounts.some((one) => sameAccount(account, one))
  ) {
    return 'it is about another account';
  }
  if (workload.kind === 'pod') return podMismatch(workload, vendor);
  const pairs = [
    [alert.graphId, vendor.id],
    [alert.externalId, vendor.externalId],
    [alert.providerId, vendor.providerId],
    [alert.name, vendor.name],
  ].filter(([ours, theirs]) => ours !== undefined && theirs !== undefined);
  if (pairs.length === 0) return 'the alert names nothing that the resource of the record could be compared with';
  return pairs.every(([ours, theirs]) => ours === theirs) ? undefined : 'it is about another resource';
}

function podMismatch(workload: Extract<Workload, { kind: 'pod' }>, vendor: VendorResource): string | undefined {
  const path = parseKubernetesPath(vendor.externalId) ?? parseKubernetesPath(vendor.providerId);
  const pod = path?.name ?? vendor.name;
  const namespace = path?.namespace ?? vendor.namespace;
  if (pod !== workload.pod || namespace !== workload.namespace) return 'it is about another pod';
  const clusters = [...vendor.clusters, ...(path ? [path.cluster] : [])];
  return clusters.includes(workload.cluster) ? undefined : `it does not say that the cluster is ${workload.cluster}`;
}

function sameAccount(a: string, b: string): boolean {
  return a === b || (/^\d{1,12}$/.test(b) && a === b.padStart(12, '0'));
}
