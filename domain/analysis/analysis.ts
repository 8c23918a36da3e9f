import * as z from 'zod';
import { modelAuthorShape, modelCostSchema } from '../models/written.ts';
import { remediationSchema } from '../remediation/guidance.ts';
import { severitySchema } from '../severity.ts';

export const VERDICTS = [
  'malicious',
  'suspicious',
  'misconfiguration',
  'vulnerability_only',
  'benign',
  'undetermined',
] as const;
export const verdictSchema = z.enum(VERDICTS);
export type Verdict = z.infer<typeof verdictSchema>;

export const confidenceSchema = z.enum(['high', 'medium', 'low']);
const evidenceIds = z.array(z.string());
const entityIds = z.array(z.string());

/** Who wrote a sentence. Absent: the rules analyst, and no model wrote any other. */
export const authorSchema = z.enum(['rules', 'model']);

/** A sentence that stands on evidence (rule 2). */
export const claimSchema = z.object({
  text: z.string(),
  kind: z.enum(['observed', 'inferred']),
  evidence: evidenceIds,
  entities: entityIds,
  by: authorSchema.optional(),
  /** It stands only on text the workload could have chosen. */
  trust: z.literal('attacker_influenced').optional(),
});
export type Claim = z.infer<typeof claimSchema>;

export const RELEVANCES = ['exploited', 'likely_exploited', 'reachable', 'present', 'not_relevant'] as const;

/** Names of the action catalogue. A recommendation without an executable action uses an `advice.*` name and never leads to one. */
export const EXECUTABLE_ACTIONS = [
  'kubernetes.annotate',
  'kubernetes.cordon-node',
  'kubernetes.quarantine-pod',
  'kubernetes.scale-to-zero',
  'kubernetes.delete-pod',
  'kubernetes.rollout-undo',
  'kubernetes.remove-role-binding',
  'aws.tag-resource',
  'aws.snapshot-volumes',
  'aws.isolate-instance',
  'aws.revoke-role-sessions',
  'aws.deny-all',
  'aws.deactivate-access-key',
  'aws.remove-eks-access-entry',
  'prisma-cloud-compute.acknowledge-incident',
  'prisma-cloud.snooze-alert',
  'prisma-cloud.dismiss-alert',
  'wiz.acknowledge-issue',
  'wiz.comment-issue',
  'wiz.resolve-issue',
  'wiz.forensics-copy',
  'lacework.comment-alert',
  'lacework.close-alert',
] as const;
export const ADVICE_ACTIONS = ['advice.update-image', 'advice.rotate-credentials', 'advice.investigate'] as const;
export const executableActionSchema = z.enum(EXECUTABLE_ACTIONS);
export type ExecutableAction = z.infer<typeof executableActionSchema>;
export const recommendedActionNameSchema = z.enum([...EXECUTABLE_ACTIONS, ...ADVICE_ACTIONS]);

export const recommendedActionSchema = z.lazy(() =>
  z.object({
    action: recommendedActionNameSchema,
    /** Entity id of the pack. */
    target: z.string(),
    parameters: z.array(z.object({ name: z.string(), value: z.string() })),
    urgency: z.enum(['immediate', 'soon', 'planned']),
    rationale: z.string(),
    risk: z.string(),
    /** The text of a ticket for the team that must do it; only where the advice is an update. */
    ticket: z.object({ team: z.string().optional(), title: z.string(), body: z.array(z.string()) }).optional(),
    evidence: evidenceIds,
  }),
);
export type RecommendedAction = z.infer<typeof recommendedActionSchema>;

