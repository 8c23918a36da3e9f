import { present } from '../../../domain/ocsf/present.ts';
import type { Resource, WizAlert } from './alert.ts';
import type { ResourceBody, ThreatBody } from './schema.ts';
import { namesIn, withoutMarkers } from './words.ts';

/** Threat webhook (Wiz Defend). Its id is that of the issue. Accounts are named by internal id only, so none is taken over. */
export function threatAlert({ threat, trigger }: ThreatBody, id: string): WizAlert {
  return {
    record: 'issue',
    id,
    title: threat.title ?? `Wiz threat ${id}`,
    description: withoutMarkers(threat.description),
    category: threat.title ?? 'threat detection',
    rule: threat.title === undefined ? undefined : { name: threat.title },
    severities: [threat.severity],
    times: [threat.created, threat.createdAt, threat.updatedAt],
    created: threat.created ?? threat.createdAt,
    url: threat.threatURL,
    resources: threat.resources.map((resource) => resourceOf(resource, threat.cloudPlatform)),
    actor: threat.actors[0] && resourceOf(threat.actors[0], threat.cloudPlatform),
    techniques: [...threat.mitreTechniques, ...threat.mitreTactics],
    events: [],
    projects: namesIn(threat.projects),
    unmapped: present({
      issueType: 'THREAT_DETECTION',
      issueStatus: threat.status,
      detectionRules: threat.tdrNames,
      detectionIds: threat.detectionIds,
      accounts: threat.cloudAccounts.flatMap((account) => account?.name ?? []).join(', ') || undefined,
      changedBy: trigger.changedBy,
    }),
    notes: [],
  };
}

export function resourceOf(body: ResourceBody, platform?: string): Resource {
  const account = body.cloudAccount;
  return {
    id: body.id,
    externalId: body.externalId,
    providerId: body.providerUniqueId,
    name: body.name,
    type: body.type,
    nativeType: body.nativeType,
    region: body.region,
    account: account?.externalId,
    accountName: account?.name,
    platform: account?.cloudPlatform ?? account?.cloudProvider ?? platform,
    clusterName: body.kubernetesClusterName,
    namespace: body.kubernetesNamespaceName,
    node: body.kubernetesNodeName,
  };
}
