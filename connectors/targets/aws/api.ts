import type { PlannedRequest, SentRequest } from '../../../domain/actions/action.ts';
import type { AccountConfiguration } from '../../../domain/config/accounts.ts';
import type {
  AccessEntry,
  AccessKey,
  Instance,
  KeyUse,
  NetworkInterface,
  Principal,
  Role,
  ScalingMember,
  SecurityGroup,
  Snapshot,
  Tag,
} from './schema.ts';

/** What the configuration says about the account, so that an action needs no second source for it. */
export type AwsAccountFacts = Pick<
  AccountConfiguration,
  | 'id'
  | 'regions'
  | 'readRole'
  | 'writeRoles'
  | 'rightsRole'
  | 'isolationGroups'
  | 'denyAllPolicy'
  | 'protectedPrincipals'
  | 'protectedTags'
>;

export type PrincipalKind = 'role' | 'user';

/**
 * Everything Parapet reads of an account. A single thing that is not there is `undefined`; every other failure is a
 * `TargetError`. Lists are complete or an error.
 */
export interface AwsReader {
  readonly account: AwsAccountFacts;
  now(): Date;
  getInstance(region: string, id: string): Promise<Instance | undefined>;
  /** Interfaces that are attached to the instance now. */
  getInterfaces(region: string, instanceId: string): Promise<readonly NetworkInterface[]>;
  /** undefined: it belongs to no Auto Scaling group. */
  getScalingMember(region: string, instanceId: string): Promise<ScalingMember | undefined>;
  getSecurityGroup(region: string, id: string): Promise<SecurityGroup | undefined>;
  /** Snapshots of this account that carry all of these tags. */
  getSnapshots(region: string, tags: readonly Tag[]): Promise<readonly Snapshot[]>;
  getRole(name: string): Promise<Role | undefined>;
  getUser(name: string): Promise<Principal | undefined>;
  /** The document of one inline policy of a role. */
  getRolePolicy(role: string, policy: string): Promise<string | undefined>;
  /** ARNs of the managed policies attached to a role or user. */
  getAttachedPolicies(kind: PrincipalKind, name: string): Promise<readonly string[]>;
  /** The document of a managed policy, as it is in force. */
  getManagedPolicy(arn: string): Promise<string | undefined>;
  getAccessKeys(user: string): Promise<readonly AccessKey[]>;
  getAccessKeyUse(accessKeyId: string): Promise<KeyUse | undefined>;
  getAccessEntry(region: string, cluster: string, principal: string): Promise<AccessEntry | undefined>;
  /** How the cluster authenticates: `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`. */
  getAuthenticationMode(region: string, cluster: string): Promise<string | undefined>;
  getTags(region: string, arn: string): Promise<readonly Tag[]>;
}

export interface AwsWriteOptions {
  /** Only EC2 can try a call without doing it. */
  readonly dryRun: boolean;
  /** Told about every request that was answered, accepted or not. */
  readonly record: (sent: SentRequest) => void;
}

/**
 * What may be written: exactly the requests a person approved, in the closed list of `requests.ts`, with a session that was
 * assumed for this one action and reaches only its target.
 */
export interface AwsWriter extends AwsReader {
  /** @throws TargetError */
  send(request: PlannedRequest, options: AwsWriteOptions): Promise<void>;
}
