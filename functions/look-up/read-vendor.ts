import type { CwppPart, EvidenceSource } from '../../connectors/cwpp/evidence-source.ts';
import type { Entity } from '../../domain/evidence/pack.ts';
import type { LookUpOutput } from '../../domain/models/tools.ts';
import type { Source } from '../../domain/source.ts';
import { focusOn } from './focus.ts';
import { refused, type Subject } from './subject.ts';

export interface VendorDeps {
  readonly evidenceOf: (source: Source) => EvidenceSource | undefined | Promise<EvidenceSource | undefined>;
}

/** One part of what the vendor knows of a container, pod, image or host. Trouble with the vendor is a gap among the drafts. */
export async function readVendor(
  deps: VendorDeps,
  { incident, findings, pack, deadline }: Subject,
  part: Exclude<CwppPart, 'alert-details'>,
  entity: Entity,
): Promise<LookUpOutput> {
  const focused = focusOn(findings, pack, entity);
  if (focused === undefined) return refused('a vendor can be asked about a container, pod, image or host only');
  const source = await deps.evidenceOf(incident.source);
  if (source === undefined) return refused('the source of the incident is no longer configured');
  const { drafts, cost } = await source.gather(part, focused, deadline);
  return { outcome: 'answered', drafts: [...drafts], cost: { ...cost, milliseconds: Math.round(cost.milliseconds) } };
}
