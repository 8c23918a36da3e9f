import { accountsOf } from '../../analysis/rules/affected.ts';
import { factsOf, idsOf } from '../../analysis/rules/facts.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import type { Findings, Sentence, Unknown } from '../answer.ts';
import { subjectOf } from '../subject.ts';
import { gapsOf, nothing, type Query, say } from './query.ts';

/** As whom the workload acts, and what that one may do: in the cluster by its bindings, in the cloud by its permissions. */
export const identity: Query = ({ investigation: { pack, affected }, named }): Findings => {
  const about = named?.kind === 'entity' && named.entity.kind === 'principal' ? named.entity.id : undefined;
  const accounts = accountsOf(pack, affected);
  const all: readonly EvidenceItem[] = [
    ...(accounts.length > 0
      ? accounts.flatMap(({ item, bindings }) => [item, ...bindings.map((binding) => binding.item)])
      : [...factsOf(pack, 'service-account'), ...factsOf(pack, 'role-binding')].map(({ item }) => item)),
    ...factsOf(pack, 'cloud-identity').map(({ item }) => item),
  ];
  const items = [...new Set(about === undefined ? all : all.filter(({ entities }) => entities.includes(about)))];
  const gaps = gapsOf(pack, 'identity');
  const subject = named === undefined ? {} : { subject: subjectOf(named) };
  if (items.length === 0) return { ...nothing('The evidence holds no identity of this workload.', gaps), ...subject };
  return {
    sentences: items.map(told),
    unknowns: [...(gaps.length > 0 ? [] : unbound(accounts)), ...cloudRole(pack, items), ...gaps],
    ...subject,
  };
};

/** The sentence of the evidence itself: rights are not to be said in other words. */
function told(item: EvidenceItem): Sentence {
  return say(item.text, [item]);
}

function unbound(accounts: ReturnType<typeof accountsOf>): Unknown[] {
  const without = accounts.filter(({ bindings }) => bindings.length === 0);
  return without.length === 0
    ? []
    : [
        {
          text: 'No role binding of the service account was found: in the cluster it may do what every account may.',
          evidence: idsOf(without.map(({ item }) => item)),
        },
      ];
}

/** A role that may be assumed, and nothing that says what it may do. */
function cloudRole(pack: EvidencePack, items: readonly EvidenceItem[]): Unknown[] {
  const assuming = items.filter(({ fact }) => fact.kind === 'service-account' && fact.cloudRole !== undefined);
  return assuming.length === 0 || factsOf(pack, 'cloud-identity').length > 0
    ? []
    : [{ text: 'What the cloud role may do is not in the evidence.', evidence: idsOf(assuming) }];
}
