import * as z from 'zod';

/** What we rely on in the answers, parsed leniently. In the XML an empty list is an empty string, and a list of one its element. */
export function list<T extends z.ZodType>(element: T, member: 'item' | 'member' = 'item') {
  return z
    .union([z.literal(''), z.object({ [member]: z.union([z.array(z.unknown()), z.unknown()]) })])
    .optional()
    .transform((value): unknown[] => {
      const inside = value === undefined || value === '' ? undefined : value[member];
      return inside === undefined ? [] : Array.isArray(inside) ? inside : [inside];
    })
    .pipe(z.array(element));
}

const flag = z
  .enum(['true', 'false'])
  .optional()
  .transform((word) => word === 'true');
const text = z.string().optional();

export interface Tag {
  readonly key: string;
  readonly value: string;
}
const ec2Tags = z.lazy(() => list(z.object({ key: z.string(), value: z.string().default('') })));
const iamTags = z.lazy(() =>
  list(z.object({ Key: z.string(), Value: z.string().default('') }), 'member').transform((tags): Tag[] =>
    tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
  ),
);

export const instanceSchema = z.lazy(() =>
  z.object({
    instanceId: z.string(),
    instanceState: z.object({ name: z.string() }),
    instanceType: text,
    vpcId: text,
    ipAddress: text,
    iamInstanceProfile: z.object({ arn: z.string() }).optional(),
    tagSet: ec2Tags,
    blockDeviceMapping: list(z.object({ deviceName: text, ebs: z.object({ volumeId: z.string() }).optional() })),
  }),
);
export type Instance = z.infer<typeof instanceSchema>;

export const interfaceSchema = z.lazy(() =>
  z.object({
    networkInterfaceId: z.string(),
    vpcId: text,
    requesterManaged: flag,
    groupSet: list(z.object({ groupId: z.string() })),
    connectionTrackingConfiguration: z.object({ tcpEstablishedTimeout: text }).optional().catch(undefined),
    tagSet: ec2Tags,
  }),
);
export type NetworkInterface = z.infer<typeof interfaceSchema>;

/** What an Auto Scaling group says about one of its instances. */
export const scalingMemberSchema = z.lazy(() =>
  z.object({ InstanceId: z.string(), AutoScalingGroupName: z.string(), LifecycleState: z.string() }),
);
export type ScalingMember = z.infer<typeof scalingMemberSchema>;

export const securityGroupSchema = z.lazy(() =>
  z.object({
    groupId: z.string(),
    groupName: text,
    vpcId: text,
    ipPermissions: list(z.unknown()),
    ipPermissionsEgress: list(z.unknown()),
  }),
);
export type SecurityGroup = z.infer<typeof securityGroupSchema>;

export const snapshotSchema = z.lazy(() =>
  z.object({ snapshotId: z.string(), volumeId: z.string(), status: z.string(), progress: text, tagSet: ec2Tags }),
);
export type Snapshot = z.infer<typeof snapshotSchema>;

const principal = {
  Arn: z.string(),
  Path: z.string().default('/'),
  CreateDate: text,
  Tags: iamTags,
};
export const roleSchema = z.lazy(() =>
  z.object({
    ...principal,
    RoleName: z.string(),
    RoleId: z.string(),
    AssumeRolePolicyDocument: z.string().default(''),
    MaxSessionDuration: text,
    RoleLastUsed: z.object({ LastUsedDate: text }).optional().catch(undefined),
  }),
);
export type Role = z.infer<typeof roleSchema>;

export const userSchema = z.lazy(() => z.object({ ...principal, UserName: z.string(), UserId: z.string() }));
export type Principal = z.infer<typeof userSchema>;

export const accessKeySchema = z.lazy(() =>
  z.object({ AccessKeyId: z.string(), UserName: text, Status: z.string(), CreateDate: text }),
);
export type AccessKey = z.infer<typeof accessKeySchema>;

/** Who owns a key, and when it was last used: a missing date or `N/A` says never, as far as IAM kept it. */
export const keyUseSchema = z.lazy(() =>
  z.object({
    UserName: text,
    AccessKeyLastUsed: z.object({ LastUsedDate: text, ServiceName: text, Region: text }).optional().catch(undefined),
  }),
);
export type KeyUse = z.infer<typeof keyUseSchema>;

export const accessEntrySchema = z.lazy(() =>
  z.object({
    accessEntryArn: z.string(),
    principalArn: z.string(),
    type: z.string(),
    username: z.string().optional(),
    kubernetesGroups: z
      .array(z.string())
      .nullish()
      .transform((groups) => groups ?? []),
    tags: z
      .record(z.string(), z.string())
      .nullish()
      .transform((tags) => tags ?? {}),
  }),
);
export const associatedPolicySchema = z.lazy(() =>
  z.object({
    policyArn: z.string(),
    accessScope: z.object({
      type: z.string(),
      namespaces: z
        .array(z.string())
        .nullish()
        .transform((all) => all ?? []),
    }),
  }),
);
export type AccessEntry = z.infer<typeof accessEntrySchema> & {
  readonly policies: readonly z.infer<typeof associatedPolicySchema>[];
};
