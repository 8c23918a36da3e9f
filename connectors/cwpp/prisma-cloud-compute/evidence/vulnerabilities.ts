import type { FactOf } from '../../../../domain/evidence/fact.ts';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { severityRank } from '../../../../domain/severity.ts';
import { fromApi, gap } from '../../draft.ts';
import { severityOf } from '../categories.ts';
import { fixedVersionOf } from '../fixed-version.ts';
import type { ImageRecord, VulnerabilityRecord } from '../records.ts';
import { imageDigestOf } from '../workload.ts';
import { cveEntity, hostEntity, imageEntity, packageEntity } from './entities.ts';

/** Vulnerabilities shown one by one: those with exploits first, then by severity and score. */
const MAX_VULNERABILITIES = 150;

type VulnerabilityFact = FactOf<'vulnerability'>;

/** The scan of an image (or host) and its vulnerabilities, the most pressing first. */
export function vulnerabilityDrafts(
  record: ImageRecord,
  of: { readonly field: string; readonly observedAt: string; readonly name?: string | undefined },
): EvidenceDraft[] {
  const digest = imageDigestOf(record._id ?? record.id ?? '');
  const name = of.name ?? referenceOf(record) ?? record.hostname ?? digest;
  if (name === undefined) return [];
  const subject =
    digest === undefined && record.repoTag === undefined
      ? hostEntity(record.hostname ?? name)
      : imageEntity(digest, name);
  const scan = present({
    kind: 'image' as const,
    name,
    digest,
    distribution: record.distro,
    vulnerabilityCount: record.vulnerabilitiesCount ?? record.vulnerabilities.length,
  });
  const read = record.vulnerabilities.flatMap((vulnerability, index) => {
    const fact = factOf(vulnerability, digest);
    return fact ? [{ fact, index }] : [];
  });
  const ordered = read.sort((a, b) => urgency(b.fact) - urgency(a.fact) || a.index - b.index);
  const shown = ordered.slice(0, MAX_VULNERABILITIES);
  const unread = record.vulnerabilities.length - read.length;
  return [
    fromApi(`${of.field} [0]`, 'vendor', of.observedAt, scan, [subject]),
    ...shown.map(({ fact, index }) =>
      fromApi(`${of.field} [0].vulnerabilities[${index}]`, 'vendor', of.observedAt, fact, [
        cveEntity(fact.cve),
        packageEntity(fact.packageName, fact.packageVersion),
        subject,
      ]),
    ),
    ...(ordered.length > shown.length
      ? [
          gap(
            of.field,
            of.observedAt,
            `${ordered.length - shown.length} less pressing vulnerabilities`,
            'only the most pressing are shown one by one',
          ),
        ]
      : []),
    ...(unread > 0
      ? [
          gap(
            of.field,
            of.observedAt,
            `${unread} entries of the scan`,
            'they name no vulnerability, package or version',
          ),
        ]
      : []),
  ];
}

function referenceOf({ repoTag }: ImageRecord): string | undefined {
  if (repoTag?.repo === undefined) return undefined;
  const registry = repoTag.registry === undefined ? '' : `${repoTag.registry}/`;
  return `${registry}${repoTag.repo}${repoTag.tag === undefined ? '' : `:${repoTag.tag}`}`;
}

/**
 * There is no boolean for anything in the console's record: a fix follows from the status text, exploits from the
 * exploit kind and the names of risk factors (reference, section 2).
 */
function factOf(record: VulnerabilityRecord, imageDigest: string | undefined): VulnerabilityFact | undefined {
  const { cve, packageName, packageVersion } = record;
  if (cve === undefined || packageName === undefined || packageVersion === undefined) return undefined;
  const factors = new Set(record.riskFactors.map((factor) => factor.toLowerCase()));
  const inTheWild = record.exploit === 'cisa-kev' || factors.has('exploit exists - in the wild');
  return present({
    kind: 'vulnerability' as const,
    cve,
    cvss: record.cvss === undefined || record.cvss <= 0 || record.cvss > 10 ? undefined : record.cvss,
    cvssVector: record.vecStr,
    // A severity the console did not name is not a low one.
    severity: severityOf(record.severity) ?? 'medium',
    packageName,
    packageType: record.packageType,
    packageVersion,
    fixedIn: fixedVersionOf(record.status ?? ''),
    imageDigest,
    exploitInTheWild: inTheWild,
    exploitPublic: inTheWild || factors.has('exploit exists - poc') || (record.exploit ?? '') !== '',
    remote: factors.has('remote execution'),
  });
}

function urgency(fact: VulnerabilityFact): number {
  return (
    (fact.exploitInTheWild ? 1000 : 0) +
    (fact.exploitPublic ? 500 : 0) +
    severityRank(fact.severity) * 50 +
    (fact.cvss ?? 0)
  );
}
