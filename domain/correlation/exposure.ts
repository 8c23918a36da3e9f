import { factsOf } from '../analysis/rules/facts.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';

/** From where the workload can be reached. The widest that any evidence shows: a source that says no takes nothing away. */
export interface Exposure {
  readonly level: 'internet' | 'outside-cluster' | 'inside' | 'none' | 'unknown';
  /** `the workload can be reached from the internet`. */
  readonly phrase: string;
  readonly items: readonly EvidenceItem[];
}

const PHRASES: Readonly<Record<Exposure['level'], string>> = {
  internet: 'the workload can be reached from the internet',
  'outside-cluster': 'a service leads to the workload from outside the cluster',
  inside: 'the workload can be reached inside its cluster only, as far as is known',
  none: 'the workload cannot be reached from the internet',
  unknown: 'from where the workload can be reached is not known',
};

export function exposureOf(pack: EvidencePack): Exposure {
  const stated = factsOf(pack, 'exposure');
  const services = factsOf(pack, 'service');
  const of = (level: Exposure['level'], items: readonly EvidenceItem[]): Exposure => ({
    level,
    phrase: PHRASES[level],
    items,
  });
  const internet = stated.filter(({ fact }) => fact.reachableFromInternet === true).map(({ item }) => item);
  if (internet.length > 0) return of('internet', internet);
  const outside = services.filter(({ fact }) => fact.exposed).map(({ item }) => item);
  if (outside.length > 0) return of('outside-cluster', outside);
  if (services.length > 0)
    return of(
      'inside',
      services.map(({ item }) => item),
    );
  const denied = stated.filter(({ fact }) => fact.reachableFromInternet === false).map(({ item }) => item);
  return denied.length > 0 ? of('none', denied) : of('unknown', []);
}
