import { confirmationOf } from '../analysis/confirmation.ts';
import { factsOf, idsOf } from '../analysis/rules/facts.ts';
import { isNamed } from './dormancy.ts';
import type { Playbook } from './playbook.ts';
import { BUCKET_ARN, OPEN_BUCKET_POLICIES } from './vocabulary.ts';

/** As for unused keys: its read-back holds the resource of the alert against that of its own record. */
const SOURCE = 'prisma-cloud';

export const orphanedBucket: Playbook<'orphaned-bucket'> = {
  name: 'orphaned-bucket',
  action: 'aws.tag-resource',
  title: 'Mark an open bucket that nobody is named for',
  lowRisk:
    'Only tags with our own keys are written, which change no access; taking them away again leaves the tags before.',
  parameters: () => ({}),
  conditions({ pack, target, source, confirmed, verdict }) {
    const answers = confirmationOf(pack);
    const bucket = pack.workload.kind === 'resource' ? (pack.workload.uid ?? '') : '';
    const named = factsOf(pack, 'alert').filter(
      ({ item, fact }) =>
        item.source === 'cwpp_api' && item.trust === 'vendor' && isNamed(OPEN_BUCKET_POLICIES, fact.rule ?? fact.title),
    );
    const owned = factsOf(pack, 'ownership').filter(({ fact }) => fact.team !== undefined);
    return [
      {
        what: 'the vendor confirmed every alert of the incident',
        holds: confirmed && answers.all,
        evidence: [...answers.evidence],
      },
      {
        what: "the vendor's own record is of a policy about buckets that are open to the public",
        holds: source === SOURCE && named.length > 0,
        evidence: idsOf(named.map(({ item }) => item)),
      },
      { what: 'nothing else was seen', holds: verdict === 'misconfiguration', evidence: [] },
      {
        what: 'it is the bucket the alert is about',
        holds: BUCKET_ARN.test(bucket) && target.system === 'aws' && target.arn === bucket,
        evidence: [],
      },
      {
        what: 'no tag names who owns it',
        holds: owned.length === 0,
        evidence: idsOf(factsOf(pack, 'ownership').map(({ item }) => item)),
      },
    ];
  },
};
