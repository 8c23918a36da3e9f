import { confirmationOf } from '../analysis/confirmation.ts';
import { factsOf, idsOf } from '../analysis/rules/facts.ts';
import type { Playbook } from './playbook.ts';

const MINER_CATEGORY = /crypto.?min/i;

export const quarantineMiner: Playbook<'quarantine-miner'> = {
  name: 'quarantine-miner',
  action: 'kubernetes.quarantine-pod',
  title: 'Cut off one replica that mines',
  lowRisk:
    'One of several replicas is cut off and stays as it is; the others go on serving, and the label and the policy are taken away again in one step.',
  parameters: () => ({}),
  conditions({ pack, target, confirmed, severity, verdict }, { leastReplicas }) {
    const answers = confirmationOf(pack);
    const miner = factsOf(pack, 'alert').filter(({ fact }) => MINER_CATEGORY.test(fact.category));
    const pods = factsOf(pack, 'pod').filter(({ item }) => item.source === 'kubernetes_api');
    const controllers = factsOf(pack, 'controller').filter(
      ({ item, fact }) => item.source === 'kubernetes_api' && fact.controllerKind === 'Deployment',
    );
    return [
      {
        what: 'the vendor confirmed every alert of the incident',
        holds: confirmed && answers.all,
        evidence: [...answers.evidence],
      },
      {
        what: 'the vendor classified it as crypto mining',
        holds: miner.length > 0,
        evidence: idsOf(miner.map(({ item }) => item)),
      },
      { what: 'the rules find it malicious', holds: verdict === 'malicious', evidence: [] },
      { what: 'its severity is critical', holds: severity === 'critical', evidence: [] },
      {
        what: 'it is the only pod of the incident',
        holds:
          pods.length === 1 &&
          pods.every(({ fact }) => target.system === 'kubernetes' && target.kind === 'Pod' && fact.uid === target.uid),
        evidence: idsOf(pods.map(({ item }) => item)),
      },
      {
        what: `it is a replica of one Deployment that has ${leastReplicas} or more`,
        holds: controllers.length === 1 && controllers.every(({ fact }) => (fact.replicas ?? 0) >= leastReplicas),
        evidence: idsOf(controllers.map(({ item }) => item)),
      },
    ];
  },
};
