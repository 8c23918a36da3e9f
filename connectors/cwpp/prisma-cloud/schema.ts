import * as z from 'zod';
import { capped, LONG_TEXT_CAP } from '../../../domain/ocsf/text.ts';

/** What an alert says, whichever way it came: the flat form of webhooks or the nested one of the API. Absent texts are ''. */
export const alertSchema = z.lazy(() =>
  z.object({
    alertId: text,
    status: text,
    reason: text,
    alertRule: text,
    alertTime: z.union([z.number(), z.string()]).optional().catch(undefined),
    firstSeen: z.union([z.number(), z.string()]).optional().catch(undefined),
    callbackUrl: text,
    severity: text,
    cloudType: text,
    accountId: text,
    accountName: text,
    policyId: text,
    policyName: text,
    policyType: text,
    policyDescription: text,
    policyRecommendation: text,
    policyLabels: texts,
    compliance: list(sectionSchema),
    resourceId: text,
    resourceName: text,
    resourceType: text,
    regionId: text,
    region: text,
    service: text,
    rrn: text,
    assetId: text,
    riskRating: text,
    savedSearchId: text,
    metadata: metadataSchema,
  }),
);
export type Alert = z.infer<typeof alertSchema>;

/** Lists of outside things beyond this are cut: the raw alert has them all. */
const MAX_ENTRIES = 200;

/** Text, or a number or a boolean written as text; anything else is nothing. */
const text = z.unknown().optional().transform(textOf);
const texts = z
  .unknown()
  .optional()
  .transform((value) =>
    (Array.isArray(value) ? value : [value])
      .slice(0, MAX_ENTRIES)
      .map(textOf)
      .filter((entry) => entry !== ''),
  );

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

/** One section of a compliance standard the policy belongs to; ATT&CK is among them as a standard. */
export const sectionSchema = z.lazy(() =>
  z.object({
    standardName: text,
    requirementId: text,
    requirementName: text,
    sectionId: text,
    sectionDescription: text,
  }),
);
export type Section = z.infer<typeof sectionSchema>;

/** What workload policies add (reference 3.1). */
const metadataSchema = z.lazy(() =>
  z
    .object({
      auditMessage: text,
      auditRuleName: text,
      auditType: text,
      auditUser: text,
      auditTime: text,
      auditCount: text,
      incidentCategory: text,
      incidentCustomRuleName: text,
      cveCritical: text,
      cveHigh: text,
      cveMedium: text,
      cveLow: text,
    })
    .partial()
    .catch({}),
);

/** What templates write for a variable without a value. */
const NOTHING = /^\s*(?:null|undefined|\$\{[A-Za-z]{1,40}\})?\s*$/;

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return NOTHING.test(value) ? '' : capped(value.trim(), LONG_TEXT_CAP);
    case 'number':
      // Beyond 2^53 it is no longer the number that was sent (exact-json.ts keeps those as text).
      return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? String(value) : '';
    case 'boolean':
      return String(value);
    default:
      return '';
  }
}

/** Where each field may stand, in the order of trust; keys are compared without regard to case, `-` and `_`. */
const PLACES: Readonly<Record<keyof Alert, readonly string[]>> = {
  alertId: ['alertid', 'id'],
  status: ['alertstatus', 'status'],
  reason: ['reason', 'alertreason'],
  alertRule: ['alertrulename', 'alertrules.name'],
  alertTime: ['alertts', 'alerttime', 'lastseen', 'firstseen'],
  firstSeen: ['firstseen'],
  callbackUrl: ['callbackurl'],
  severity: ['severity', 'policyseverity', 'policy.severity'],
  cloudType: ['cloudtype', 'resource.cloudtype'],
  accountId: ['accountid', 'cloudaccountid', 'resource.accountid'],
  accountName: ['accountname', 'cloudaccountname', 'resource.account'],
  policyId: ['policyid', 'policy.policyid'],
  policyName: ['policyname', 'policy.name'],
  policyType: ['policytype', 'policy.policytype'],
  policyDescription: ['policydescription', 'policy.description'],
  policyRecommendation: ['policyrecommendation', 'policy.recommendation'],
  policyLabels: ['policylabels', 'policy.labels'],
  compliance: ['compliancemetadata', 'policy.compliancemetadata'],
  resourceId: ['resourceid', 'resource.id'],
  resourceName: ['resourcename', 'resource.name'],
  resourceType: ['resourcetype', 'resource.resourcetype'],
  regionId: ['resourceregionid', 'regionid', 'resource.regionid'],
  region: ['resourceregion', 'region', 'resource.region'],
  service: ['resourcecloudservice', 'resource.cloudservicename'],
  rrn: ['rrn', 'resourcerrn', 'resource.rrn', 'resourceconfig.rrn'],
  assetId: ['unifiedassetid', 'resource.unifiedassetid'],
  riskRating: ['riskrating', 'riskdetail.rating'],
  savedSearchId: ['savesearchuuid', 'savesearchid', 'metadata.savesearchid'],
  metadata: ['metadata'],
};
const METADATA = [
  'auditMessage',
  'auditRuleName',
  'auditType',
  'auditUser',
  'auditTime',
  'auditCount',
  'incidentCategory',
  'incidentCustomRuleName',
  'cveCritical',
  'cveHigh',
  'cveMedium',
  'cveLow',
] as const;
const SECTION = ['standardName', 'requirementId', 'requirementName', 'sectionId', 'sectionDescription'] as const;

type Place = readonly [name: string, inner: string | undefined];
const READ: readonly (readonly [field: string, places: readonly Place[]])[] = Object.entries(PLACES).map(
  ([field, places]) => [
    field,
    places.map((place): Place => {
      const [name = '', inner] = place.split('.');
      return [name, inner];
    }),
  ],
);

type Fields = ReadonlyMap<string, unknown>;

/** Reads one alert; undefined when it is no JSON object. Never throws. */
export function readAlert(value: unknown): Alert | undefined {
  const top = fieldsOf(value);
  if (top === undefined) return undefined;
  const nested = new Map<string, Fields>();
  const at = ([name, inner]: Place): unknown => {
    if (inner === undefined) return top.get(name);
    const known = nested.get(name) ?? fieldsOf(firstOf(top.get(name))) ?? new Map();
    nested.set(name, known);
    return known.get(inner);
  };
  const found: Record<string, unknown> = {};
  for (const [field, places] of READ) {
    for (const place of places) {
      const value = at(place);
      if (!isSomething(value)) continue;
      found[field] = value;
      break;
    }
  }
  found['metadata'] = renamed(found['metadata'], METADATA);
  const compliance = found['compliance'];
  if (Array.isArray(compliance)) {
    found['compliance'] = compliance.slice(0, MAX_ENTRIES).map((section) => renamed(section, SECTION));
  }
  const parsed = alertSchema.safeParse(found);
  return parsed.success ? parsed.data : undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = new Map<string, unknown>();
  for (const [key, entry] of Object.entries(value)) {
    const name = folded(key);
    // The first spelling that says something wins, so that an empty twin hides nothing.
    if (!isSomething(fields.get(name))) fields.set(name, entry);
  }
  return fields;
}

/** The fields that are known by name, under that name. */
function renamed(value: unknown, names: readonly string[]): Record<string, unknown> | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined) return undefined;
  return Object.fromEntries(names.map((name) => [name, fields.get(name.toLowerCase())]));
}

/** The API lists the rules of an alert; the webhook names one. */
function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

function isSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

const SIGNS = /[-_ ]/;

function folded(key: string): string {
  return (SIGNS.test(key) ? key.replace(/[-_ ]/g, '') : key).toLowerCase();
}
