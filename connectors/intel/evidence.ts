import type { EvidenceDraft } from '../../domain/evidence/pack.ts';
import type { Indicator } from '../../domain/intelligence/indicators.ts';
import { confidenceOf, type Opinion } from '../../domain/intelligence/opinion.ts';
import { capped, SHORT_TEXT_CAP } from '../../domain/ocsf/text.ts';
import type { Asked, IntelGap, Told } from './ask.ts';
import type { Knowledge } from './port.ts';

/** Vulnerabilities shown one by one: what is exploited first, then what is likely to be. */
const MOST_CVES = 60;

/** What was told, as evidence: one fact for each address, name, hash and vulnerability somebody answered about, and the gaps. */
export function intelDrafts(asked: Asked, indicators: readonly Indicator[], observedAt: string): EvidenceDraft[] {
  return [
    ...indicators.flatMap((indicator) => opinionDraft(asked.told, indicator, observedAt)),
    ...knowledgeDrafts(asked.told, observedAt),
    ...asked.gaps.map((gap) => gapDraft(gap, observedAt)),
  ];
}

function opinionDraft(told: readonly Told[], indicator: Indicator, observedAt: string): EvidenceDraft[] {
  const given = told.flatMap(({ source, subject, answer, checkedAt }) =>
    subject.kind === indicator.kind && subject.value === indicator.value && answer.kind === 'opinion'
      ? [{ source, opinion: answer.opinion, checkedAt }]
      : [],
  );
  if (given.length === 0) return [];
  const confidence = confidenceOf(given.map(({ opinion }) => opinion));
  return [
    {
      source: 'threat_intel',
      field: given.map(({ source }) => source).join(', '),
      trust: 'vendor',
      observedAt,
      fact: {
        kind: 'threat-intel',
        indicator: indicator.value,
        indicatorKind: indicator.kind,
        ...(confidence === undefined ? {} : { confidence }),
        answers: given.map(({ source, opinion, checkedAt }) => ({ source, ...toldOf(opinion), checkedAt })),
      },
      entities: [...indicator.entities],
    },
  ];
}

function toldOf({ verdict, detail, weight }: Opinion): Opinion {
  return { verdict, detail: capped(detail, SHORT_TEXT_CAP), weight };
}

type Checked = 'kev' | 'epss' | 'osv';

interface Known {
  readonly knowledge: Knowledge;
  readonly checked: readonly Checked[];
}

function knowledgeDrafts(told: readonly Told[], observedAt: string): EvidenceDraft[] {
  const byCve = new Map<string, Known>();
  for (const { source, subject, answer } of told) {
    if (answer.kind !== 'knowledge' || !isVulnerabilitySource(source)) continue;
    byCve.set(subject.value, joined(byCve.get(subject.value), answer.knowledge, source));
  }
  const ordered = [...byCve].sort(([, a], [, b]) => urgency(b) - urgency(a));
  const shown = ordered.slice(0, MOST_CVES).map(
    ([cve, { knowledge, checked }]): EvidenceDraft => ({
      source: 'vuln_db',
      field: checked.join(', '),
      trust: 'vendor',
      observedAt,
      fact: { kind: 'exploit-knowledge', cve, checked: [...checked], ...knowledge },
      entities: [{ kind: 'cve', canonical: cve, label: cve }],
    }),
  );
  const left = ordered.length - shown.length;
  return left <= 0
    ? shown
    : [
        ...shown,
        gapOf(
          'vuln_db',
          observedAt,
          `exploit knowledge of ${left} less pressing vulnerabilities`,
          'only the most pressing are shown one by one',
        ),
      ];
}

function isVulnerabilitySource(source: string): source is Checked {
  return source === 'kev' || source === 'epss' || source === 'osv';
}

function joined(known: Known | undefined, added: Knowledge, source: Checked): Known {
  return {
    knowledge: { ...known?.knowledge, ...added, fixedIn: [...(known?.knowledge.fixedIn ?? []), ...added.fixedIn] },
    checked: [...(known?.checked ?? []), source],
  };
}

function urgency({ knowledge: { knownExploited, epss } }: Known): number {
  return (knownExploited === undefined ? 0 : 2) + (epss?.probability ?? 0);
}

const NAMES: Readonly<Record<IntelGap['source'], string>> = {
  kev: "CISA's list of exploited vulnerabilities",
  epss: 'EPSS',
  osv: 'OSV',
  virustotal: 'VirusTotal',
  abuseipdb: 'AbuseIPDB',
  greynoise: 'GreyNoise',
  otx: 'OTX',
};

function gapDraft({ source, subjects, reason }: IntelGap, observedAt: string): EvidenceDraft {
  const named = subjects.slice(0, 3).map(({ value }) => value);
  const more = subjects.length > named.length ? ` and ${subjects.length - named.length} more` : '';
  return gapOf(
    isVulnerabilitySource(source) ? 'vuln_db' : 'threat_intel',
    observedAt,
    `what ${NAMES[source]} knows of ${named.join(', ')}${more}`,
    reason,
  );
}

export function gapOf(
  source: 'vuln_db' | 'threat_intel',
  observedAt: string,
  missing: string,
  reason: string,
): EvidenceDraft {
  return {
    source,
    field: 'intelligence',
    trust: 'own',
    observedAt,
    fact: { kind: 'gap', missing: capped(missing, SHORT_TEXT_CAP), reason: capped(reason, SHORT_TEXT_CAP) },
    entities: [],
  };
}
