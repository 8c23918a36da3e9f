import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { type EntityMap, entityMapOf, folded } from '../entity-map.ts';
import { tenantOf } from '../identity.ts';
import type { ReadBack } from '../read-back.ts';
import type { ObservedEntity } from '../records.ts';
import type { ApiAlert } from '../schema.ts';
import { clustersOf, hostsOf, podsOf } from '../workload.ts';

/** The vendor's answer about one alert (rule 7). Anything but a matching record is a no. */
export type ReadBackAnswer =
  | { readonly confirmed: true; readonly record: string; readonly reason: string }
  | { readonly confirmed: false; readonly reason: string };

const no = (reason: string): ReadBackAnswer => ({ confirmed: false, reason });

/** An alert of another account than the key's is not this account's alert of the same number. */
export function judgeTenant(locator: ReadBack, tenant: string | undefined): ReadBackAnswer | undefined {
  const claimed = tenantOf(locator.tenant ?? '');
  if (tenant === undefined || claimed === '' || claimed === tenantOf(tenant)) return undefined;
  return no(`the alert says it is of account ${claimed}; the configured key reads account ${tenant}`);
}

/** The record has the alert's number and its title or type. */
export function judgeRecord(locator: ReadBack, record: ApiAlert | undefined): ReadBackAnswer {
  if (record === undefined) return no(`Lacework has no alert ${locator.alertId}`);
  const same = (a: string | undefined, b: string): boolean => !!a && folded(a) === folded(b);
  if (!same(locator.title, record.alertName) && !same(locator.type, record.alertType)) {
    return no(
      `alert ${locator.alertId} of Lacework is "${record.alertName}" (${record.alertType}); the delivery says "${locator.title ?? ''}" (${locator.type ?? 'no type'})`,
    );
  }
  const closed = /^closed$/i.test(record.status) ? ', and it is closed there' : '';
  return {
    confirmed: true,
    record: locator.alertId,
    reason: `Lacework has alert ${locator.alertId} "${record.alertName}" of severity ${record.severity || 'unknown'}${closed}`,
  };
}

/** What the vendor's record and its observations name, in one map. */
export function namedBy(record: ApiAlert | undefined, observed: readonly ObservedEntity[]): EntityMap {
  return entityMapOf(record?.entityMap, ...observed.map((entity) => ({ [entity.entity_type]: [entity.entity_key] })));
}

/**
 * A pod or a machine the delivery names must be one the vendor names for this alert: a real number with another workload
 * in it would otherwise point an action at a target of the sender's choice. For what can be no target, silence is enough.
 */
export function judgeWorkload({ workload }: NormalizedFinding, entities: EntityMap): ReadBackAnswer | undefined {
  if (workload.kind === 'pod') {
    const { pod, namespace, cluster } = workload;
    const named = podsOf(entities).some((one) => one.pod === pod && one.namespace === namespace);
    const clusters = clustersOf(entities);
    if (named && clusters.includes(cluster)) return undefined;
    return no(`Lacework's record of the alert does not name pod ${namespace}/${pod} in cluster ${cluster}`);
  }
  if (workload.kind !== 'host') return undefined;
  const names = [...hostsOf(entities), ...entities.texts('Machine', 'INSTANCE_ID', 'MID')];
  if (names.length === 0) return undefined;
  const own = [workload.host, workload.instanceId];
  if (names.some((name) => own.includes(name))) return undefined;
  return no(`Lacework's record of the alert is about ${names.slice(0, 3).join(', ')}, not about ${workload.host}`);
}
