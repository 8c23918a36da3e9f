import { type VendorRecordRef, vendorName } from '../../evidence/vendor-record.ts';
import type { ExecutableAction, RecommendedAction } from '../analysis.ts';
import { entitiesIn, factsOf, idsOf } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** How it is said at each vendor that somebody works on an alert. Nothing here closes one: that is never recommended. */
const ANSWERS: Readonly<
  Partial<Record<VendorRecordRef['vendor'], { readonly action: ExecutableAction; readonly risk: string }>>
> = {
  'prisma-cloud-compute': {
    action: 'prisma-cloud-compute.acknowledge-incident',
    risk: 'The incident leaves the list of active ones there; it can be made active again.',
  },
};

/** Which of the things a record is about names it for people. */
const ABOUT = ['pod', 'instance', 'workload', 'node', 'container'] as const;

/** Each answer is a question to people: an incident of many alerts must not ask as many times. */
const MOST = 3;

/** What the vendor should be told, by the records that confirm the alerts. */
export function answerVendor({ pack, confirmation }: Investigation): RecommendedAction[] {
  if (!confirmation.all) return [];
  const told = new Set<string>();
  return factsOf(pack, 'confirmation').flatMap(({ item, fact }) => {
    const record = fact.confirmed ? fact.answerable : undefined;
    const answer = record && ANSWERS[record.vendor];
    const target = ABOUT.flatMap((kind) => entitiesIn(pack, item, kind))[0];
    if (record === undefined || answer === undefined || target === undefined) return [];
    if (told.has(record.id) || told.size >= MOST) return [];
    told.add(record.id);
    return [
      {
        action: answer.action,
        target: target.id,
        parameters: [{ name: 'record', value: record.id }],
        urgency: 'planned' as const,
        rationale: `Tells the readers of ${vendorName(record.vendor)} that ${record.kind} ${record.id} is being worked on here.`,
        risk: answer.risk,
        evidence: idsOf([item]),
      },
    ];
  });
}
