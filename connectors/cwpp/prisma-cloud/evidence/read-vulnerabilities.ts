import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { severityRank } from '../../../../domain/severity.ts';
import type { AssetFinding } from '../records.ts';
import { severityOf, UNKNOWN_SEVERITY } from '../vocabulary.ts';
import { fromVendor } from './draft.ts';
import { cveEntity, packageEntity, subjectEntities } from './entities.ts';
import { confirmedSubject, type PartReader, readAsset } from './part.ts';

const MAX_VULNERABILITIES = 100;
const FIELD = 'POST /uai/v1/asset (vulnerabilities)';
const CVE = /^CVE-\d{4}-\d{4,}$/i;

/** Vulnerabilities of the asset, the most pressing first; a resource that runs nothing has none. */
export const readVulnerabilities: PartReader = async (context) => {
  const { attempts, findings, now } = context;
  if (findings.every(({ workload }) => workload.kind === 'resource')) return [];
  const subject = await confirmedSubject(context, 'the vulnerabilities of the asset');
  if (subject === undefined) return [];
  const { found, record } = subject;
  const asset = await readAsset(context, record, 'vulnerabilities', 'the vulnerabilities of the asset');
  const observedAt = now().toISOString();
  const drafts = (asset?.vulnerabilities ?? [])
    .flatMap((finding) => draftOf(finding, observedAt, subjectEntities(found)))
    .sort((a, b) => urgency(b) - urgency(a));
  if (drafts.length > MAX_VULNERABILITIES) {
    attempts.note(
      FIELD,
      `${drafts.length - MAX_VULNERABILITIES} less pressing vulnerabilities`,
      'only the most pressing are shown one by one',
    );
  }
  return drafts.slice(0, MAX_VULNERABILITIES);
};

function draftOf(finding: AssetFinding, observedAt: string, entities: EvidenceDraft['entities']): EvidenceDraft[] {
  const cve = [finding.cveId, finding.normalizedName, finding.title].find(
    (name) => name !== undefined && CVE.test(name),
  );
  if (cve === undefined || finding.packageName === undefined) return [];
  if (/^(?:resolved|closed|dismissed|suppressed)$/i.test(finding.status ?? '')) return [];
  const factors = new Set(finding.riskFactors.map((factor) => factor.toUpperCase()));
  const inTheWild = factors.has('EXPLOIT_EXISTS_IN_THE_WILD');
  const score = Number(finding.score ?? Number.NaN);
  const packageVersion = finding.sourceData?.packageVersion ?? 'of unnamed version';
  const fact = present({
    kind: 'vulnerability' as const,
    cve: cve.toUpperCase(),
    cvss: score > 0 && score <= 10 ? score : undefined,
    severity: severityOf(finding.severity ?? '') ?? UNKNOWN_SEVERITY,
    packageName: finding.packageName,
    packageVersion,
    fixedIn: finding.sourceData?.fixVersion ?? finding.sourceData?.fixedVersion,
    exploitInTheWild: inTheWild,
    exploitPublic: inTheWild || factors.has('EXPLOIT_EXISTS_POC') || factors.has('EXPLOIT_EXISTS'),
    remote: factors.has('REMOTE_EXECUTION'),
  });
  return [
    fromVendor(FIELD, observedAt, fact, [
      ...cveEntity(fact.cve),
      ...packageEntity(fact.packageName, packageVersion),
      ...entities,
    ]),
  ];
}

function urgency({ fact }: EvidenceDraft): number {
  if (fact.kind !== 'vulnerability') return 0;
  return (
    (fact.exploitInTheWild ? 1000 : 0) +
    (fact.exploitPublic ? 500 : 0) +
    severityRank(fact.severity) * 50 +
    (fact.cvss ?? 0)
  );
}
