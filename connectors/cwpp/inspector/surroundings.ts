import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import { present, some } from '../../../domain/ocsf/present.ts';
import { entity } from '../aws/entities.ts';
import { awsTime } from '../aws/time.ts';
import { fromApi } from '../draft.ts';
import { type At, subjectOf } from './facts.ts';
import type { ImageCluster, InspectorFinding } from './schema.ts';

const MAX_CLUSTERS = 20;

/** Where an image runs: how far a fix must reach, and what an attacker would. */
export function clusterDrafts(
  clusters: readonly ImageCluster[],
  image: ReturnType<typeof subjectOf>,
  at: At,
): EvidenceDraft[] {
  const rows = clusters.flatMap(({ clusterArn, clusterDetails }) =>
    clusterDetails.map((details) => ({ clusterArn: clusterArn ?? 'unknown', details })),
  );
  return rows.slice(0, MAX_CLUSTERS).map(({ clusterArn, details }, index) => {
    const cluster = clusterArn.split('/').at(-1) ?? clusterArn;
    const eks = details.clusterMetadata?.awsEksMetadataDetails;
    const ecs = details.clusterMetadata?.awsEcsMetadataDetails;
    const workloads = (eks?.workloadInfoList ?? [])
      .slice(0, 10)
      .map(({ type, name }) => `${type ?? 'workload'} ${name ?? '?'}`);
    const place = eks
      ? `EKS cluster ${cluster}, namespace ${eks.namespace ?? '?'}${workloads.length > 0 ? ` (${workloads.join(', ')})` : ''}`
      : `ECS cluster ${cluster}${ecs?.detailsGroup ? ` (${ecs.detailsGroup})` : ''}`;
    const seen = awsTime(details.lastInUse, Date.parse(at.observedAt));
    const fact = present({
      kind: 'related-finding' as const,
      uid: clusterArn,
      title: `the image is used in ${place}: ${details.runningUnitCount ?? 0} running, ${details.stoppedUnitCount ?? 0} stopped`,
      category: 'image in use',
      severity: 'informational' as const,
      at: seen === undefined ? undefined : new Date(seen).toISOString(),
    });
    return fromApi(`${at.field} [${index}]`, 'vendor', at.observedAt, fact, [image, entity('cluster', cluster)]);
  });
}

/** Tags, and from where a resource can be reached: what Inspector tells of the surroundings of a finding. */
export function surroundingsDrafts(finding: InspectorFinding, at: At): EvidenceDraft[] {
  const resource = finding.resources[0];
  const subject = subjectOf(resource);
  const tags = Object.fromEntries(
    Object.entries(resource?.tags ?? {})
      .flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []))
      .slice(0, 50),
  );
  const name = subject?.label ?? finding.findingArn ?? 'resource';
  const network = finding.networkReachabilityDetails;
  const range = network?.openPortRange;
  const ports =
    range?.begin === undefined ? [] : [`${network?.protocol ?? ''} ${range.begin}-${range.end ?? range.begin}`.trim()];
  const path = (network?.networkPath?.steps ?? []).flatMap(({ componentId }) => componentId ?? []).slice(0, 20);
  return [
    ...(some(Object.keys(tags))
      ? [
          fromApi(
            at.field,
            'vendor',
            at.observedAt,
            present({
              kind: 'ownership' as const,
              subject: name,
              team: tagNamed(tags, /^(?:team|owner|owned-?by)$/i),
              environment: tagNamed(tags, /^(?:env|environment|stage)$/i),
              tags,
            }),
            [subject],
          ),
        ]
      : []),
    ...(network
      ? [
          fromApi(
            at.field,
            'vendor',
            at.observedAt,
            {
              kind: 'exposure',
              subject: name,
              // Inspector reports network paths from outside the network it runs in, an internet gateway among them.
              reachableFromInternet: path.some((step) => step.startsWith('igw-')),
              ports,
              path,
              basis: "Inspector's network reachability analysis",
            },
            [subject],
          ),
        ]
      : []),
  ];
}

function tagNamed(tags: Readonly<Record<string, string>>, pattern: RegExp): string | undefined {
  return Object.entries(tags).find(([key]) => pattern.test(key))?.[1];
}
