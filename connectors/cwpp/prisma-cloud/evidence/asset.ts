import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';
import type { Workload } from '../../../../domain/workload.ts';
import type { Asset } from '../records.ts';
import { fromVendor } from './draft.ts';

const MAX_TAGS = 30;
const TEAM = /^(?:team|owner|owned-?by|squad|app-?owner)$/i;
const ENVIRONMENT = /^(?:env|environment|stage)$/i;
const CRITICALITY = /^(?:criticality|business-?criticality|tier)$/i;

/** Whose the asset is, from its tags; nothing when it has none. */
export function ownershipDrafts(
  asset: Asset,
  of: { readonly subject: string; readonly observedAt: string; readonly entities: readonly EntityRef[] },
): EvidenceDraft[] {
  const tags = tagsOf(asset);
  if (tags.length === 0) return [];
  const find = (wanted: RegExp): string | undefined => tags.find(([key]) => wanted.test(key))?.[1] || undefined;
  const fact = present({
    kind: 'ownership' as const,
    subject: of.subject,
    team: find(TEAM),
    environment: find(ENVIRONMENT),
    criticality: find(CRITICALITY),
    tags: Object.fromEntries(tags.slice(0, MAX_TAGS)),
  });
  return [fromVendor('POST /uai/v1/asset (asset)', of.observedAt, fact, of.entities)];
}

/** A map of the inventory, or the list `[{key, value}]` in the cloud's own record. */
function tagsOf(asset: Asset): readonly (readonly [string, string])[] {
  const fromMap = pairsOf(asset.tags);
  return fromMap.length > 0 ? fromMap : pairsOf(asset.data?.['tags']);
}

function pairsOf(tags: unknown): readonly (readonly [string, string])[] {
  if (typeof tags !== 'object' || tags === null) return [];
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(tags)
    ? tags.slice(0, 200).map((tag) => [field(tag, 'key'), field(tag, 'value')] as const)
    : Object.entries(tags).slice(0, 200);
  return entries.flatMap(([key, value]) =>
    typeof key === 'string' && key !== '' && typeof value === 'string'
      ? [[capped(key, 128), capped(value, SHORT_TEXT_CAP)] as const]
      : [],
  );
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const INSTANCE = /^i-[0-9a-f]{8,17}$/;
const FUNCTION = /^[A-Za-z0-9_-]{1,64}$/;

/** The name under which the permissions of a workload are searched; undefined where the vendor has none for it. */
export function permissionSubject(
  workload: Workload,
  record: { readonly accountId: string; readonly regionId: string; readonly resourceId: string },
): string | undefined {
  const { accountId, regionId, resourceId } = record;
  if (/^arn:aws[\w-]*:(?:iam|lambda|ec2|ecs):/.test(resourceId)) return resourceId;
  if (!ACCOUNT.test(accountId) || !REGION.test(regionId)) return undefined;
  if (workload.kind === 'host' && INSTANCE.test(resourceId)) {
    return `arn:aws:ec2:${regionId}:${accountId}:instance/${resourceId}`;
  }
  if (workload.kind === 'function' && FUNCTION.test(workload.name)) {
    return `arn:aws:lambda:${regionId}:${accountId}:function:${workload.name}`;
  }
  return undefined;
}
