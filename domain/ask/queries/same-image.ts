import { factsOf, idsOf, quote, readableTime } from '../../analysis/rules/facts.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import type { Sentence, Unknown } from '../answer.ts';
import { gapsOf, nothing, type Query, say } from './query.ts';

/**
 * Other workloads that run the image, as far as incidents, the vendor's inventory and the cluster show it. There is no list of
 * all workloads, so what is not named may still run it.
 */
export const sameImage: Query = ({ investigation: { pack } }) => {
  const sentences = [...inventory(pack), ...linked(pack), ...past(pack), ...pods(pack)];
  const gaps = gapsOf(pack, 'baseline', 'history', 'workload');
  if (sentences.length === 0)
    return nothing(
      'The evidence names no other workload that runs this image, and there is no inventory of all.',
      gaps,
    );
  return { sentences, unknowns: [incomplete(pack), ...gaps] };
};

/** `image in use` of Inspector (connectors/cwpp/inspector/surroundings.ts): the text is the vendor's, counts included. */
function inventory(pack: EvidencePack): Sentence[] {
  return factsOf(pack, 'related-finding')
    .filter(({ fact }) => fact.category === 'image in use')
    .map(({ item, fact }) =>
      say(
        `The vendor's inventory says that ${quote(fact.title, 400)}${fact.at === undefined ? '' : `, last seen at ${readableTime(fact.at)}`}.`,
        [item],
      ),
    );
}

function linked(pack: EvidencePack): Sentence[] {
  return factsOf(pack, 'linked-incident')
    .filter(({ fact }) => fact.shared.some(({ what }) => what === 'image'))
    .map(({ item, fact }) =>
      say(
        `${quote(fact.workload)} runs it: its incident ${quote(fact.incidentId)}, opened at ${readableTime(fact.openedAt)}, has the same image.`,
        [item],
      ),
    );
}

function past(pack: EvidencePack): Sentence[] {
  return factsOf(pack, 'past-incident')
    .filter(({ fact }) => fact.shared?.some(({ what }) => what === 'image') ?? false)
    .map(({ item, fact }) =>
      say(
        `Another workload ran it: its incident ${quote(fact.incidentId)}, opened at ${readableTime(fact.openedAt)}${fact.verdict === undefined ? '' : `, verdict ${quote(fact.verdict)}`}, had the same image.`,
        [item],
      ),
    );
}

/** Pods the cluster showed that are not the one of the incident: other replicas, or another workload. */
function pods(pack: EvidencePack): Sentence[] {
  const { workload } = pack;
  const all = factsOf(pack, 'pod');
  const own = workload.kind === 'pod' ? all.find(({ fact }) => fact.name === workload.pod) : undefined;
  const digests = new Set([
    ...('imageDigest' in workload && workload.imageDigest !== undefined ? [workload.imageDigest] : []),
    ...(own?.fact.images.flatMap(({ digest }) => digest ?? []) ?? []),
  ]);
  const others = all.filter(
    (one) => one !== own && one.fact.images.some(({ digest }) => digest !== undefined && digests.has(digest)),
  );
  return others
    .slice(0, 20)
    .map(({ item, fact }) =>
      say(`Pod ${quote(fact.namespace)}/${quote(fact.name)} in cluster ${quote(fact.cluster)} runs it too.`, [
        item,
        ...(own ? [own.item] : []),
      ]),
    );
}

function incomplete(pack: EvidencePack): Unknown {
  const images = factsOf(pack, 'image').map(({ item }) => item);
  return {
    text: 'Workloads that run the image and had no incident may be missing here: no inventory of all workloads is read.',
    evidence: idsOf(images.slice(0, 1)),
  };
}
