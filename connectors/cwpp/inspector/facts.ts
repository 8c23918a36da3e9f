import type { FactOf } from '../../../domain/evidence/fact.ts';
import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { severityRank } from '../../../domain/severity.ts';
import { entity, imageEntity } from '../aws/entities.ts';
import { awsTime } from '../aws/time.ts';
import { fromApi, gap } from '../draft.ts';
import { isExploitable } from './finding.ts';
import type { FindingDetail, InspectorFinding, InspectorResource, KnownVulnerability } from './schema.ts';
import { bestCvss, fixedVersionOf, isRemote, packageTypeOf, severityOf, versionOf } from './vocabulary.ts';
import { imageDigestOf, imageReferenceOf } from './workload.ts';

type VulnerabilityFact = FactOf<'vulnerability'>;

/** Vulnerabilities shown one by one; the most pressing first. */
const MAX_SHOWN = 150;

export interface At {
  readonly field: string;
  readonly observedAt: string;
}

/** What Inspector calls the thing its findings are in, as the entity the rest of the evidence uses. */
export function subjectOf(resource: InspectorResource | undefined) {
  if (resource === undefined) return undefined;
  if (resource.details?.awsEcrContainerImage) {
    return imageEntity(imageDigestOf(resource), imageReferenceOf(resource, undefined));
  }
  const name = resource.details?.awsLambdaFunction?.functionName;
  return name
    ? entity('workload', name)
    : entity('instance', /i-[0-9a-f]{8,17}$/.exec(resource.id ?? '')?.[0] ?? resource.id);
}

/** One fact for each vulnerability and package, and the image they are in. `details` by ARN, where they were read. */
export function vulnerabilityDrafts(
  findings: readonly InspectorFinding[],
  details: ReadonlyMap<string, FindingDetail>,
  at: At,
): EvidenceDraft[] {
  const rows = findings.flatMap((finding, index) =>
    factsOf(finding, details.get(finding.findingArn ?? '')).map((fact) => ({ fact, index, finding })),
  );
  const ordered = rows.sort((a, b) => urgency(b.fact) - urgency(a.fact) || a.index - b.index);
  const rest = ordered.length - MAX_SHOWN;
  return [
    ...imageDrafts(findings, at),
    ...ordered
      .slice(0, MAX_SHOWN)
      .map(({ fact, index, finding }) =>
        fromApi(`${at.field} [${index}]`, 'vendor', at.observedAt, fact, [
          entity('cve', fact.cve),
          entity('package', `${fact.packageName}@${fact.packageVersion}`, `${fact.packageName} ${fact.packageVersion}`),
          subjectOf(finding.resources[0]),
        ]),
      ),
    ...(rest > 0
      ? [
          gap(
            at.field,
            at.observedAt,
            `${rest} less pressing vulnerabilities`,
            'only the most pressing are shown one by one',
          ),
        ]
      : []),
  ];
}

function imageDrafts(findings: readonly InspectorFinding[], at: At): EvidenceDraft[] {
  const byImage = new Map<string, { readonly resource: InspectorResource; count: number }>();
  for (const { resources } of findings) {
    const [resource] = resources;
    if (!resource?.details?.awsEcrContainerImage || !resource.id) continue;
    const known = byImage.get(resource.id);
    if (known) known.count += 1;
    else byImage.set(resource.id, { resource, count: 1 });
  }
  return [...byImage.values()].flatMap(({ resource, count }) => {
    const name = imageReferenceOf(resource, undefined);
    if (name === undefined) return [];
    const fact = present({
      kind: 'image' as const,
      name,
      digest: imageDigestOf(resource),
      distribution: resource.details?.awsEcrContainerImage?.platform,
      vulnerabilityCount: count,
    });
    return [fromApi(at.field, 'vendor', at.observedAt, fact, [subjectOf(resource)])];
  });
}

function factsOf(finding: InspectorFinding, detail: FindingDetail | undefined): VulnerabilityFact[] {
  const package_ = finding.packageVulnerabilityDetails;
  const cve = package_?.vulnerabilityId;
  if (!package_ || !cve) return [];
  const cvss = bestCvss(finding);
  const score = cvss?.baseScore ?? finding.inspectorScore;
  const inTheWild = detail?.cisaData !== undefined || detail?.exploitObserved !== undefined;
  return package_.vulnerablePackages.slice(0, 20).flatMap((one) =>
    one.name
      ? [
          present({
            kind: 'vulnerability' as const,
            cve,
            cvss: score !== undefined && score > 0 && score <= 10 ? score : undefined,
            cvssVector: cvss?.scoringVector,
            severity: severityOf(finding.severity) ?? ('medium' as const),
            packageName: one.name,
            packageType: packageTypeOf(one),
            packageVersion: versionOf(one),
            fixedIn: fixedVersionOf(one),
            imageDigest: imageDigestOf(finding.resources[0]),
            exploitInTheWild: inTheWild,
            exploitPublic: inTheWild || isExploitable(finding),
            remote: isRemote(cvss?.scoringVector),
          }),
        ]
      : [],
  );
}

function urgency(fact: VulnerabilityFact): number {
  return (
    (fact.exploitInTheWild ? 1000 : 0) +
    (fact.exploitPublic ? 500 : 0) +
    severityRank(fact.severity) * 50 +
    (fact.cvss ?? 0)
  );
}

/** What Inspector knows of attacks on one vulnerability. It names no EPSS percentile, and not whether ransomware uses it. */
export function knowledgeDraft(
  finding: InspectorFinding,
  known: { readonly search: KnownVulnerability | undefined; readonly detail: FindingDetail | undefined },
  at: At,
): EvidenceDraft[] {
  const cve = finding.packageVulnerabilityDetails?.vulnerabilityId;
  if (!cve) return [];
  const now = Date.parse(at.observedAt);
  const day = (value: unknown): string | undefined => dayOf(awsTime(value, now));
  const cisa = known.search?.cisaData ?? known.detail?.cisaData;
  const observed = known.search?.exploitObserved ?? known.detail?.exploitObserved;
  const probability = known.search?.epss?.score ?? known.detail?.epssScore ?? finding.epss?.score;
  const since = day(cisa?.dateAdded);
  const fact = present({
    kind: 'exploit-knowledge' as const,
    cve,
    knownExploited:
      since === undefined
        ? undefined
        : present({ since, dueDate: day(cisa?.dateDue), ransomware: false, action: cisa?.action ?? 'not stated' }),
    epss:
      probability !== undefined && probability >= 0 && probability <= 1
        ? { probability, on: dayOf(awsTime(finding.updatedAt, now)) ?? at.observedAt.slice(0, 10) }
        : undefined,
    fixedIn: (finding.packageVulnerabilityDetails?.vulnerablePackages ?? []).slice(0, 20).flatMap((one) => {
      const version = fixedVersionOf(one);
      return one.name && version
        ? [{ packageName: one.name, ecosystem: packageTypeOf(one) ?? 'unknown', version }]
        : [];
    }),
  });
  const seen = day(observed?.lastSeen);
  return [
    fromApi(at.field, 'vendor', at.observedAt, fact, [entity('cve', cve)]),
    ...(seen === undefined
      ? []
      : [
          fromApi(
            at.field,
            'vendor',
            at.observedAt,
            {
              kind: 'related-finding' as const,
              uid: cve,
              title: `attacks on ${cve} were observed, last on ${seen}`,
              category: 'exploit observed',
              severity: severityOf(finding.severity) ?? 'medium',
            },
            [entity('cve', cve), subjectOf(finding.resources[0])],
          ),
        ]),
  ];
}

function dayOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 10);
}
