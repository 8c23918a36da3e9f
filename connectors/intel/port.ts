import * as z from 'zod';
import { opinionSchema } from '../../domain/intelligence/opinion.ts';

export const INTEL_SOURCES = ['kev', 'epss', 'osv', 'virustotal', 'abuseipdb', 'greynoise', 'otx'] as const;
export type IntelName = (typeof INTEL_SOURCES)[number];

/** What a source is asked about, in its one spelling. `ourSide` matters to those who watch scanners. */
export interface Subject {
  readonly kind: 'cve' | 'ip' | 'domain' | 'hash';
  readonly value: string;
  readonly ourSide: 'client' | 'server' | 'unknown';
}

/** What is known of a vulnerability; a source fills in its own part. Empty: it was asked and knows nothing. */
export const knowledgeSchema = z.lazy(() =>
  z.object({
    knownExploited: z
      .object({ since: z.string(), dueDate: z.string().optional(), ransomware: z.boolean(), action: z.string() })
      .optional(),
    epss: z.object({ probability: z.number(), percentile: z.number().optional(), on: z.string() }).optional(),
    fixedIn: z.array(z.object({ packageName: z.string(), ecosystem: z.string(), version: z.string() })),
  }),
);
export type Knowledge = z.infer<typeof knowledgeSchema>;

export const answerSchema = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('opinion'), opinion: opinionSchema }),
    z.object({ kind: z.literal('knowledge'), knowledge: knowledgeSchema }),
  ]),
);
export type Answer = z.infer<typeof answerSchema>;

/** How many calls a source allows within a time, over everybody who uses the same key. */
export interface Allowance {
  readonly calls: number;
  readonly seconds: number;
}

/** What a source's folder gives. Caching, budgets and gaps are the caller's (ask.ts). */
export interface IntelSource {
  readonly name: IntelName;
  readonly accepts: (subject: Subject) => boolean;
  /** Most subjects of one call. */
  readonly batch: number;
  /** Most subjects of one incident; the first ones matter most. */
  readonly most: number;
  readonly allowances: readonly Allowance[];
  /** How long an answer holds, from now; an answer that knows nothing has a lifetime too. */
  lifetimeSeconds(answer: Answer, subject: Subject, now: Date): number;
  /**
   * One call. The answers are in the order of the subjects; not knowing a subject is an answer.
   * @throws what connectors/http throws, and SecretError
   */
  ask(subjects: readonly Subject[], limits: { readonly timeoutMs: number }): Promise<readonly Answer[]>;
}

export const HOUR = 3_600;
export const DAY = 24 * HOUR;

export const NOTHING_KNOWN: Answer = { kind: 'knowledge', knowledge: { fixedIn: [] } };

export function opinion(verdict: z.infer<typeof opinionSchema>['verdict'], detail: string, weight: number): Answer {
  return { kind: 'opinion', opinion: { verdict, detail, weight } };
}

export const NOT_KNOWN = opinion('unknown', 'not known to it', 0);
