import * as z from 'zod';

const tags = z.record(z.string(), z.string()).default({});
const groupSchema = z.object({
  id: z.string(),
  vpc: z.string(),
  name: z.string().default('group'),
  inbound: z.number().int().default(0),
  outbound: z.number().int().default(0),
});
const interfaceSchema = z.object({
  id: z.string(),
  groups: z.array(z.string()),
  requesterManaged: z.boolean().default(false),
  establishedTimeout: z.number().int().optional(),
  tags,
});
const instanceSchema = z.object({
  id: z.string(),
  region: z.string(),
  vpc: z.string(),
  state: z.string().default('running'),
  type: z.string().default('m6i.large'),
  publicIp: z.string().optional(),
  profile: z.string().optional(),
  volumes: z.array(z.string()).default([]),
  interfaces: z.array(interfaceSchema).default([]),
  tags,
});
const scalingGroupSchema = z.object({
  name: z.string(),
  region: z.string(),
  desired: z.number().int(),
  maximum: z.number().int(),
  members: z.array(
    z.object({
      instance: z.string(),
      state: z.enum(['InService', 'EnteringStandby', 'Standby', 'Terminating:Wait']).default('InService'),
    }),
  ),
});
const snapshotSchema = z.object({
  id: z.string(),
  region: z.string(),
  volume: z.string(),
  status: z.enum(['pending', 'completed', 'error']),
  tags,
});
const roleSchema = z.object({
  name: z.string(),
  path: z.string().default('/'),
  id: z.string(),
  trust: z.unknown().optional(),
  inline: z.record(z.string(), z.string()).default({}),
  attached: z.array(z.string()).default([]),
  tags,
});
const userSchema = z.object({
  name: z.string(),
  path: z.string().default('/'),
  id: z.string(),
  attached: z.array(z.string()).default([]),
  keys: z
    .array(
      z.object({
        id: z.string(),
        status: z.enum(['Active', 'Inactive']).default('Active'),
        created: z.string().default('2022-05-01T08:00:00Z'),
        /** A time, or so many days before now: `-1d`. */
        lastUsed: z.string().optional(),
      }),
    )
    .default([]),
  tags,
});
const entrySchema = z.object({
  cluster: z.string(),
  region: z.string(),
  principal: z.string(),
  type: z.string().default('STANDARD'),
  username: z.string().optional(),
  groups: z.array(z.string()).default([]),
  policies: z.array(z.object({ policyArn: z.string(), accessScope: z.unknown() })).default([]),
  serial: z.string(),
  tags,
});

/** An account as the scenario's file describes it. */
export const accountStateSchema = z.object({
  id: z.string(),
  groups: z.array(groupSchema).default([]),
  instances: z.array(instanceSchema).default([]),
  snapshots: z.array(snapshotSchema).default([]),
  scalingGroups: z.array(scalingGroupSchema).default([]),
  roles: z.array(roleSchema).default([]),
  users: z.array(userSchema).default([]),
  managedPolicies: z.record(z.string(), z.unknown()).default({}),
  clusters: z.array(z.object({ name: z.string(), region: z.string(), mode: z.string().default('API') })).default([]),
  entries: z.array(entrySchema).default([]),
  buckets: z.array(z.object({ name: z.string(), region: z.string(), tags })).default([]),
});
export type AccountState = z.infer<typeof accountStateSchema>;
export type InstanceState = AccountState['instances'][number];
export type RoleState = AccountState['roles'][number];
export type UserState = AccountState['users'][number];
export type EntryState = AccountState['entries'][number];

export function arnOfPrincipal(account: string, kind: 'role' | 'user', { path, name }: { path: string; name: string }) {
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}
export function arnOfEntry(
  account: string,
  { cluster, region, principal, serial }: Pick<EntryState, 'cluster' | 'region' | 'principal' | 'serial'>,
): string {
  const [, , , , owner = '', rest = ''] = principal.split(':');
  const [kind = '', ...name] = rest.split('/');
  return `arn:aws:eks:${region}:${account}:access-entry/${cluster}/${kind}/${owner}/${name.at(-1)}/${serial}`;
}
