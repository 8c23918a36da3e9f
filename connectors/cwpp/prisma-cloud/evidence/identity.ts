import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import type { Listing } from '../../prisma-cloud-compute/reader.ts';
import type { Permission } from '../records.ts';
import { fromVendor } from './draft.ts';
import { principalEntity } from './entities.ts';

/** Roles shown for one workload, and permissions shown for one role. */
const MAX_ROLES = 5;
const MAX_PERMISSIONS = 40;

const ADMIN_POLICY = /^AdministratorAccess$/i;
const EVERYTHING = /^(?:\*|\*:\*)$/;
/** Permissions by which more permissions are had: each is a known way from little to all. */
const ESCALATES =
  /^(?:iam:(?:PassRole|CreatePolicyVersion|SetDefaultPolicyVersion|AttachRolePolicy|AttachUserPolicy|PutRolePolicy|PutUserPolicy|CreateAccessKey|UpdateAssumeRolePolicy|CreateLoginProfile|\*)|sts:AssumeRole|lambda:UpdateFunctionCode|ssm:SendCommand|ec2:\*|s3:\*|secretsmanager:GetSecretValue)$/i;

/** What a workload may do in its cloud, one fact for each role (or user, or policy) that grants it. */
export function identityDrafts(
  { items, truncated }: Listing<Permission>,
  of: { readonly observedAt: string; readonly entities: readonly EntityRef[] },
): EvidenceDraft[] {
  const byGrantor = new Map<string, Permission[]>();
  for (const item of items) {
    const grantor = item.grantedByCloudEntityId ?? item.grantedByCloudEntityName ?? item.grantedByCloudPolicyName;
    if (grantor === undefined) continue;
    byGrantor.set(grantor, [...(byGrantor.get(grantor) ?? []), item]);
  }
  return [...byGrantor].slice(0, MAX_ROLES).map(([id, permissions]) => {
    const [first] = permissions;
    const actions = distinct(permissions.map(({ effectiveActionName }) => effectiveActionName));
    const policies = distinct(permissions.map(({ grantedByCloudPolicyName }) => grantedByCloudPolicyName));
    const admin = policies.some((name) => ADMIN_POLICY.test(name)) || actions.some((name) => EVERYTHING.test(name));
    const everywhere = permissions.filter(({ isWildCardDestCloudResourceName: wild }) => wild === true);
    const high = everywhere.some(({ effectiveActionName: name }) => name !== undefined && ESCALATES.test(name));
    const name = first?.grantedByCloudEntityName ?? id;
    const fact = present({
      kind: 'cloud-identity' as const,
      name,
      identityKind: first?.grantedByCloudEntityType ?? 'identity',
      account: first?.sourceCloudAccount,
      permissions: actions.slice(0, MAX_PERMISSIONS),
      // A list that was cut cannot prove that a right is absent.
      admin: admin ? true : truncated === undefined ? false : undefined,
      highPrivileges: admin || high ? true : truncated === undefined ? false : undefined,
      basis: `Prisma Cloud's IAM search: ${permissions.length} permissions granted by ${policies.slice(0, 5).join(', ') || 'no named policy'}, ${everywhere.length} of them for every resource`,
    });
    return fromVendor('POST /api/v1/permission', of.observedAt, fact, [...principalEntity(id, name), ...of.entities]);
  });
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}
