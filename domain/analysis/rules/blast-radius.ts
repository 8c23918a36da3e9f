import type { Entity, EvidenceItem } from '../../evidence/pack.ts';
import type { AnalysisBody } from '../analysis.ts';
import { otherReplicas } from './affected.ts';
import { entitiesIn, entityNamed, enumerate, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { callsForResponse } from './verdict.ts';

type Relation = AnalysisBody['blastRadius']['entities'][number]['relation'];
interface Reached {
  readonly entity: Entity | undefined;
  readonly relation: Relation;
  readonly items: readonly EvidenceItem[];
}

/** What is hit, and what can be reached from there: by credential, by host, by the same flaw, by traffic. */
export function blastRadius(investigation: Investigation): AnalysisBody['blastRadius'] {
  const { pack, affected, accounts, judgement } = investigation;
  const compromised = callsForResponse(judgement.verdict);
  const replicas = otherReplicas(pack, affected);
  const services = factsOf(pack, 'service');
  const reached: Reached[] = [
    ...affected.map(({ piece, entity }) => ({ entity, relation: 'affected' as const, items: [piece.item] })),
    ...factsOf(pack, 'container')
      .filter(({ item }) => item.part === 'alert-details')
      .map(({ item, fact }) => ({
        entity: entityNamed(pack, item, 'container', [fact.containerId, fact.name]),
        relation: 'affected' as const,
        items: [item],
      })),
    ...accounts
      .filter(({ tokenMounted }) => tokenMounted)
      .map(({ entity, item }) => ({
        entity,
        relation: compromised ? ('credential_exposed' as const) : ('reachable' as const),
        items: [item],
      })),
    ...clusters(investigation),
    ...affected.flatMap(({ piece }) =>
      entitiesIn(pack, piece.item, 'node').map((entity) => ({
        entity,
        relation: 'reachable' as const,
        items: [piece.item],
      })),
    ),
    ...replicas.map(({ item, fact }) => ({
      entity: entityNamed(pack, item, 'pod', [`${fact.namespace}/${fact.name}`]),
      relation: 'reachable' as const,
      items: [item],
    })),
    ...services.map(({ item, fact }) => ({
      entity: entityNamed(pack, item, 'service', [`${fact.namespace}/${fact.name}`]),
      relation: 'affected' as const,
      items: [item],
    })),
  ];
  return { entities: listed(reached), statement: statement(investigation, replicas.length, services.length) };
}

/** A cluster-admin credential reaches everything its cluster holds. */
function clusters({ pack, accounts, affected }: Investigation): Reached[] {
  const bindings = accounts.flatMap(({ tokenMounted, adminBindings }) => (tokenMounted ? adminBindings : []));
  if (bindings.length === 0) return [];
  return affected.flatMap(({ piece }) =>
    entitiesIn(pack, piece.item, 'cluster').map((entity) => ({
      entity,
      relation: 'reachable' as const,
      items: [piece.item, ...bindings.map(({ item }) => item)],
    })),
  );
}

function listed(reached: readonly Reached[]): AnalysisBody['blastRadius']['entities'] {
  const first = new Map<string, AnalysisBody['blastRadius']['entities'][number]>();
  for (const { entity, relation, items } of reached) {
    if (entity !== undefined && !first.has(entity.id))
      first.set(entity.id, { entity: entity.id, relation, evidence: idsOf(items) });
  }
  return [...first.values()].slice(0, 50);
}

function statement({ affected, accounts, pack }: Investigation, replicas: number, services: number): string {
  const pods = affected.map(({ piece }) => `pod ${quote(piece.fact.namespace)}/${quote(piece.fact.name)}`);
  const admin = accounts.find(({ tokenMounted, adminBindings }) => tokenMounted && adminBindings.length > 0);
  const mounted = accounts.find(({ tokenMounted }) => tokenMounted);
  const hostInReach = factsOf(pack, 'security-context').some(
    ({ fact }) => fact.privileged || fact.hostPid || fact.hostPaths.length > 0,
  );
  const wanted = Math.max(0, ...factsOf(pack, 'controller').map(({ fact }) => fact.replicas ?? 0));
  const parts = [
    pods.length > 0 ? `Affected: ${enumerate(pods.slice(0, 5))}.` : 'No affected pod is known from the cluster.',
    ...(admin
      ? [
          `The token of service account ${quote(admin.namespace)}/${quote(admin.name)} gives control of the whole cluster.`,
        ]
      : mounted
        ? [`The token of service account ${quote(mounted.namespace)}/${quote(mounted.name)} is in reach.`]
        : []),
    ...(hostInReach ? ['The container can reach its host.'] : []),
    ...(replicas > 0
      ? [`${replicas === 1 ? 'One other replica runs' : `${replicas} other replicas run`} the same workload.`]
      : wanted > 1
        ? [`Its controller keeps ${wanted} replicas of the same image.`]
        : []),
    ...(services > 0 ? [`${services === 1 ? 'One service leads' : `${services} services lead`} traffic to it.`] : []),
  ];
  return parts.join(' ');
}
