import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { InspectorFinding, InspectorResource } from './schema.ts';

const cap = (value: string | undefined): string | undefined => (value ? capped(value, SHORT_TEXT_CAP) : undefined);
const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function imageDigestOf(resource: InspectorResource | undefined): string | undefined {
  const hash = resource?.details?.awsEcrContainerImage?.imageHash;
  return hash !== undefined && DIGEST.test(hash) ? hash : undefined;
}

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1.4.2`, as clusters and people write it. */
export function imageReferenceOf(resource: InspectorResource, eventRegion: string | undefined): string | undefined {
  const image = resource.details?.awsEcrContainerImage;
  if (!image?.repositoryName) return undefined;
  const region = regionOf(resource, eventRegion);
  const registry =
    image.registry && region
      ? `${image.registry}.dkr.ecr.${region}.amazonaws.com/`
      : image.registry
        ? `${image.registry}/`
        : '';
  const tag = image.imageTags[0];
  const suffix = tag ? `:${tag}` : image.imageHash ? `@${image.imageHash}` : '';
  return capped(`${registry}${image.repositoryName}${suffix}`, SHORT_TEXT_CAP);
}

/** Inspector writes `N/A` for the region of an image; its id holds it. */
export function regionOf(resource: InspectorResource, eventRegion: string | undefined): string | undefined {
  if (resource.region && resource.region !== 'N/A') return resource.region;
  return /^arn:[\w-]+:[\w-]+:([a-z]{2}(?:-[a-z]+)+-\d):/.exec(resource.id ?? '')?.[1] ?? eventRegion;
}

/** What a finding is about; undefined when it names nothing. */
export function workloadOf(
  finding: InspectorFinding,
  resource: InspectorResource,
  eventRegion: string | undefined,
): Workload | undefined {
  const account = cap(finding.awsAccountId);
  const { details, id, type } = resource;
  if (details?.awsEcrContainerImage) {
    const image = imageReferenceOf(resource, eventRegion) ?? cap(id);
    return image
      ? present({ kind: 'image' as const, account, image, imageDigest: imageDigestOf(resource) })
      : undefined;
  }
  const region = cap(regionOf(resource, eventRegion));
  const name = cap(details?.awsLambdaFunction?.functionName ?? functionIn(id));
  if (details?.awsLambdaFunction || type === 'AWS_LAMBDA_FUNCTION') {
    return name ? present({ kind: 'function' as const, account, region, name }) : undefined;
  }
  const instanceId = /(?:^|\/)(i-[0-9a-f]{8,17})$/.exec(id ?? '')?.[1];
  if (details?.awsEc2Instance || type === 'AWS_EC2_INSTANCE') {
    const host = cap(instanceId ?? id);
    return host ? present({ kind: 'host' as const, account, host, instanceId }) : undefined;
  }
  const other = cap(id);
  return other
    ? present({
        kind: 'resource' as const,
        account,
        region,
        resourceType: cap(type) ?? 'resource',
        name: other.split('/').at(-1) || other,
        uid: other,
      })
    : undefined;
}

function functionIn(arn: string | undefined): string | undefined {
  return /:function:([\w-]{1,140})(?::|$)/.exec(arn ?? '')?.[1];
}
