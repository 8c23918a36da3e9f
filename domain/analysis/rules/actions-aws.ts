import type { EvidenceItem } from '../../evidence/pack.ts';
import type { RecommendedAction } from '../analysis.ts';
import { entitiesIn, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

const INSTANCE = /^i-[0-9a-f]{8,17}$/;
const ROLE = /^arn:aws:iam::\d{12}:role\//;

/**
 * What is done in the cloud's own account. Few, and each for one situation: a machine that is malicious, a role whose token was
 * in reach of what is, and a key that GuardDuty saw used.
 */
export function cloudActions(investigation: Investigation): RecommendedAction[] {
  return [...containInstance(investigation), ...revokeSessions(investigation), ...deactivateKeys(investigation)];
}

function confirmations({ pack, confirmation }: Investigation): EvidenceItem[] {
  return pack.items.filter(({ id }) => confirmation.evidence.includes(id));
}

/** Its disks first: nothing that follows gives them back. */
function containInstance(investigation: Investigation): RecommendedAction[] {
  const { pack, judgement, confirmation, behaviours } = investigation;
  const { workload } = pack;
  if (workload.kind !== 'host' || judgement.verdict !== 'malicious' || !confirmation.all) return [];
  const answers = confirmations(investigation);
  const target = answers
    .flatMap((item) => entitiesIn(pack, item, 'instance'))
    .find(({ canonical }) => INSTANCE.test(canonical) && canonical === workload.instanceId);
  if (target === undefined) return [];
  const evidence = idsOf([...answers, ...behaviours.flatMap(({ items }) => items)]);
  const name = quote(target.label, 120);
  return [
    {
      action: 'aws.snapshot-volumes',
      target: target.id,
      parameters: [],
      urgency: 'soon',
      rationale: `Copies the disks of ${name} before anything else is done, so that what the attacker left on them can still be examined.`,
      risk: 'None for what runs there; the copies cost storage.',
      evidence,
    },
    {
      action: 'aws.isolate-instance',
      target: target.id,
      parameters: [],
      urgency: 'immediate',
      rationale: `Cuts ${name} off the network without stopping it, so that what runs there can neither reach its operator nor spread, and its memory stays.`,
      risk: 'Whatever runs on the instance stops serving, all pods of a node included; connections that are open now survive.',
      evidence,
    },
  ];
}

/** A stolen session outlives the pod it was stolen from. */
function revokeSessions(investigation: Investigation): RecommendedAction[] {
  const { pack, judgement, accounts } = investigation;
  if (judgement.verdict !== 'malicious') return [];
  return accounts.flatMap(({ name, namespace, cloudRole, tokenMounted, item }) => {
    const target = entitiesIn(pack, item, 'principal').find(({ canonical }) => canonical === cloudRole);
    if (cloudRole === undefined || !tokenMounted || !ROLE.test(cloudRole) || target === undefined) return [];
    return [
      {
        action: 'aws.revoke-role-sessions' as const,
        target: target.id,
        parameters: [{ name: 'serviceAccount', value: `${namespace}/${name}` }],
        urgency: 'soon' as const,
        rationale: `Ends the sessions of ${quote(cloudRole)}, which what ran in the pod could take with the token of service account ${quote(namespace)}/${quote(name)}; a session that was taken along works until it ends.`,
        risk: 'Everybody who holds a session of the role is cut off until it is assumed again, which takes up to an hour where nothing is restarted.',
        evidence: idsOf([item, ...confirmations(investigation)]),
      },
    ];
  });
}

/** Only a key the vendor's own record names: text of an alert may name anybody's. */
function deactivateKeys(investigation: Investigation): RecommendedAction[] {
  const { pack, confirmation } = investigation;
  if (!confirmation.all) return [];
  return factsOf(pack, 'access-key')
    .filter(({ item, fact }) => item.trust !== 'attacker_influenced' && fact.status === undefined)
    .flatMap(({ item, fact }) => {
      const target = entitiesIn(pack, item, 'secret').find(({ canonical }) => canonical === fact.accessKeyId);
      if (target === undefined) return [];
      return [
        {
          action: 'aws.deactivate-access-key' as const,
          target: target.id,
          parameters: [],
          urgency: 'immediate' as const,
          rationale: `Makes access key ${quote(fact.accessKeyId)} of user ${quote(fact.user)} unusable: the calls that were reported were signed with it. It is not deleted and can be made active again.`,
          risk: 'Every script and program that uses this key stops working.',
          evidence: idsOf([item, ...confirmations(investigation)]),
        },
      ];
    });
}
