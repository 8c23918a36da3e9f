import type { Analysis } from '../../analysis/analysis.ts';
import { factsOf, quote } from '../../analysis/rules/facts.ts';
import { cleanText } from '../../evidence/clean.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import type { Findings, Sentence, Unknown } from '../answer.ts';
import { subjectOf } from '../subject.ts';
import { gapsOf, nothing, type Query } from './query.ts';

type Listed = Analysis['vulnerabilities'][number];

const RELEVANCE: Readonly<Record<Listed['relevance'], string>> = {
  exploited: 'was exploited here',
  likely_exploited: 'was likely exploited here',
  reachable: 'can be reached here',
  present: 'is present',
  not_relevant: 'is not relevant here',
};

/** The vulnerabilities as the analysis joined them with what runs: relevance, score, exploitation elsewhere, fix. */
export const cves: Query = ({ investigation: { pack }, analysis, named }): Findings => {
  const about = named?.kind === 'cve' ? named.value : undefined;
  const wanted = (cve: string) => about === undefined || cve.toUpperCase() === about;
  const listed = analysis.vulnerabilities.filter(({ cve, evidence }) => wanted(cve) && isOf(pack, evidence));
  const sentences = listed.map((one) => sentence(pack, one));
  const gaps = gapsOf(pack, 'vulnerabilities');
  const subject = named === undefined ? {} : { subject: subjectOf(named) };
  if (sentences.length === 0)
    return {
      ...nothing(
        about === undefined
          ? 'The evidence holds no vulnerability.'
          : `No vulnerability ${about} of this workload is in the evidence.`,
        [...clean(pack), ...gaps],
      ),
      ...subject,
    };
  return { sentences, unknowns: [...unlisted(pack, listed, wanted), ...gaps, ...knowledgeGaps(pack)], ...subject };
};

/** An analysis that was stored for another pack must not cite what this one means otherwise. */
function isOf(pack: EvidencePack, evidence: readonly string[]): boolean {
  return evidence.length > 0 && evidence.every((id) => pack.items.some((item) => item.id === id));
}

function sentence(pack: EvidencePack, one: Listed): Sentence {
  const where = pack.entities.find(({ id }) => id === one.entity);
  const place = where === undefined ? '' : ` in ${where.kind} ${quote(where.label)}`;
  const details = [
    one.cvss === undefined ? 'no CVSS known' : `CVSS ${one.cvss}`,
    ...(one.epss === undefined ? [] : [`EPSS ${(one.epss.probability * 100).toFixed(1)} %`]),
    ...(one.knownExploited === undefined
      ? []
      : [
          `in CISA KEV since ${quote(one.knownExploited.since, 40)}${one.knownExploited.ransomware ? ', used by ransomware' : ''}`,
        ]),
    one.fixedIn === undefined ? 'no fix is known' : `fixed in ${quote(one.fixedIn)}`,
  ];
  const text = `${quote(one.cve, 80)}${place} ${RELEVANCE[one.relevance]} (${details.join('; ')}): ${quote(one.rationale, 700).replace(/\.$/, '')}.`;
  return {
    text: cleanText(text),
    kind: one.relevance === 'likely_exploited' ? 'inferred' : 'observed',
    evidence: [...new Set(one.evidence)],
  };
}

/** What the evidence lists and the analysis does not: beyond its fifty, or of nothing that could be named. */
function unlisted(pack: EvidencePack, listed: readonly Listed[], wanted: (cve: string) => boolean): Unknown[] {
  const told = new Set(listed.flatMap(({ evidence }) => evidence));
  const rest = factsOf(pack, 'vulnerability').filter(({ item, fact }) => wanted(fact.cve) && !told.has(item.id));
  if (rest.length === 0) return [];
  const names = [...new Set(rest.map(({ fact }) => quote(fact.cve, 80)))];
  const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
  return [
    {
      text: `Of ${names.slice(0, 20).join(', ')}${more} the evidence lists a record, but the analysis did not judge it.`,
      evidence: rest.slice(0, 20).map(({ item }) => item.id),
    },
  ];
}

/** A scan that found nothing says so. */
function clean(pack: EvidencePack): Unknown[] {
  return factsOf(pack, 'image').flatMap(({ item, fact }) =>
    fact.vulnerabilityCount === undefined
      ? []
      : [
          {
            text: `The scan of image ${quote(fact.name)} counts ${fact.vulnerabilityCount} vulnerabilities.`,
            evidence: [item.id],
          },
        ],
  );
}

function knowledgeGaps(pack: EvidencePack): Unknown[] {
  return gapsOf(pack, 'threat-intel').filter(({ text }) => /kev|epss|exploit|vulnerab/i.test(text));
}
