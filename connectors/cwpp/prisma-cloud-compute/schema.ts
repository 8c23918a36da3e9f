import * as z from 'zod';

/**
 * The webhook body: whatever the customer's template holds. Read here: our template (template/parapet-v1.txt) and the
 * console's default one, whose fields are a superset but for `incidentId`. Unknown fields are ignored, because templates differ;
 * a known field of the wrong type is an error, because then the template (or the sender) is not what we think it is.
 *
 * String macros are quoted. Bare macros expand to JSON, and how an empty one looks is unverified: `[]`, `{}`, null, "" and
 * a missing field all mean nothing. A macro the console does not know may come back as its own name (unverified): that means nothing too.
 */
const MACRO = /^#[A-Za-z]{1,40}$/;

function cleaned(value: string): string {
  const text = value.toWellFormed().trim();
  return MACRO.test(text) ? '' : text;
}

/** A quoted macro. Empty, null and missing are the empty text. */
const text = z
  .string('must be text; quote the macro in the webhook template')
  .nullish()
  .transform((value) => (value ? cleaned(value) : ''));

/** Nothing, in any of the spellings an empty bare macro may have. */
export function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return cleaned(value) === '';
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** An element of a list of names; account numbers may come unquoted. */
const listItem = z.union(
  [z.string().transform(cleaned), z.number().transform(String)],
  'must be text; insert the macro without quotes and without changing it',
);

function bare<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (isNothing(value) ? [] : value), schema).prefault([]);
}

const names = bare(z.array(listItem, 'must be a list; insert the macro without quotes')).transform((items) => [
  ...new Set(items.filter((item) => item !== '')),
]);

/** Reads a value of any type; a missing field is read as null. */
function given<T>(read: (value: unknown, context: z.core.$RefinementCtx) => T) {
  return z.unknown().transform(read).prefault(null);
}

/** `{"app":"checkout"}` and `["app=checkout"]` are both seen: kept as `key=value` texts. */
const labels = given((value, context): string[] => {
  if (isNothing(value)) return [];
  const read = readLabels(value);
  if (read) return read;
  context.addIssue({
    code: 'custom',
    message: 'must be an object or a list of labels; insert the macro without quotes',
  });
  return z.NEVER;
});

function readLabels(value: unknown): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const isList = Array.isArray(value);
  const read: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item !== null && !['string', 'number', 'boolean'].includes(typeof item)) return undefined;
    const shown = item === null ? '' : cleaned(String(item));
    const label = isList ? shown : `${cleaned(key)}=${shown}`;
    if (label !== '') read.push(label);
  }
  return read;
}

const dropped = given((value, context): number => {
  if (isNothing(value)) return 0;
  const count = typeof value === 'string' ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  context.addIssue({ code: 'custom', message: 'must be a count; insert the macro without quotes' });
  return z.NEVER;
});

const vulnerability = z.object(
  {
    cve: text,
    severity: text,
    link: text,
    status: text,
    packages: text,
    packageVersion: text,
    sourcePackage: text,
  },
  'must be a vulnerability object; insert #vulnerabilities without changing it',
);

const severityGroup = z.object(
  { severity: text, vulnerabilities: bare(z.array(vulnerability, 'must be a list')) },
  'must be a group of vulnerabilities; insert #vulnerabilities without changing it',
);

const vulnerableResource = z.object(
  {
    imageName: text,
    imageID: text,
    hostname: text,
    distribution: text,
    labels,
    collections: names,
    newVulnerabilities: bare(z.array(severityGroup, 'must be a list')),
  },
  'must be an image or host with its vulnerabilities; insert #vulnerabilities without changing it',
);

export const webhookSchema = z.lazy(() =>
  z.object(
    {
      source: text,
      templateVersion: z
        .union([z.string(), z.number(), z.null()], 'must be a version number')
        .optional()
        .transform((value) => cleaned(String(value ?? ''))),
      type: text,
      time: text,
      incidentTime: text,
      incidentId: text,
      severity: text,
      container: text,
      containerID: text,
      image: text,
      imageID: text,
      tags: text,
      host: text,
      fqdn: text,
      function: text,
      runtime: text,
      appID: text,
      region: text,
      provider: text,
      osRelease: text,
      osDistro: text,
      rule: text,
      message: text,
      category: text,
      command: text,
      startupProcess: text,
      user: text,
      forensics: text,
      accountID: text,
      labels,
      collections: names,
      clusters: names,
      namespaces: names,
      accountIDs: names,
      dropped,
      /** Compliance alerts are not read; only whether there is anything counts. */
      complianceIssues: given((value) => (isNothing(value) ? 0 : 1)),
      /** Shape unverified: read element by element, without recursion (explode.ts). */
      aggregatedAlerts: bare(z.array(z.unknown(), 'must be a list; insert the macro without quotes')),
      vulnerabilities: bare(z.array(vulnerableResource, 'must be a list; insert the macro without quotes')),
    },
    'must be a JSON object',
  ),
);
export type WebhookBody = z.infer<typeof webhookSchema>;
export type VulnerableResource = WebhookBody['vulnerabilities'][number];
export type VulnerabilityEntry = VulnerableResource['newVulnerabilities'][number]['vulnerabilities'][number];

/** The constants of our template. */
export const TEMPLATE_SOURCE = 'prisma-compute';
export const TEMPLATE_VERSION = 1;

/** The first issue as one sentence that names the field and what to do. */
export function sentenceOf(error: z.ZodError, at: string): string {
  const issue = error.issues[0];
  const path = issue?.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('') ?? '';
  const field = `${at}${path}`.replace(/^\./, '') || 'the body';
  return `${field} ${issue?.message ?? 'cannot be read'}`.slice(0, 500);
}
