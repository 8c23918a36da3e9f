import { present } from '../../../domain/ocsf/present.ts';
import type { Resource, WizAlert } from './alert.ts';
import type { EntityBody, IssueBody } from './schema.ts';
import { namesIn, textOfList } from './words.ts';

/** Issue webhook: the default body, our template, and templates of operators that keep the names of the API. */
export function issueAlert(body: IssueBody, id: string): WizAlert {
  const { issue, trigger } = body;
  const control = body.control ?? issue.control;
  const entity = body.resource ?? body.entitySnapshot ?? issue.entitySnapshot;
  const category = issueCategory(issue.type, control);
  return {
    record: 'issue',
    id,
    title: control?.name ?? issue.description ?? `Wiz issue ${id}`,
    description: control?.description ?? issue.description,
    category,
    rule: control && { id: control.id, name: control.name },
    severities: [issue.severity, control?.severity],
    times: [issue.created, issue.createdAt, issue.updatedAt],
    created: issue.created ?? issue.createdAt,
    url: issue.url,
    resources: entity === undefined ? [] : [resourceOf(entity, body.resource !== undefined)],
    techniques: [],
    events: [],
    projects: namesIn(issue.projects),
    recommendation: issue.resolutionRecommendation ?? control?.resolutionRecommendation,
    unmapped: present({
      issueType: issue.type,
      issueStatus: issue.status,
      updatedFields: trigger.updatedFields,
      changedBy: trigger.changedBy,
      risks: textOfList(control?.risks),
      configurationRule: control?.sourceCloudConfigurationRuleId,
      template: body.parapet?.template,
    }),
    notes: [],
  };
}

/**
 * The default body does not say what kind of issue it is. Ids of graph controls begin with `wc-`, those of event rules with
 * `cer-`; what is neither is taken for a threat, because a threat must never be taken for a misconfiguration.
 */
export function issueCategory(
  type: string | undefined,
  control:
    | {
        readonly id?: string | undefined;
        readonly name?: string | undefined;
        readonly sourceCloudConfigurationRuleId?: string | undefined;
      }
    | undefined,
): string {
  switch (type?.trim().toUpperCase().replace(/\s+/g, '_')) {
    case 'TOXIC_COMBINATION':
      return 'misconfiguration: toxic combination';
    case 'CLOUD_CONFIGURATION':
      return 'misconfiguration: cloud configuration';
    case 'THREAT_DETECTION':
      return control?.name ?? 'threat detection';
    default:
      break;
  }
  if (control?.id?.startsWith('wc-')) {
    return control.sourceCloudConfigurationRuleId === undefined
      ? 'misconfiguration: toxic combination'
      : 'misconfiguration: cloud configuration';
  }
  return control?.name ?? 'issue';
}

/** In `resource` the id is the provider's and `type` the native one; in `entitySnapshot` they are the graph's. */
function resourceOf(entity: EntityBody, isDefault: boolean): Resource {
  return {
    id: isDefault ? undefined : entity.id,
    externalId: entity.externalId,
    providerId: isDefault ? (entity.providerId ?? entity.id) : entity.providerId,
    name: entity.name,
    type: isDefault ? entity.graphType : (entity.graphType ?? entity.type),
    nativeType: isDefault ? (entity.nativeType ?? entity.type) : entity.nativeType,
    region: entity.region,
    account: entity.subscriptionId ?? entity.subscriptionExternalId,
    accountName: entity.subscriptionName,
    platform: entity.cloudPlatform,
    clusterName: entity.kubernetesClusterName,
    namespace: entity.kubernetesNamespaceName,
  };
}