/** The contract every analyst fulfils, rules or model. */
export const analysisBodySchema = z.lazy(() =>
  z.object({
    outcome: z.enum(['analysed', 'insufficient_evidence', 'declined']),
    headline: z.string(),
    headlineBy: authorSchema.optional(),
    verdict: verdictSchema,
    severity: severitySchema,
    severityReason: z.string(),
    confidence: confidenceSchema,
    narrative: z.array(claimSchema),
    /** What most likely came before, as a hypothesis; null: the evidence allows none. Absent in older analyses. */
    rootCause: claimSchema.nullable().optional(),
    timeline: z.array(z.object({ evidence: z.string(), at: z.iso.datetime(), statement: z.string() })),
    techniques: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        tactic: z.string(),
        rationale: z.string(),
        evidence: evidenceIds,
        confidence: confidenceSchema,
        /** Of the rationale. */
        by: authorSchema.optional(),
      }),
    ),
    vulnerabilities: z.array(
      z.object({
        cve: z.string(),
        entity: z.string(),
        relevance: z.enum(RELEVANCES),
        cvss: z.number().optional(),
        /** CISA's list, and the probability FIRST gives: from our own look-up, never from a model. */
        knownExploited: z.object({ since: z.string(), ransomware: z.boolean() }).optional(),
        epss: z.object({ probability: z.number(), percentile: z.number().optional(), on: z.string() }).optional(),
        fixedIn: z.string().optional(),
        rationale: z.string(),
        /** process → file → package → image → vulnerability → exploit knowledge → fix, as far as the evidence goes. */
        chain: z.array(z.object({ step: z.string(), name: z.string(), evidence: evidenceIds })).optional(),
        evidence: evidenceIds,
      }),
    ),
    /** How bad it is in this place, 0 to 100, with the parts it is the sum of (domain/correlation/score.ts). */
    environmentScore: z
      .object({
        score: z.number().int().min(0).max(100),
        parts: z.array(
          z.object({
            name: z.string(),
            points: z.number().int(),
            of: z.number().int(),
            reason: z.string(),
            evidence: evidenceIds,
          }),
        ),
      })
      .optional(),
    blastRadius: z.object({
      entities: z.array(
        z.object({
          entity: z.string(),
          relation: z.enum(['affected', 'reachable', 'credential_exposed', 'data_exposed']),
          evidence: evidenceIds,
        }),
      ),
      statement: z.string(),
    }),
    actions: z.array(recommendedActionSchema),
    unknowns: z.array(
      z.object({
        question: z.string(),
        whyItMatters: z.string(),
        evidence: evidenceIds,
        by: authorSchema.optional(),
      }),
    ),
    suspectedInjection: z.array(z.object({ evidence: z.string(), reason: z.string() })),
    /** What people should change (domain/remediation). Absent in analyses that were stored before there was any. */
    guidance: remediationSchema.optional(),
  }),
);
export type AnalysisBody = z.infer<typeof analysisBodySchema>;

/** Who wrote what, and what was refused: shown wherever the analysis is shown. */
export const analysisSchema = z.lazy(() =>
  analysisBodySchema.unwrap().extend({
    incidentId: z.string(),
    packDigest: z.string(),
    /** What the model wrote beside the account, each sentence verified as those of the account. */
    tellings: z
      .array(
        z.object({
          purpose: z.enum(['anomaly-explanation', 'ticket-summary', 'chat-summary']),
          claims: z.array(claimSchema),
        }),
      )
      .optional(),
    writtenBy: z.object({
      rules: z.object({ name: z.literal('rules-analyst'), version: z.string() }),
      /** Present when a model wrote headline and narrative; verdict, severity and actions always come from the rules. */
      model: z.object(modelAuthorShape()).optional(),
      /** Why the rules analyst wrote alone although a model is configured. */
      fallback: z.string().optional(),
      /** Profiles that were asked before and did not answer: the text is not by the model that was meant. */
      fellBack: z.array(z.object({ profile: z.string(), why: z.string() })).optional(),
      /** The incident whose text was used again with the particulars of this one: no model was asked. */
      reusedFrom: z.string().optional(),
      cost: modelCostSchema.optional(),
    }),
    /** What of a model's answer was not used, and by which rule of the verifier. */
    dropped: z.array(z.object({ what: z.string(), why: z.string(), rule: z.string().optional() })),
  }),
);
export type Analysis = z.infer<typeof analysisSchema>;
