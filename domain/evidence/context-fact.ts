import * as z from 'zod';
import { severitySchema } from '../severity.ts';

/** Facts about the surroundings of an incident: who owns it, who can reach it, what it may do, what others know of it. */
export const CONTEXT_FACTS = () =>
  [
    /** Whether and how the workload can be reached from outside. `reachable: undefined`: the vendor does not say. */
    z.object({
      kind: z.literal('exposure'),
      subject: z.string(),
      reachableFromInternet: z.boolean().optional(),
      ports: z.array(z.string()),
      path: z.array(z.string()),
      basis: z.string(),
    }),
    z.object({
      kind: z.literal('cloud-identity'),
      name: z.string(),
      identityKind: z.string(),
      account: z.string().optional(),
      permissions: z.array(z.string()),
      admin: z.boolean().optional(),
      highPrivileges: z.boolean().optional(),
      basis: z.string(),
    }),
    /**
     * A long-lived key of an IAM user: one with which something was done, or, with its `status`, one that IAM itself listed. Times
     * as IAM keeps them; absent: not told.
     */
    z.object({
      kind: z.literal('access-key'),
      accessKeyId: z.string(),
      user: z.string(),
      account: z.string(),
      status: z.enum(['active', 'inactive']).optional(),
      createdAt: z.iso.datetime().optional(),
      lastUsedAt: z.iso.datetime().optional(),
      basis: z.string(),
    }),
    z.object({
      kind: z.literal('ownership'),
      subject: z.string(),
      team: z.string().optional(),
      environment: z.string().optional(),
      criticality: z.string().optional(),
      tags: z.record(z.string(), z.string()),
    }),
    /** Another finding of the same vendor about the same thing: posture, threat or vulnerability. */
    z.object({
      kind: z.literal('related-finding'),
      uid: z.string(),
      title: z.string(),
      category: z.string(),
      severity: severitySchema,
      status: z.string().optional(),
      at: z.iso.datetime().optional(),
    }),
    z.object({
      kind: z.literal('compliance'),
      control: z.string(),
      framework: z.string().optional(),
      passed: z.boolean(),
      reason: z.string(),
    }),
    /** A call of a cloud or Kubernetes API around the time of the alert. */
    z.object({
      kind: z.literal('api-call'),
      operation: z.string(),
      service: z.string().optional(),
      principal: z.string().optional(),
      sourceIp: z.string().optional(),
      succeeded: z.boolean().optional(),
      at: z.iso.datetime(),
    }),
    /** A request to a web application in which a firewall found something, as its record has it. */
    z.object({
      kind: z.literal('web-request'),
      /** Of the alert it belongs to. */
      findingUid: z.string(),
      /** The vendor's word: sqli, xss, … */
      attack: z.string(),
      method: z.string().optional(),
      host: z.string().optional(),
      path: z.string().optional(),
      /** Where it was found: the name of a field, header or parameter, and the part of the request that holds it. */
      parameter: z.string().optional(),
      parameterIn: z.string().optional(),
      matched: z.string().optional(),
      sourceIp: z.string().optional(),
      statusCode: z.number().int().optional(),
      effect: z.literal('denied').optional(),
      /** The sender's further requests are refused for a while too. */
      senderBanned: z.boolean().optional(),
      at: z.iso.datetime(),
    }),
    /** A request to the API of a cluster that an admission rule judged, as its record has it. */
    z.object({
      kind: z.literal('admission-request'),
      /** Of the alert it belongs to. */
      findingUid: z.string(),
      operation: z.string(),
      objectKind: z.string(),
      name: z.string().optional(),
      namespace: z.string().optional(),
      cluster: z.string(),
      user: z.string().optional(),
      images: z.array(z.string()),
      effect: z.literal('denied').optional(),
      at: z.iso.datetime(),
    }),
    /** What others know of an address, a name or a hash. An answer that was not given is not among `answers`. */
    z.object({
      kind: z.literal('threat-intel'),
      indicator: z.string(),
      indicatorKind: z.enum(['ip', 'domain', 'url', 'hash']),
      /** 0 (harmless) to 100 (malicious); absent when nobody answered. */
      confidence: z.number().min(0).max(100).optional(),
      answers: z.array(
        z.object({
          source: z.string(),
          verdict: z.enum(['malicious', 'suspicious', 'harmless', 'unknown']),
          detail: z.string(),
          /** What the answer adds to the confidence, in log-odds (domain/intelligence/opinion.ts). */
          weight: z.number().optional(),
          checkedAt: z.iso.datetime(),
        }),
      ),
    }),
    /** What KEV, EPSS and the advisories know of a vulnerability. */
    z.object({
      kind: z.literal('exploit-knowledge'),
      cve: z.string(),
      /** Who was asked and answered. That somebody does not know it is only said of who is named here. */
      checked: z.array(z.enum(['kev', 'epss', 'osv'])).optional(),
      knownExploited: z
        .object({ since: z.string(), dueDate: z.string().optional(), ransomware: z.boolean(), action: z.string() })
        .optional(),
      /** Probability of exploitation within 30 days, 0 to 1, and its rank among all. */
      epss: z.object({ probability: z.number(), percentile: z.number().optional(), on: z.string() }).optional(),
      fixedIn: z.array(z.object({ packageName: z.string(), ecosystem: z.string(), version: z.string() })),
    }),
    /** What the baseline of the workload says of one thing that was seen. */
    z.object({
      kind: z.literal('anomaly'),
      dimension: z.enum(['process', 'network', 'domain', 'file-area', 'user']),
      value: z.string(),
      neverSeenBefore: z.boolean(),
      firstSeen: z.iso.datetime().optional(),
      observedForDays: z.number(),
      /** Replicas of the controller that showed the same within the window, of how many are known. */
      sharedByReplicas: z.number().int(),
      replicas: z.number().int().optional(),
      basis: z.string(),
    }),
    /** Another incident that shares an image digest, an address, a hash or an identity with this one. */
    z.object({
      kind: z.literal('linked-incident'),
      incidentId: z.string(),
      openedAt: z.iso.datetime(),
      shared: z.array(z.object({ what: z.enum(['image', 'ip', 'domain', 'hash', 'identity']), value: z.string() })),
      workload: z.string(),
    }),
  ] as const;
