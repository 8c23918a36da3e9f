import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import type { Claim } from '../analysis.ts';
import { claim, duration, enumerate, factsOf, type Piece, quote, readableTime } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** A change longer ago is not "just before". */
const JUST_BEFORE_MS = 24 * 3_600_000;
const MOST_TOLD = 6;

/** What is new at this workload, after which change of whose, and which other incidents share something with it. */
export function unusualClaims({ pack }: Investigation): Claim[] {
  const anomalies = factsOf(pack, 'anomaly').filter(({ fact }) => fact.neverSeenBefore);
  return [
    ...anomalies.slice(0, MOST_TOLD).map((anomaly) => anomalyClaim(pack, anomaly)),
    ...changeClaim(pack, anomalies),
    ...linkedClaims(pack),
  ];
}

const WORDS = {
  process: 'Process',
  network: 'Network',
  domain: 'Name',
  'file-area': 'Writing below',
  user: 'User',
} as const;

function anomalyClaim(pack: EvidencePack, { item, fact }: Piece<'anomaly'>): Claim {
  const controllers = factsOf(pack, 'controller').filter((one) => one.fact.replicas !== undefined);
  const wanted = fact.replicas ?? controllers[0]?.fact.replicas;
  const known = wanted === undefined || wanted < fact.sharedByReplicas ? '' : ` of ${wanted}`;
  const cited: readonly EvidenceItem[] =
    fact.replicas === undefined && known !== '' ? controllers.slice(0, 1).map((one) => one.item) : [];
  const shared = `${fact.sharedByReplicas}${known} ${wanted === 1 || (known === '' && fact.sharedByReplicas === 1) ? 'replica' : 'replicas'}`;
  return claim(
    'observed',
    `${WORDS[fact.dimension]} ${quote(fact.value)} was never seen at this workload in ${fact.observedForDays} days of observation; it was seen at ${shared}.`,
    [item, ...cited],
  );
}

/** The last change before the alert, and whose workload it is, told only when there is something it may explain. */
function changeClaim(pack: EvidencePack, anomalies: readonly Piece<'anomaly'>[]): Claim[] {
  const first = factsOf(pack, 'alert')
    .map(({ fact }) => fact.occurredAt)
    .sort()[0];
  const revision = factsOf(pack, 'revision')
    .filter(({ fact }) => fact.current && first !== undefined && isJustBefore(fact.createdAt, first))
    .sort((a, b) => (a.fact.createdAt < b.fact.createdAt ? 1 : -1))[0];
  if (anomalies.length === 0 || revision === undefined || first === undefined) return [];
  const owner = factsOf(pack, 'ownership').find(({ fact }) => fact.team !== undefined);
  const { controllerKind, controller, createdAt } = revision.fact;
  const team = owner === undefined ? '' : `, of ${quote(owner.fact.team ?? '')}`;
  return [
    claim(
      'inferred',
      `What is new appeared ${duration(createdAt, first)} after ${quote(controllerKind)} ${quote(controller)}${team}, was changed to revision ${revision.fact.revision} at ${readableTime(createdAt)}; that change may have brought it, or may have let it in.`,
      [revision.item, ...(owner ? [owner.item] : []), ...anomalies.slice(0, MOST_TOLD).map(({ item }) => item)],
      { pack, kinds: ['workload', 'image'] },
    ),
  ];
}

function isJustBefore(change: string, alert: string): boolean {
  const distance = Date.parse(alert) - Date.parse(change);
  return distance >= 0 && distance <= JUST_BEFORE_MS;
}

function linkedClaims(pack: EvidencePack): Claim[] {
  return factsOf(pack, 'linked-incident')
    .slice(0, 4)
    .map(({ item, fact }) => {
      const shared = enumerate(fact.shared.slice(0, 4).map(({ what, value }) => `${what} ${quote(value, 80)}`));
      return claim(
        'observed',
        `Incident ${quote(fact.incidentId)} of ${quote(fact.workload)}, opened at ${readableTime(fact.openedAt)}, shares ${shared || 'something'} with this one.`,
        [item],
      );
    });
}
