import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';
import { fromApi } from '../../draft.ts';
import { cveEntity, imageEntity, packageEntity } from '../../prisma-cloud-compute/evidence/entities.ts';
import type { FrameworkRecord, PostureRecord, VulnerabilityRecord, VulnerabilityScore } from '../context-records.ts';
import { severityOf } from '../severity.ts';
import { readAssets } from './assets.ts';
import { firstOf, type PartReader } from './part.ts';

/** More would bury the others; the list is worst first, and what is beyond is a gap. */
const MAX_VULNERABILITIES = 200;

/** Vulnerabilities of the resource and its image, failed checks of its configuration, and the posture of its projects. */
export const readVulnerabilities: PartReader = async (context) => {
  const { wiz, attempts, now } = context;
  const assets = await readAssets(context);
  const ids = [...assets.ids, ...assets.imageIds];
  if (ids.length === 0) {
    attempts.note('vulnerabilityFindings', 'vulnerabilities', 'the alert names no resource that Wiz has on its graph');
    return [];
  }
  const drafts: EvidenceDraft[] = [];
  const found = await attempts.list('vulnerabilityFindings', 'vulnerabilities', () => wiz.vulnerabilities(ids));
  if (found.length > 0) {
    const scores = await attempts.list('vulnerabilityFindings', 'exploitability scores of the vulnerabilities', () =>
      wiz.vulnerabilityScores(ids),
    );
    drafts.push(
      ...vulnerabilityDrafts(
        firstOf(context, 'vulnerabilities', worstFirst(found), MAX_VULNERABILITIES),
        scores,
        now(),
      ),
    );
  }
  for (const id of firstOf(context, 'resources', assets.ids)) {
    const posture = await attempts.list('configurationFindings', 'configuration findings', () => wiz.posture(id));
    drafts.push(...postureDrafts(posture, now()));
  }
  const projects = assets.issues.flatMap((issue) => issue.projects.flatMap(({ id }) => id ?? []));
  if (projects.length > 0) {
    const frameworks = await attempts.list('securityFrameworks', 'the posture of its projects', () =>
      wiz.frameworks(projects.slice(0, 5)),
    );
    drafts.push(...frameworkDrafts(frameworks, now()));
  }
  return drafts;
};

function worstFirst(found: readonly VulnerabilityRecord[]): readonly VulnerabilityRecord[] {
  const exploited = (one: VulnerabilityRecord): number => Number(one.hasCisaKevExploit === true);
  return [...found].sort((a, b) => exploited(b) - exploited(a) || (b.score ?? 0) - (a.score ?? 0));
}

export function vulnerabilityDrafts(
  found: readonly VulnerabilityRecord[],
  scores: readonly VulnerabilityScore[],
  now: Date,
): EvidenceDraft[] {
  const byId = new Map(scores.map((score) => [score.id, score]));
  return found.flatMap((record, index): EvidenceDraft[] => {
    const cve = record.vulnerabilityExternalId ?? record.name;
    const { detailedName, version } = record;
    if (cve === undefined || detailedName === undefined) return [];
    const image = record.vulnerableAsset?.ImageExternalId;
    const digest = /sha256:[0-9a-f]{64}/.exec(image ?? '')?.[0];
    const fact = present({
      kind: 'vulnerability' as const,
      cve,
      cvss: record.score !== undefined && record.score >= 0 && record.score <= 10 ? record.score : undefined,
      severity: severityOf(record.vendorSeverity) ?? severityOf(record.CVSSSeverity) ?? ('medium' as const),
      packageName: capped(detailedName, SHORT_TEXT_CAP),
      packageType: packageTypeOf(byId.get(record.id)?.locationPath) ?? kindOf(record.detectionMethod),
      packageVersion: version ?? 'unknown',
      fixedIn: record.fixedVersion,
      imageDigest: digest,
      exploitInTheWild: record.hasCisaKevExploit === true,
      exploitPublic: record.hasExploit === true,
      remote: isRemote(byId.get(record.id)?.exploitabilityScore),
    });
    return [
      fromApi(`vulnerabilityFindings[${index}]`, 'vendor', now.toISOString(), fact, [
        cveEntity(cve),
        packageEntity(detailedName, version),
        imageEntity(digest, image),
      ]),
    ];
  });
}

/**
 * CVSS 3 gives a flaw that needs access to the machine or its network segment an exploitability of at most 2.8, so that only
 * the network vector reaches more; above 3.9 it is a CVSS 2 score, whose limit is 6.5. Without a score nothing is claimed.
 */
export function isRemote(exploitability: number | undefined): boolean {
  if (exploitability === undefined) return false;
  return exploitability > 3.9 ? exploitability > 6.5 : exploitability > 2.84;
}

const PATHS: readonly (readonly [RegExp, string])[] = [
  [/\/node_modules\//, 'nodejs'],
  [/\.(?:jar|war|ear)\b/i, 'jar'],
  [/\/(?:site|dist)-packages\//, 'python'],
  [/\/gems\//, 'gem'],
  [/\/vendor\/composer\//, 'composer'],
];

/** `LIBRARY`, the vendor's detection method, does not name the language; where the library lies does. */
function packageTypeOf(path: string | undefined): string | undefined {
  return PATHS.find(([pattern]) => pattern.test(path ?? ''))?.[1];
}

/** `PACKAGE` is one of the operating system; other words stand as they are. */
function kindOf(method: string | undefined): string | undefined {
  return method === 'PACKAGE' ? 'operating-system' : method?.toLowerCase();
}

export function postureDrafts(posture: readonly PostureRecord[], now: Date): EvidenceDraft[] {
  return posture.slice(0, 50).flatMap((record, index): EvidenceDraft[] => {
    const control = record.rule?.name ?? record.rule?.shortId;
    if (control === undefined || record.result === undefined || record.result === 'NOT_ASSESSED') return [];
    const { currentValue, expectedValue } = record.evidence ?? {};
    const values = [
      ...(currentValue === undefined ? [] : [`it is ${currentValue}`]),
      ...(expectedValue === undefined ? [] : [`it should be ${expectedValue}`]),
    ];
    const fact = present({
      kind: 'compliance' as const,
      control,
      framework: record.securitySubCategories[0]?.category?.framework?.name,
      passed: record.result === 'PASS',
      reason: `${values.join(', ') || `Wiz assessed ${record.result}`} (severity ${record.severity ?? 'not given'})`,
    });
    return [fromApi(`configurationFindings[${index}]`, 'vendor', now.toISOString(), fact)];
  });
}

export function frameworkDrafts(frameworks: readonly FrameworkRecord[], now: Date): EvidenceDraft[] {
  return frameworks
    .filter(({ enabled, complianceAnalytics }) => enabled !== false && complianceAnalytics !== undefined)
    .slice(0, 10)
    .flatMap(({ name, complianceAnalytics: measured }, index): EvidenceDraft[] => {
      const {
        averageCompliancePosture: average,
        passSubCategoryCount: pass,
        failSubCategoryCount: fail,
      } = measured ?? {};
      if (name === undefined || fail === undefined) return [];
      const fact = {
        kind: 'compliance' as const,
        control: 'every subcategory that is assessed in its projects',
        framework: name,
        passed: fail === 0,
        reason: `${pass ?? 0} subcategories pass and ${fail} fail${average === undefined ? '' : `, average posture ${average}`}`,
      };
      return [fromApi(`securityFrameworks[${index}]`, 'vendor', now.toISOString(), fact)];
    });
}
