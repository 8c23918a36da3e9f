import * as z from 'zod';
import { decimal, flag, list, text } from './lenient.ts';
import { categories, exposedPath, named, properties } from './record-parts.ts';

/** Records about the surroundings of an alert, read as leniently as those of alerts (records.ts). */
export const vulnerabilityRecordSchema = z.lazy(() =>
  z.object({
    id: text,
    name: text,
    vulnerabilityExternalId: text,
    CVSSSeverity: text,
    vendorSeverity: text,
    score: decimal,
    hasExploit: flag,
    hasCisaKevExploit: flag,
    detailedName: text,
    version: text,
    fixedVersion: text,
    detectionMethod: text,
    validatedInRuntime: flag,
    status: text,
    vulnerableAsset: z
      .object({
        id: text,
        type: text,
        name: text,
        hasWideInternetExposure: flag,
        hasLimitedInternetExposure: flag,
        ImageExternalId: text,
      })
      .optional()
      .catch(undefined),
  }),
);
export type VulnerabilityRecord = z.infer<typeof vulnerabilityRecordSchema>;

export const vulnerabilityScoreSchema = z.object({
  id: text,
  exploitabilityScore: decimal,
  locationPath: text,
});
export type VulnerabilityScore = z.infer<typeof vulnerabilityScoreSchema>;

export const exposureRecordSchema = z.object({
  id: text,
  type: text,
  portRange: text,
  sourceIpRange: text,
  exposedEntity: named.optional().catch(undefined),
  path: exposedPath,
});
export type ExposureRecord = z.infer<typeof exposureRecordSchema>;

export const graphNodeSchema = z.object({ entities: list(z.object({ id: text, name: text, type: text, properties })) });
export type GraphNode = z.infer<typeof graphNodeSchema>;

export const postureRecordSchema = z.lazy(() =>
  z.object({
    id: text,
    result: text,
    severity: text,
    status: text,
    remediation: text,
    rule: z.object({ id: text, shortId: text, name: text }).optional().catch(undefined),
    evidence: z
      .object({ currentValue: text, expectedValue: text, configurationPath: text })
      .optional()
      .catch(undefined),
    securitySubCategories: categories,
  }),
);
export type PostureRecord = z.infer<typeof postureRecordSchema>;

export const frameworkRecordSchema = z.object({
  id: text,
  name: text,
  enabled: flag,
  complianceAnalytics: z
    .object({ averageCompliancePosture: decimal, passSubCategoryCount: decimal, failSubCategoryCount: decimal })
    .optional()
    .catch(undefined),
});
export type FrameworkRecord = z.infer<typeof frameworkRecordSchema>;
