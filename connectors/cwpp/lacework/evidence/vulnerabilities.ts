import type { FactOf } from '../../../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { severityRank } from '../../../../domain/severity.ts';
import { fromApi, gap } from '../../draft.ts';
import { isRecord, textOf } from '../lenient.ts';
import type { VulnerabilityRecord } from '../records.ts';
import { severityOf } from '../severity.ts';
import { entity } from './entities.ts';

/** Shown one by one: packages that are loaded first, then by severity and score. */
const MAX_VULNERABILITIES = 150;

/** Vulnerabilities that are still there, the most pressing first; `subject` is the image or the machine. */
export function vulnerabilityDrafts(
  records: readonly VulnerabilityRecord[],
  of: { readonly field: string; readonly observedAt: string; readonly subject: EntityRef | undefined },
): EvidenceDraft[] {
  const present_ = records.filter(isPresent);
  const read = new Map<string, { readonly fact: FactOf<'vulnerability'>; readonly active: boolean }>();
  for (const record of present_) {
    for (const fact of factsOf(record)) {
      read.set(`${fact.cve} ${fact.packageName} ${fact.packageVersion}`, {
        fact,
        active: record.featureKey.package_active === '1',
      });
    }
  }
  const ordered = [...read.values()].sort((a, b) => urgency(b) - urgency(a));
  const shown = ordered.slice(0, MAX_VULNERABILITIES);
  const rest = ordered.length - shown.length;
  return [
    ...shown.map(({ fact }) =>
      fromApi(of.field, 'vendor', of.observedAt, fact, [
        entity('cve', fact.cve),
        entity('package', `${fact.packageName}@${fact.packageVersion}`, `${fact.packageName} ${fact.packageVersion}`),
        of.subject,
      ]),
    ),
    ...(rest > 0
      ? [
          gap(
            of.field,
            of.observedAt,
            `${rest} less pressing vulnerabilities`,
            'only the most pressing are shown one by one',
          ),
        ]
      : []),
  ];
}

/** The verdict of the evaluation where there is one: the values of `status` are not all known (reference 2.6). */
function isPresent({ fixInfo, status }: VulnerabilityRecord): boolean {
  if (fixInfo.eval_status !== '') return /^vulnerable$/i.test(fixInfo.eval_status);
  return !/^(?:good|fixed|fixedondiscovery|exception)$/i.test(status);
}

const CVE = /\bCVE-\d{4}-\d{4,7}\b/g;
/** Of one advisory; a distribution's may list dozens. */
const MAX_OF_ADVISORY = 20;

/** An advisory of a distribution names its CVEs only in its description: each of them is one. */
function factsOf(record: VulnerabilityRecord): FactOf<'vulnerability'>[] {
  const { vulnId, featureKey, fixInfo, cveProps } = record;
  const version = featureKey.version_installed || featureKey.version;
  if (vulnId === '' || featureKey.name === '' || version === '') return [];
  const named = vulnId.startsWith('CVE-') ? [vulnId] : [...new Set(cveProps.description.match(CVE) ?? [vulnId])];
  const { score, vector } = cvssOf(cveProps.metadata);
  return named.slice(0, MAX_OF_ADVISORY).map((cve) =>
    present({
      kind: 'vulnerability' as const,
      cve,
      cvss: score,
      cvssVector: vector,
      // A severity the vendor did not name is not a low one.
      severity: severityOf(record.severity) ?? ('medium' as const),
      packageName: featureKey.name,
      packageType: featureKey.namespace || undefined,
      packageVersion: version,
      fixedIn: fixInfo.fix_available === '1' && fixInfo.fixed_version !== '' ? fixInfo.fixed_version : undefined,
      imageDigest: /^sha256:[0-9a-f]{64}$/.test(record.imageId) ? record.imageId : undefined,
      // The API says nothing about exploits; KEV and EPSS are looked up elsewhere.
      exploitInTheWild: false,
      exploitPublic: false,
      remote: vector?.includes('AV:N') ?? false,
    }),
  );
}

function cvssOf(metadata: unknown): { readonly score: number | undefined; readonly vector: string | undefined } {
  const nvd = isRecord(metadata) ? metadata['NVD'] : undefined;
  const cvss = isRecord(nvd) ? nvd['CVSSv3'] : undefined;
  if (!isRecord(cvss)) return { score: undefined, vector: undefined };
  const score = Number(textOf(cvss['Score']));
  return { score: score > 0 && score <= 10 ? score : undefined, vector: textOf(cvss['Vectors'], 256) || undefined };
}

function urgency({ fact, active }: { readonly fact: FactOf<'vulnerability'>; readonly active: boolean }): number {
  return (active ? 500 : 0) + severityRank(fact.severity) * 50 + (fact.cvss ?? 0);
}
