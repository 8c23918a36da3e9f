import type { ValueKind } from './values.ts';

export interface ArnReading {
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly kind: ValueKind;
  readonly name: string;
}

// The partition is missing in ARNs a vendor's own tests show (`arn:iam::…`); the rest of them is well-formed.
const ARN = /^arn:(?:aws[a-z-]{0,10}:)?([a-z0-9-]{1,40}):([a-z0-9-]{0,30}):(\d{0,12}):(\S{1,300})$/;

const RESOURCES: readonly (readonly [service: string, resource: RegExp, kind: ValueKind])[] = [
  ['s3', /^([^/*]+)/, 'bucket'],
  ['iam', /^user\/(?:[^/]+\/)*([^/]+)$/, 'user'],
  ['iam', /^role\/(?:[^/]+\/)*([^/]+)$/, 'cloud-role'],
  ['sts', /^assumed-role\/([^/]+)\//, 'cloud-role'],
  ['ec2', /^security-group\/(.+)$/, 'security-group'],
  ['ec2', /^instance\/(.+)$/, 'instance'],
  ['lambda', /^function:([^:]+)/, 'function'],
  ['rds', /^db:(.+)$/, 'database'],
  ['eks', /^cluster\/(.+)$/, 'cluster'],
];

/** What an ARN names; undefined for what is none, or names a thing no guidance speaks of. */
export function readArn(text: string): ArnReading | undefined {
  const [, service, region, account, resource] = ARN.exec(text) ?? [];
  for (const [name, pattern, kind] of RESOURCES) {
    const found = name === service ? pattern.exec(resource ?? '')?.[1] : undefined;
    if (found !== undefined) return { account: account || undefined, region: region || undefined, kind, name: found };
  }
  return undefined;
}
