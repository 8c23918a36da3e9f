import * as z from 'zod';
import { capped, LONG_TEXT_CAP } from '../../../domain/ocsf/text.ts';

/** What we rely on in the API's answers, read leniently: lists come as null, numbers as text, words in any case. */
const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .catch(undefined)
  .transform((value) =>
    value === undefined || value === null ? undefined : capped(String(value).trim(), LONG_TEXT_CAP) || undefined,
  );

const flag = z
  .union([z.boolean(), z.string()])
  .nullish()
  .catch(undefined)
  .transform((value) =>
    value === true || value === 'true' || value === 'TRUE'
      ? true
      : value === false || value === 'false' || value === 'FALSE'
        ? false
        : undefined,
  );

/** Entries of one list that are read; an answer may be megabytes of them. */
const MAX_ENTRIES = 1_000;

function list<T extends z.ZodType>(element: T) {
  return z
    .unknown()
    .optional()
    .transform((value): z.infer<T>[] =>
      (Array.isArray(value) ? value : []).slice(0, MAX_ENTRIES).flatMap((entry) => {
        const parsed = element.safeParse(entry);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

const time = z
  .union([z.number(), z.string()])
  .nullish()
  .catch(undefined)
  .transform((value) => isoTime(value));

/** Epoch milliseconds (also as text) as ISO 8601; undefined for what is no time of this century. */
export function isoTime(value: number | string | null | undefined): string | undefined {
  const at = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof at !== 'number' || !Number.isFinite(at) || at < Date.UTC(2010, 0, 1) || at > Date.UTC(2100, 0, 1))
    return undefined;
  return new Date(at).toISOString();
}

/** `GET /alert/{id}` and items of `POST /v2/alert`: what confirms an alert, beside what schema.ts reads of it. */
export const recordStateSchema = z.lazy(() =>
  z.looseObject({
    status: text,
    reason: text,
    alertTime: time,
    lastSeen: time,
    dismissedBy: text,
    dismissalNote: text,
  }),
);

const findingSchema = z.lazy(() =>
  z.looseObject({
    id: text,
    cveId: text,
    title: text,
    normalizedName: text,
    type: text,
    severity: text,
    status: text,
    source: text,
    score: text,
    packageName: text,
    riskFactors: list(z.string()),
    createdOn: time,
    sourceData: z
      .looseObject({ packageVersion: text, fixVersion: text, fixedVersion: text })
      .nullish()
      .catch(undefined),
  }),
);
export type AssetFinding = z.infer<typeof findingSchema>;

const networkRuleSchema = z.lazy(() =>
  z.looseObject({ access: text, direction: text, ips: text, ports: text, protocol: text }),
);
export type NetworkRule = z.infer<typeof networkRuleSchema>;

const timelineSchema = z.lazy(() =>
  z.looseObject({ id: text, type: text, eventName: text, eventType: text, user: text, timestamp: time }),
);
export type TimelineEntry = z.infer<typeof timelineSchema>;

/** `POST /uai/v1/asset`; which lists are filled depends on the `type` that was asked for. */
export const assetSchema = z.lazy(() =>
  z.looseObject({
    id: text,
    name: text,
    externalAssetId: text,
    cloudType: text,
    regionId: text,
    accountName: text,
    deleted: flag,
    trueInternetExposure: flag,
    ipAddresses: list(z.string()),
    tags: z.unknown().optional(),
    data: z.record(z.string(), z.unknown()).nullish().catch(undefined),
    network: list(networkRuleSchema),
    timeline: list(timelineSchema),
    vulnerabilities: list(findingSchema),
  }),
);
export type Asset = z.infer<typeof assetSchema>;

/** Items of `POST /api/v1/permission`. */
export const permissionSchema = z.lazy(() =>
  z.looseObject({
    effectiveActionName: text,
    grantedByCloudEntityId: text,
    grantedByCloudEntityName: text,
    grantedByCloudEntityType: text,
    grantedByCloudPolicyName: text,
    sourceCloudAccount: text,
    sourceResourceId: text,
    isWildCardDestCloudResourceName: flag,
  }),
);
export type Permission = z.infer<typeof permissionSchema>;

const count = z.number().int().nonnegative().catch(0);

/** `GET /compliance/posture`. */
export const standardSchema = z.lazy(() =>
  z.looseObject({ name: text, id: text, failedResources: count, passedResources: count, assignedPolicies: count }),
);
export type Standard = z.infer<typeof standardSchema>;
