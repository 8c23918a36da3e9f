import { isExploited } from '../../correlation/correlate.ts';
import type { EvidenceItem } from '../../evidence/pack.ts';
import type { RecommendedAction } from '../analysis.ts';
import type { AffectedPod } from './affected.ts';
import type { BehaviourName } from './behaviours.ts';
import { entityNamed, factsOf, idsOf, type Piece, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

/**
 * Actions that reach further than one pod. Each is for one situation in which a quarantine alone does not end it, and only
 * for a verdict of malicious: stopping a service on a suspicion does the attacker's work.
 */
export function workloadActions(investigation: Investigation): RecommendedAction[] {
  if (investigation.judgement.verdict !== 'malicious') return [];
  const undone = undoRollouts(investigation);
  // A workload whose rollout is undone runs on; stopping it as well would be one outage for nothing.
  const stopped = stopWorkloads(investigation).filter(({ target }) => undone.every((other) => other.target !== target));
  return [...cordonNodes(investigation), ...undone, ...stopped];
}

function signsOf({ behaviours, pack, confirmation }: Investigation, name?: BehaviourName): EvidenceItem[] {
  const confirmed = factsOf(pack, 'confirmation').filter(({ item }) => confirmation.evidence.includes(item.id));
  const seen = behaviours.filter((behaviour) => name === undefined || behaviour.name === name);
  return [...confirmed.map(({ item }) => item), ...seen.flatMap(({ items }) => items)];
}

/** What left its container is on the node, and whatever is placed there next is in its reach. */
function cordonNodes(investigation: Investigation): RecommendedAction[] {
  const { pack, behaviours, affected } = investigation;
  if (!behaviours.some(({ name }) => name === 'container-escape')) return [];
  return factsOf(pack, 'node')
    .filter(({ item, fact }) => {
      const runsHere = affected.some(({ piece }) => piece.fact.node === fact.name);
      return item.source === 'kubernetes_api' && runsHere && !fact.controlPlane && !fact.unschedulable;
    })
    .flatMap(({ item, fact }) => {
      const target = entityNamed(pack, item, 'node', [fact.name]);
      return target === undefined
        ? []
        : [
            {
              action: 'kubernetes.cordon-node' as const,
              target: target.id,
              parameters: [],
              urgency: 'soon' as const,
              rationale: `Keeps new pods off node ${quote(fact.name)}: something left its container there, so that whatever is placed on the node next is in its reach.`,
              risk: 'The cluster loses the free capacity of one node; what runs on it, also what escaped, is not stopped.',
              evidence: idsOf([item, ...signsOf(investigation, 'container-escape')]),
            },
          ];
    });
}

/** Code that came in by an attack comes back with the older image too; only code that came with the image goes with it. */
const BROUGHT_IN: readonly BehaviourName[] = [
  'download-and-run',
  'written-then-run',
  'shell-from-service',
  'interactive-shell',
  'run-from-writable-directory',
];
const HOURS_AFTER = 24;

function undoRollouts(investigation: Investigation): RecommendedAction[] {
  const { pack, behaviours, vulnerabilities, affected } = investigation;
  const [first] = factsOf(pack, 'alert')
    .map(({ fact }) => fact.occurredAt)
    .sort();
  const broughtIn = behaviours.some(({ name }) => BROUGHT_IN.includes(name)) || vulnerabilities.some(isExploited);
  if (first === undefined || broughtIn) return [];
  return factsOf(pack, 'revision')
    .filter(({ item, fact }) => isSuspectRollout(fact, first) && runsIn(item, affected).length > 0)
    .flatMap(({ item, fact }) => {
      const [controller] = controllersOf(investigation, ['Deployment'], fact.controller);
      const target = controller && targetOf(investigation, controller);
      return controller === undefined || target === undefined
        ? []
        : [
            {
              action: 'kubernetes.rollout-undo' as const,
              target,
              parameters: [],
              urgency: 'soon' as const,
              rationale: `Goes back to what Deployment ${quote(controller.fact.namespace)}/${quote(controller.fact.name)} ran before revision ${fact.revision}: what is seen came shortly after that change, and nothing shows that it was brought in another way.`,
              risk: 'Everything else that came with the present revision goes as well; replaced pods that are not in quarantine are lost as evidence.',
              evidence: idsOf([item, controller.item, ...signsOf(investigation)]),
            },
          ];
    });
}

function isSuspectRollout(fact: Piece<'revision'>['fact'], first: string): boolean {
  const before = Date.parse(first) - Date.parse(fact.createdAt);
  return (
    fact.current &&
    before >= 0 &&
    before <= HOURS_AFTER * 3_600_000 &&
    fact.previousImages?.some((image) => !fact.images.includes(image)) === true
  );
}

/** Several replicas show it: isolating one after the other only makes the controller start more of the same. */
function stopWorkloads(investigation: Investigation): RecommendedAction[] {
  const { affected } = investigation;
  return controllersOf(investigation, ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob']).flatMap((controller) => {
    const pods = runsIn(controller.item, affected);
    const target = targetOf(investigation, controller);
    if (pods.length < 2 || target === undefined) return [];
    const { controllerKind, namespace, name } = controller.fact;
    return [
      {
        action: 'kubernetes.scale-to-zero' as const,
        target,
        parameters: [],
        urgency: 'soon' as const,
        rationale: `Stops ${quote(controllerKind)} ${quote(namespace)}/${quote(name)}: ${pods.length} of its pods are affected, and each that is isolated is replaced by another from the same image.`,
        risk: 'The service is down until it is scaled up again; put a pod in quarantine before, or its memory is lost as evidence.',
        evidence: idsOf([controller.item, ...pods.map(({ piece }) => piece.item), ...signsOf(investigation)]),
      },
    ];
  });
}

function controllersOf({ pack }: Investigation, kinds: readonly string[], name?: string): Piece<'controller'>[] {
  return factsOf(pack, 'controller').filter(
    ({ item, fact }) =>
      item.source === 'kubernetes_api' &&
      kinds.includes(fact.controllerKind) &&
      (name === undefined || fact.name === name),
  );
}

function targetOf({ pack }: Investigation, { item, fact }: Piece<'controller'>): string | undefined {
  return entityNamed(pack, item, 'workload', [`${fact.namespace}/${fact.controllerKind}/${fact.name}`])?.id;
}

/** Affected pods an item speaks of. */
function runsIn(item: EvidenceItem, affected: readonly AffectedPod[]): readonly AffectedPod[] {
  return affected.filter(({ entity }) => entity !== undefined && item.entities.includes(entity.id));
}
