import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { Alert } from './schema.ts';

/** Types of assets that run something, in the vendor's words without spaces, case and signs. Whatever else there is, is a resource. */
const HOSTS = new Set([
  'instance',
  'ec2instance',
  'awsec2instance',
  'vm',
  'virtualmachine',
  'computeinstance',
  'host',
  'server',
]);
const FUNCTIONS = new Set([
  'function',
  'lambda',
  'lambdafunction',
  'awslambdafunction',
  'cloudfunction',
  'functionapp',
  'serverlessfunction',
]);
const CONTAINERS = new Set(['container', 'runningcontainer']);
const IMAGES = new Set(['containerimage', 'registryimage', 'deployedimage', 'ecrimage', 'dockerimage']);

const CONTAINER_ID = /^[0-9a-f]{64}$/;
const IMAGE_DIGEST = /sha256:[0-9a-f]{64}$/;
const EC2_INSTANCE = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
/** The webhook does not say on which host a container runs. */
const UNKNOWN_HOST = 'unknown';

/** What the alert is about; undefined when it names no resource at all. */
export function workloadOf(alert: Alert): Workload | undefined {
  const id = capped(alert.resourceId, SHORT_TEXT_CAP);
  const name = capped(alert.resourceName, SHORT_TEXT_CAP) || id || capped(alert.rrn, SHORT_TEXT_CAP);
  if (name === '') return undefined;
  const account = capped(alert.accountId, SHORT_TEXT_CAP) || undefined;
  const region = capped(regionOf(alert), SHORT_TEXT_CAP) || undefined;
  const type = alert.resourceType.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (HOSTS.has(type) || EC2_INSTANCE.test(id)) {
    return made({ kind: 'host', account, host: name, instanceId: id || undefined });
  }
  if (FUNCTIONS.has(type)) return made({ kind: 'function', account, region, name: functionName(name) });
  if (CONTAINERS.has(type)) {
    return made({
      kind: 'container',
      account,
      host: UNKNOWN_HOST,
      container: name,
      containerId: CONTAINER_ID.test(id) ? id : undefined,
    });
  }
  if (IMAGES.has(type)) {
    const imageDigest = IMAGE_DIGEST.exec(id)?.[0] ?? IMAGE_DIGEST.exec(name)?.[0];
    return made({ kind: 'image', account, image: name, imageDigest });
  }
  const uid = id || capped(alert.rrn, SHORT_TEXT_CAP) || undefined;
  return made({ kind: 'resource', account, region, resourceType: typeWords(alert.resourceType), name, uid });
}

function made(workload: Workload): Workload {
  return present(workload);
}

/** `us-east-1`; the display name (`AWS Virginia`) only where there is nothing else. */
export function regionOf(alert: Pick<Alert, 'regionId' | 'region'>): string {
  return alert.regionId || alert.region;
}

/** `arn:aws:lambda:eu-west-1:111122223333:function:export` -> `export` */
function functionName(name: string): string {
  return /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(name)?.[1] ?? name;
}

/** `SECURITY_GROUP` -> `security group` */
function typeWords(type: string): string {
  const words = capped(type, 80)
    .replace(/[_\s]+/g, ' ')
    .trim()
    .toLowerCase();
  return words === '' || words === 'other' ? 'cloud resource' : words;
}
