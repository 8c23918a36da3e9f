import type { VendorTarget } from '../../domain/actions/target.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import type { Entity, EvidencePack } from '../../domain/evidence/pack.ts';
import { vendorOfAction } from '../../domain/evidence/vendor-record.ts';

/**
 * A record of the vendor that sent the alert. It must be the one by which that vendor confirmed it for this very entity, and
 * its id is the one of the vendor's answer: what a webhook or a recommendation says only chooses among those.
 */
export function vendorTargetOf(
  action: ExecutableAction,
  of: Entity,
  pack: EvidencePack,
  record: string | undefined,
): VendorTarget | undefined {
  const vendor = vendorOfAction(action);
  const confirmed = pack.items.flatMap(({ source, trust, entities, fact }) =>
    source === 'cwpp_api' &&
    trust !== 'attacker_influenced' &&
    entities.includes(of.id) &&
    fact.kind === 'confirmation' &&
    fact.confirmed
      ? [fact.answerable].filter((one) => one !== undefined)
      : [],
  );
  const found = confirmed.find((one) => one.vendor === vendor && one.id === record);
  if (found === undefined) return undefined;
  const { id: entityId, kind, canonical, label } = of;
  return { system: 'vendor', entityId, entity: { kind, canonical, label }, ...found };
}
