import { isExploited, isInReach } from '../../correlation/correlate.ts';
import { fixTicketOf } from '../../correlation/fix-ticket.ts';
import type { RecommendedAction } from '../analysis.ts';
import { cloudActions } from './actions-aws.ts';
import { answerVendor } from './actions-vendor.ts';
import { workloadActions } from './actions-workload.ts';
import { isSubject } from './affected.ts';
import { deactivateUnused } from './dormant-keys.ts';
import { entitiesIn, entityNamed, enumerate, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { isolateMachine } from './machine.ts';
import { suspectsOf } from './narrative-activity.ts';
import { markOrphans } from './orphaned-buckets.ts';
import { mendConfiguration } from './posture.ts';
import { callsForResponse } from './verdict.ts';

/**
 * What the rules recommend. Targets are entities of the evidence or there is no recommendation; whether anything is
 * executed is decided later, by plan and people. Text from telemetry chooses neither action nor target nor parameter.
 */
export function actionsOf(investigation: Investigation): RecommendedAction[] {
  const { verdict } = investigation.judgement;
  if (verdict === 'vulnerability_only') return updateImages(investigation);
  if (verdict === 'misconfiguration')
    return [...mendConfiguration(investigation), ...deactivateUnused(investigation), ...markOrphans(investigation)];
  if (!callsForResponse(verdict)) return [];
  if (investigation.affected.length === 0)
    return answered(investigation, [...cloudActions(investigation), ...isolateMachine(investigation)]);
  if (!showsASign(investigation)) return lookInto(investigation);
  const contained = distinct([
    ...quarantine(investigation),
    ...removeBindings(investigation),
    ...workloadActions(investigation),
    ...cloudActions(investigation),
    ...updateImages(investigation),
    ...rotateCredentials(investigation),
  ]);
  return answered(investigation, contained);
}

/** The vendor is told that somebody works on it where there is something to be done; telling it alone would only hide the alert. */
function answered(investigation: Investigation, actions: readonly RecommendedAction[]): RecommendedAction[] {
  const acts = actions.some(({ action }) => !action.startsWith('advice.'));
  return [...actions, ...(acts ? answerVendor(investigation) : [])];
}

/**
 * Whether anything was seen, or classified by the vendor, that speaks against the workload by itself. That something is
 * new does not: every release brings something new.
 */
function showsASign({ behaviours, vulnerabilities }: Investigation): boolean {
  return behaviours.some(({ name }) => name !== 'unlearned-activity') || vulnerabilities.some(isExploited);
}

/** A detection and nothing beside it: people look first, before a service is cut off. */
function lookInto({ pack, affected }: Investigation): RecommendedAction[] {
  const alerts = factsOf(pack, 'alert').map(({ item }) => item);
  const changes = factsOf(pack, 'revision')
    .filter(({ fact }) => fact.current)
    .map(({ item }) => item);
  return affected.flatMap(({ piece, entity }) =>
    entity === undefined
      ? []
      : [
          {
            action: 'advice.investigate' as const,
            target: entity.id,
            parameters: [],
            urgency: 'soon' as const,
            rationale: `Ask the owner of pod ${quote(piece.fact.namespace)}/${quote(piece.fact.name)} whether this was intended: the vendor reports it, and nothing else that was read speaks against the workload.`,
            risk: 'None: nothing is changed.',
            evidence: idsOf([piece.item, ...alerts, ...changes]),
          },
        ],
  );
}

/** Two pods share an account, a binding may name it twice: one thing is recommended once. */
function distinct(actions: readonly RecommendedAction[]): RecommendedAction[] {
  return actions.filter(
    ({ action, target }, index) =>
      actions.findIndex((other) => other.action === action && other.target === target) === index,
  );
}

function quarantine(investigation: Investigation): RecommendedAction[] {
  const signs = investigation.behaviours.flatMap(({ items }) => items);
  const suspects = suspectsOf(investigation).flatMap(({ items }) => items);
  const alerts = factsOf(investigation.pack, 'alert').map(({ item }) => item);
  // The vendor's own word: everything else here is text the workload could have chosen, and on that alone nothing is done.
  const confirmed = factsOf(investigation.pack, 'confirmation')
    .filter(({ item }) => investigation.confirmation.evidence.includes(item.id))
    .map(({ item }) => item);
  const malicious = investigation.judgement.verdict === 'malicious';
  return investigation.affected.flatMap(({ piece, entity }) =>
    entity === undefined
      ? []
      : [
          {
            action: 'kubernetes.quarantine-pod' as const,
            target: entity.id,
            parameters: [],
            urgency: malicious ? ('immediate' as const) : ('soon' as const),
            rationale: `Cuts pod ${quote(piece.fact.namespace)}/${quote(piece.fact.name)} off from the network, so that what runs in it can neither reach its operator nor spread, and keeps the pod for investigation.`,
            risk: 'The pod serves no more requests; its controller starts a replacement from the same image, which has the same weaknesses.',
            evidence: idsOf([piece.item, ...confirmed, ...suspects, ...signs, ...alerts]),
          },
        ],
  );
}

function removeBindings({ pack, accounts, judgement }: Investigation): RecommendedAction[] {
  return accounts.flatMap(({ name, namespace, item, adminBindings, tokenMounted }) =>
    // A binding of a group is left alone: removing it would take rights from accounts nobody looked at.
    adminBindings
      .filter(({ fact }) => isSubject(fact.subject, namespace, name))
      .flatMap(({ item: bindingItem, fact }) => {
        const target = entityNamed(pack, bindingItem, 'role-binding', [`${fact.bindingKind}/${fact.name}`]);
        return target === undefined
          ? []
          : [
              {
                action: 'kubernetes.remove-role-binding' as const,
                target: target.id,
                parameters: [{ name: 'subject', value: `${namespace}/${name}` }],
                urgency: judgement.verdict === 'malicious' && tokenMounted ? ('immediate' as const) : ('soon' as const),
                rationale: `Takes cluster-admin away from service account ${quote(namespace)}/${quote(name)}, whose token is in reach of what runs in the pod; a stolen token keeps working after the pod is gone.`,
                risk: `Every workload that uses service account ${quote(namespace)}/${quote(name)} loses these rights at once; one that truly needs them stops working.`,
                evidence: idsOf([bindingItem, item]),
              },
            ];
      }),
  );
}

/** One recommendation for each image, naming the lowest versions that hold the fixes of what is reachable or likely exploited. */
function updateImages({ pack, vulnerabilities, judgement }: Investigation): RecommendedAction[] {
  const only = judgement.verdict === 'vulnerability_only';
  const fixable = vulnerabilities.filter(
    (one) => one.fixedIn !== undefined && (isInReach(one) || (only && one.relevance !== 'not_relevant')),
  );
  const byImage = new Map<string, typeof fixable>();
  for (const vulnerability of fixable) {
    const image = entitiesIn(pack, vulnerability.piece.item, 'image')[0];
    if (image !== undefined) byImage.set(image.id, [...(byImage.get(image.id) ?? []), vulnerability]);
  }
  return [...byImage].map(([target, all]) => {
    const told = all.slice(0, 5);
    const updates = told.map(
      ({ piece: { fact }, fixedIn }) => `${quote(fact.packageName)} ${quote(fixedIn ?? '')} (fixes ${quote(fact.cve)})`,
    );
    const ticket = fixTicketOf(pack, pack.entities.find(({ id }) => id === target)?.label ?? target, told);
    return {
      action: 'advice.update-image' as const,
      target,
      parameters: told.map(({ piece: { fact }, fixedIn }) => ({
        name: quote(fact.packageName),
        value: quote(fixedIn ?? ''),
      })),
      urgency: told.some(isExploited) ? ('immediate' as const) : ('planned' as const),
      rationale: `${ticket.team === undefined ? '' : `For ${ticket.team}: `}Build and deploy the image with ${enumerate(updates)} or later: a replacement from the present image can be attacked in the same way.`,
      risk: 'A new version may behave differently; test it as any release.',
      ticket: {
        ...(ticket.team === undefined ? {} : { team: ticket.team }),
        title: ticket.title,
        body: [...ticket.body],
      },
      evidence: idsOf(ticket.items),
    };
  });
}

function rotateCredentials({ accounts }: Investigation): RecommendedAction[] {
  return accounts.flatMap(({ name, namespace, tokenMounted, cloudRole, item, entity }) =>
    tokenMounted && entity !== undefined
      ? [
          {
            action: 'advice.rotate-credentials' as const,
            target: entity.id,
            parameters: [],
            urgency: 'soon' as const,
            rationale: `The token of service account ${quote(namespace)}/${quote(name)} was in reach of what ran in the pod; treat it${cloudRole === undefined ? '' : ` and the sessions of cloud role ${quote(cloudRole)}`} as stolen, together with every secret the pod could read.`,
            risk: 'Whatever uses the old credential fails until it has the new one.',
            evidence: idsOf([item]),
          },
        ]
      : [],
  );
}
