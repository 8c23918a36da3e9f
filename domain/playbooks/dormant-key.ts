import { confirmationOf } from '../analysis/confirmation.ts';
import { entitiesIn, factsOf, idsOf } from '../analysis/rules/facts.ts';
import { disuseOf, isNamed, UNUSED_KEY_POLICIES } from './dormancy.ts';
import type { Playbook } from './playbook.ts';

/** Prisma Cloud alone: its read-back holds the resource of the alert against that of its own record. */
const SOURCE = 'prisma-cloud';

export const dormantKey: Playbook<'dormant-key'> = {
  name: 'dormant-key',
  action: 'aws.deactivate-access-key',
  title: 'Deactivate an access key that nobody uses',
  lowRisk:
    'IAM itself knows of no use for the days set, the key is not deleted, and making it active again is one call that the same incident offers.',
  parameters: ({ unusedForDays }) => ({ unusedForDays: String(unusedForDays) }),
  conditions({ pack, target, source, confirmed, verdict }, { unusedForDays }) {
    const answers = confirmationOf(pack);
    const user = pack.workload.kind === 'resource' ? pack.workload.uid : undefined;
    const named = factsOf(pack, 'alert').filter(
      ({ item, fact }) =>
        item.source === 'cwpp_api' &&
        item.trust === 'vendor' &&
        isNamed(UNUSED_KEY_POLICIES, fact.rule ?? fact.title) &&
        entitiesIn(pack, item, 'workload').some(
          ({ canonical }) => user !== undefined && canonical.endsWith(`/${user}`),
        ),
    );
    const listed = factsOf(pack, 'access-key').filter(
      ({ item, fact }) =>
        item.source === 'cloud_api' &&
        item.trust === 'own' &&
        target.system === 'aws' &&
        target.kind === 'access-key' &&
        fact.accessKeyId === target.name &&
        fact.account === target.account &&
        entitiesIn(pack, item, 'principal').some(({ canonical }) => canonical === user),
    );
    const days = listed.map(({ item, fact }) => disuseOf(fact, item.observedAt)?.days ?? 0);
    const evidence = idsOf(listed.map(({ item }) => item));
    return [
      {
        what: 'the vendor confirmed every alert of the incident',
        holds: confirmed && answers.all,
        evidence: [...answers.evidence],
      },
      {
        what: "the vendor's own record is of a policy about unused keys, and of this very user",
        holds: source === SOURCE && named.length > 0,
        evidence: idsOf(named.map(({ item }) => item)),
      },
      { what: 'nothing else speaks against the user', holds: verdict === 'misconfiguration', evidence: [] },
      {
        what: 'IAM lists the key as an active one of this user',
        holds: listed.length === 1 && listed.every(({ fact }) => fact.status === 'active'),
        evidence,
      },
      {
        what: `IAM knows of no use of it for ${unusedForDays} days`,
        holds: days.length === 1 && days.every((count) => count >= unusedForDays),
        evidence,
      },
    ];
  },
};
