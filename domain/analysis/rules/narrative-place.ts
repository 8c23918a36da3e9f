import type { Claim } from '../analysis.ts';
import { claim, enumerate, factsOf, type Piece, quote, readableTime } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** Which container, image, pod, controller and cluster. */
export function placeClaims({ pack, affected }: Investigation): Claim[] {
  const containers = factsOf(pack, 'container')
    .slice(0, 3)
    .map(({ item, fact }) => {
      const digest = fact.imageDigest === undefined ? '' : ` (digest ${quote(fact.imageDigest)})`;
      const since = fact.startedAt === undefined ? '' : ` since ${readableTime(fact.startedAt)}`;
      const entry = fact.entryPoint === undefined ? '' : `; its entry point is "${quote(fact.entryPoint)}"`;
      return claim(
        'observed',
        `Container ${quote(fact.name)} runs image ${quote(fact.image)}${digest}${since}${entry}.`,
        [item],
        { pack, kinds: ['container', 'image'] },
      );
    });
  const controllers = factsOf(pack, 'controller');
  const pods = affected.slice(0, 5).map(({ piece: { item, fact } }) => {
    const owners = controllers.filter((controller) => controller.fact.namespace === fact.namespace);
    const chain = owners.map(({ fact: owner }) => `${quote(owner.controllerKind)} ${quote(owner.name)}`);
    const node = fact.node === undefined ? '' : ` on node ${quote(fact.node)}`;
    const owned = chain.length === 0 ? '' : `; it belongs to ${enumerate(chain)}`;
    return claim(
      'observed',
      `It is pod ${quote(fact.name)} in namespace ${quote(fact.namespace)} of cluster ${quote(fact.cluster)}${node}${owned}.`,
      [item, ...owners.map((owner) => owner.item)],
      { pack, kinds: ['pod', 'namespace', 'cluster', 'node', 'workload'] },
    );
  });
  return [...containers, ...pods];
}

/** Without a record nothing was read back: an event that AWS vouches for says so itself. */
function confirmedClaims(confirmed: readonly Piece<'confirmation'>[]): Claim[] {
  const readBack = confirmed.filter(({ fact }) => fact.vendorRecord !== undefined);
  const vouched = confirmed.filter(({ fact }) => fact.vendorRecord === undefined);
  return [
    ...(readBack.length === 0
      ? []
      : [
          claim(
            'observed',
            'The alert was read back from the vendor, which confirmed it.',
            readBack.map(({ item }) => item),
          ),
        ]),
    ...vouched
      .slice(0, 3)
      .map(({ item, fact }) => claim('observed', `The alert counts as confirmed: ${quote(fact.reason)}.`, [item])),
  ];
}

/** What was reported, and whether its vendor stands by it. */
export function alertClaims({ pack, confirmation }: Investigation): Claim[] {
  const alerts = factsOf(pack, 'alert')
    .slice(0, 5)
    .map(({ item, fact }) => {
      const rule = fact.rule === undefined || fact.rule === fact.title ? '' : ` by rule ${quote(fact.rule)}`;
      return claim(
        'observed',
        `The vendor reported "${quote(fact.title)}" (${fact.category === fact.title ? '' : `${quote(fact.category)}, `}severity ${fact.severity})${rule} at ${readableTime(fact.occurredAt)}.`,
        [item],
        { pack, kinds: ['container', 'pod', 'workload', 'instance'] },
      );
    });
  const answers = factsOf(pack, 'confirmation').filter(({ item }) => confirmation.evidence.includes(item.id));
  const denied = answers.filter(({ fact }) => !fact.confirmed);
  const confirmed = answers.filter(({ fact }) => fact.confirmed);
  return [
    ...alerts,
    ...confirmedClaims(confirmed),
    ...denied
      .slice(0, 5)
      .map(({ item, fact }) =>
        claim('observed', `An alert was not confirmed by its vendor: ${quote(fact.reason)}`, [item]),
      ),
  ];
}
