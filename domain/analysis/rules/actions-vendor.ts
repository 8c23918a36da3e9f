import { type VendorRecordRef, vendorName } from '../../evidence/vendor-record.ts';
import type { ExecutableAction, RecommendedAction } from '../analysis.ts';
import { entitiesIn, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** How it is said at each vendor that somebody works on an alert. Nothing here closes one: that is never recommended. */
const ANSWERS: Readonly<
  Partial<Record<VendorRecordRef['vendor'], { readonly action: ExecutableAction; readonly risk: string }>>
> = {
  'prisma-cloud-compute': {
    action: 'prisma-cloud-compute.acknowledge-incident',
    risk: 'The incident leaves the list of active ones there; it can be made active again.',
  },
  lacework: {
    action: 'lacework.comment-alert',
    risk: 'None for the alert: it stays open. The comment cannot be deleted.',
  },
  wiz: {
    action: 'wiz.acknowledge-issue',
    risk: 'None: the issue stays in every list of unresolved ones, and can be set to open again.',
  },
};

/** Which of the things a record is about names it for people. */
const ABOUT = ['pod', 'instance', 'workload', 'node', 'container'] as const;

/** Each answer is a question to people: an incident of many alerts must not ask as many times. */
const MOST = 3;

/** What is asked of the vendor, by the records that confirm the alerts: evidence first, then that somebody works on it. */
export function answerVendor(investigation: Investigation): RecommendedAction[] {
  return investigation.confirmation.all ? [...copyDisks(investigation), ...acknowledge(investigation)] : [];
}

/** Wiz can copy the disks of a machine also where no account of AWS is connected. */
function copyDisks({ pack, judgement }: Investigation): RecommendedAction[] {
  const { workload } = pack;
  if (workload.kind !== 'host' || judgement.verdict !== 'malicious') return [];
  for (const { item, fact } of factsOf(pack, 'confirmation')) {
    const record = fact.confirmed ? fact.answerable : undefined;
    const target = entitiesIn(pack, item, 'instance')[0];
    if (record?.vendor !== 'wiz' || target === undefined) continue;
    return [
      {
        action: 'wiz.forensics-copy',
        target: target.id,
        parameters: [{ name: 'record', value: record.id }],
        urgency: 'soon',
        rationale: `Has Wiz copy the disks of ${quote(target.label, 120)} to the forensics account, so that what the attacker left on them can still be examined.`,
        risk: 'None for what runs there; the copy holds everything on the disks and costs storage.',
        evidence: idsOf([item]),
      },
    ];
  }
  return [];
}

function acknowledge({ pack }: Investigation): RecommendedAction[] {
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
