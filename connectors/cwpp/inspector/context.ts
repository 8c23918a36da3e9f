import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { Workload } from '../../../domain/workload.ts';
import { type Attempts, resultOf } from '../attempts.ts';
import { type InspectorClient, type InspectorFilter, MAX_DETAILS } from './client.ts';
import { knowledgeDraft, subjectOf, vulnerabilityDrafts } from './facts.ts';
import { isExploitable } from './finding.ts';
import type { FindingDetail, InspectorFinding, KnownVulnerability } from './schema.ts';
import { clusterDrafts } from './surroundings.ts';
import { severityOf } from './vocabulary.ts';

const LIST = 'ListFindings';
const ECR =
  /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([a-z0-9/._-]{2,256})(?::([\w.-]{1,128}))?(?:@sha256:[0-9a-f]{64})?$/;

/** Vulnerabilities whose exploit data are looked up one by one. */
const MAX_LOOKED_UP = 5;

/** How Inspector is asked about a workload; undefined when it cannot know it (an image of another registry). */
export function filterFor(workload: Workload): InspectorFilter | undefined {
  switch (workload.kind) {
    case 'pod':
    case 'container':
    case 'image':
      return imageFilter(workload.image, workload.imageDigest);
    case 'host':
      return workload.instanceId ? { resourceId: [workload.instanceId] } : undefined;
    case 'function':
      return { lambdaFunctionName: [workload.name] };
    case 'resource':
      return undefined;
  }
}

function imageFilter(image: string | undefined, digest: string | undefined): InspectorFilter | undefined {
  if (digest !== undefined) return { ecrImageHash: [digest] };
  const [, registry, repository, tag] = ECR.exec(image ?? '') ?? [];
  return registry && repository && tag
    ? { ecrImageRegistry: [registry], ecrImageRepositoryName: [repository], ecrImageTags: [tag] }
    : undefined;
}

/**
 * What Inspector knows of a workload's image, host or function: its open vulnerabilities, what is known of attacks on the
 * most pressing, and the clusters that use the image. Also asked for incidents that GuardDuty reports.
 */
export async function readVulnerabilities(
  client: InspectorClient,
  workload: Workload,
  deps: { readonly attempts: Attempts; readonly now: () => Date },
): Promise<EvidenceDraft[]> {
  const { attempts, now } = deps;
  const filter = filterFor(workload);
  if (filter === undefined) {
    attempts.note(
      LIST,
      'the vulnerabilities',
      'the workload has no image in a registry of this account that Inspector could know',
    );
    return [];
  }
  const read = await attempts.read(LIST, 'the vulnerabilities', () =>
    client.findings({ ...filter, findingStatus: ['ACTIVE'] }),
  );
  const listing = resultOf(read);
  if (listing === undefined) return [];
  if (listing.truncated) {
    attempts.note(LIST, `vulnerabilities beyond the first ${listing.items.length}`, 'only so many pages are read');
  }
  if (listing.items.length === 0) {
    attempts.note(
      LIST,
      'the vulnerabilities',
      'Inspector has no open finding about it: it is clean, or is not scanned',
    );
    return [];
  }
  const pressing = mostPressing(listing.items);
  const details = await readDetails(client, pressing, attempts);
  const at = (field: string) => ({ field, observedAt: now().toISOString() });
  const drafts = vulnerabilityDrafts(listing.items, details, at(LIST));
  for (const finding of pressing.slice(0, MAX_LOOKED_UP)) {
    const search = await readKnown(client, finding, attempts);
    const known = { search, detail: details.get(finding.findingArn ?? '') };
    drafts.push(...knowledgeDraft(finding, known, at('SearchVulnerabilities')));
  }
  return [...drafts, ...(await readClusters(client, listing.items, deps))];
}

/** Each vulnerability once, with an exploit first, then by severity and score. */
function mostPressing(findings: readonly InspectorFinding[]): readonly InspectorFinding[] {
  const once = new Map<string, InspectorFinding>();
  for (const finding of findings) {
    const id = finding.packageVulnerabilityDetails?.vulnerabilityId;
    if (id !== undefined && !once.has(id)) once.set(id, finding);
  }
  const rank = (finding: InspectorFinding): number =>
    (isExploitable(finding) ? 1000 : 0) +
    (severityOf(finding.severity) === 'critical' ? 100 : severityOf(finding.severity) === 'high' ? 50 : 0) +
    (finding.inspectorScore ?? 0);
  return [...once.values()].sort((a, b) => rank(b) - rank(a)).slice(0, MAX_DETAILS);
}

async function readDetails(
  client: InspectorClient,
  findings: readonly InspectorFinding[],
  attempts: Attempts,
): Promise<ReadonlyMap<string, FindingDetail>> {
  const arns = findings.flatMap(({ findingArn }) => findingArn ?? []);
  if (arns.length === 0) return new Map();
  const read = await attempts.read('BatchGetFindingDetails', 'exploit data of the vulnerabilities', () =>
    client.details(arns),
  );
  return new Map((resultOf(read) ?? []).flatMap((one) => (one.findingArn ? [[one.findingArn, one] as const] : [])));
}

async function readKnown(
  client: InspectorClient,
  finding: InspectorFinding,
  attempts: Attempts,
): Promise<KnownVulnerability | undefined> {
  const id = finding.packageVulnerabilityDetails?.vulnerabilityId;
  if (id === undefined || !/^[\w.-]{1,128}$/.test(id)) return undefined;
  return resultOf(
    await attempts.read('SearchVulnerabilities', `what is known of ${id}`, () => client.vulnerability(id)),
  );
}

async function readClusters(
  client: InspectorClient,
  findings: readonly InspectorFinding[],
  { attempts, now }: { readonly attempts: Attempts; readonly now: () => Date },
): Promise<EvidenceDraft[]> {
  const resource = findings
    .flatMap(({ resources }) => resources)
    .find(({ id, details }) => id !== undefined && details?.awsEcrContainerImage !== undefined);
  if (resource?.id === undefined) return [];
  const { id } = resource;
  const read = await attempts.read('GetClustersForImage', 'the clusters that use the image', () => client.clusters(id));
  const clusters = resultOf(read);
  if (clusters?.truncated)
    attempts.note('GetClustersForImage', 'further clusters that use the image', 'one page is read');
  return clusterDrafts(clusters?.items ?? [], subjectOf(resource), {
    field: 'GetClustersForImage',
    observedAt: now().toISOString(),
  });
}
