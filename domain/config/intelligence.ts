import * as z from 'zod';
import { cidr, secretName, serviceUrl } from './fields.ts';

/** What others know of vulnerabilities, addresses, names and hashes. Sources without a key are on, the others need a secret. */
const open = (baseUrl: string, what: string) =>
  z
    .strictObject({
      enabled: z.boolean().default(true),
      baseUrl: serviceUrl.default(baseUrl).describe(`Where ${what} is read, without a slash at the end.`),
    })
    .default({ enabled: true, baseUrl });

const keyed = (baseUrl: string, limits: { readonly perMinute: number; readonly perDay: number }) =>
  z
    .strictObject({
      secret: secretName.describe('JSON {"apiKey"}.'),
      baseUrl: serviceUrl.default(baseUrl),
      callsPerMinute: z.number().int().min(1).default(limits.perMinute).describe('What the key may ask in a minute.'),
      callsPerDay: z.number().int().min(1).default(limits.perDay).describe('What the key may ask in a day.'),
    })
    .optional();

/** An indicator is asked of a source at most once in the lifetime of its answer; see docs/intelligence.md. */
export const intelligenceSchema = z.lazy(() =>
  z.strictObject({
    kev: open('https://www.cisa.gov/sites/default/files/feeds', "CISA's list of exploited vulnerabilities"),
    epss: open('https://api.first.org', 'the EPSS score'),
    osv: open('https://api.osv.dev', 'the OSV database'),
    virustotal: keyed('https://www.virustotal.com', { perMinute: 4, perDay: 500 }),
    abuseipdb: keyed('https://api.abuseipdb.com', { perMinute: 60, perDay: 1000 }),
    greynoise: keyed('https://api.greynoise.io', { perMinute: 10, perDay: 50 }),
    otx: keyed('https://otx.alienvault.com', { perMinute: 60, perDay: 10_000 }),
    internalDomains: z
      .array(z.string().regex(/^(?:\*\.)?[a-z0-9.-]+$/, 'must be a domain in lower case, such as corp.example.com'))
      .default([])
      .describe('Names at or below these never leave.'),
    ownNetworks: z.array(cidr).default([]).describe('Our own public networks: their addresses never leave.'),
    /** No answer is waited for beyond this; what is missing then is a named gap. */
    budgetSeconds: z.number().int().min(1).max(30).default(8),
  }),
);
export type IntelligenceConfiguration = z.infer<typeof intelligenceSchema>;

export const KEYED_INTEL = ['virustotal', 'abuseipdb', 'greynoise', 'otx'] as const;
export type KeyedIntel = (typeof KEYED_INTEL)[number];

/** What is configured when nothing is: the three sources that need no key. */
export function defaultIntelligence(): IntelligenceConfiguration {
  return intelligenceSchema.parse({});
}

/** The secrets of the keyed sources that are switched on. */
export function intelSecretsOf(intelligence: IntelligenceConfiguration | undefined): readonly string[] {
  return KEYED_INTEL.flatMap((name) => intelligence?.[name]?.secret ?? []);
}
