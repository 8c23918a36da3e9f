import { duration, factsOf, idsOf, type Piece, quote, readableTime } from '../../analysis/rules/facts.ts';
import { contextSentence } from '../../evidence/describe-context.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import type { Findings, Sentence, Unknown } from '../answer.ts';
import { gapsOf, nothing, type Query, say } from './query.ts';

const MOST = 12;

/** Revisions with images and cause, and calls that change something, before the first alert; how long before, and by whom. */
export const changed: Query = ({ investigation: { pack } }): Findings => {
  const first = firstAlertOf(pack);
  const revisions = factsOf(pack, 'revision').sort(
    (a, b) => Date.parse(b.fact.createdAt) - Date.parse(a.fact.createdAt),
  );
  const calls = changingCalls(pack, first);
  const sentences = [...revisions.slice(0, MOST).map((one) => revisionSentence(one, first)), ...calls];
  const gaps = gapsOf(pack, 'recent-deployments');
  if (sentences.length === 0) return nothing('The evidence holds no earlier change of the workload.', gaps);
  return {
    sentences: [...sentences, ...managedBy(pack, revisions)],
    unknowns: [...nobodyNamed(revisions, calls), ...gaps],
  };
};

function firstAlertOf(pack: EvidencePack): Piece<'alert'> | undefined {
  return factsOf(pack, 'alert').sort((a, b) => Date.parse(a.fact.occurredAt) - Date.parse(b.fact.occurredAt))[0];
}

function revisionSentence({ item, fact }: Piece<'revision'>, first: Piece<'alert'> | undefined): Sentence {
  const images = fact.images.map((image) => quote(image)).join(', ') || 'no image';
  const before =
    fact.previousImages === undefined
      ? ''
      : `; before it ran ${fact.previousImages.map((one) => quote(one)).join(', ') || 'no image'}`;
  const cause =
    fact.changeCause === undefined ? '' : `; stated cause: ${quote(fact.changeCause, 400).replace(/\.$/, '')}`;
  const current = fact.current ? ', which runs now,' : '';
  return say(
    `Revision ${fact.revision} of ${quote(fact.controllerKind)} ${quote(fact.controller)}${current} was made at ${readableTime(fact.createdAt)}${distance(fact.createdAt, first)}, with ${images}${before}${cause}.`,
    [item, ...(first ? [first.item] : [])],
  );
}

function distance(at: string, first: Piece<'alert'> | undefined): string {
  if (first === undefined) return '';
  const { occurredAt } = first.fact;
  return `, ${duration(at, occurredAt)} ${Date.parse(at) <= Date.parse(occurredAt) ? 'before' : 'after'} the first alert`;
}

/** Verbs of AWS and Kubernetes operations that leave something different behind. */
const CHANGES =
  /^(?:Create|Update|Put|Modify|Delete|Attach|Detach|Add|Remove|Set|Register|Deregister|Replace|Deploy|Enable|Disable|Associate|Disassociate|Authorize|Revoke|Run|Start|Stop|Terminate|Reboot|Import|Restore|Tag|Untag|patch|apply|create|update|delete|replace)/;

function changingCalls(pack: EvidencePack, first: Piece<'alert'> | undefined): Sentence[] {
  return factsOf(pack, 'api-call')
    .filter(
      ({ fact }) =>
        CHANGES.test(fact.operation) &&
        fact.succeeded !== false &&
        (first === undefined || Date.parse(fact.at) <= Date.parse(first.fact.occurredAt)),
    )
    .sort((a, b) => Date.parse(b.fact.at) - Date.parse(a.fact.at))
    .slice(0, MOST)
    .map(({ item, fact }) =>
      say(`${contextSentence(fact).replace(/\.$/, '')}${distance(fact.at, first)}.`, [
        item,
        ...(first ? [first.item] : []),
      ]),
    );
}

function managedBy(pack: EvidencePack, revisions: readonly Piece<'revision'>[]): Sentence[] {
  const changed = new Set(revisions.map(({ fact }) => fact.controller));
  return factsOf(pack, 'controller').flatMap(({ item, fact }) =>
    fact.managedBy !== undefined && changed.size > 0
      ? [
          say(
            `${quote(fact.controllerKind)} ${quote(fact.name)} is managed by ${quote(fact.managedBy)}, so changes come from there.`,
            [item],
          ),
        ]
      : [],
  );
}

/** A revision keeps no author; a call does. */
function nobodyNamed(revisions: readonly Piece<'revision'>[], calls: readonly Sentence[]): Unknown[] {
  return revisions.length === 0 || calls.length > 0
    ? []
    : [
        {
          text: 'Who made the revision is not in the evidence: the cluster does not keep it.',
          evidence: idsOf(revisions.slice(0, MOST).map(({ item }) => item)),
        },
      ];
}
