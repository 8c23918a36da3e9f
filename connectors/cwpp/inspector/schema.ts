import * as z from 'zod';
import { anything, integer, list, number, part, text, texts } from '../aws/fields.ts';

/** What Parapet relies on of an Inspector finding: the `detail` of its events and the records of ListFindings are alike. */
const cvssSchema = z.object({ baseScore: number, scoringVector: text, version: text, source: text });
export type Cvss = z.infer<typeof cvssSchema>;

const packageSchema = z.lazy(() =>
  z.object({
    name: text,
    version: text,
    fixedInVersion: text,
    release: text,
    epoch: integer,
    arch: text,
    packageManager: text,
    filePath: text,
    sourceLayerHash: text,
    sourceLambdaLayerArn: text,
    remediation: text,
  }),
);
export type VulnerablePackage = z.infer<typeof packageSchema>;

const tags = z.record(z.string(), z.unknown()).optional().catch(undefined);

const resourceSchema = z.lazy(() =>
  z.object({
    type: text,
    id: text,
    region: text,
    tags,
    details: part({
      awsEcrContainerImage: part({
        repositoryName: text,
        registry: text,
        imageHash: text,
        imageTags: texts,
        architecture: text,
        platform: text,
        pushedAt: anything,
        lastInUseAt: anything,
        inUseCount: integer,
      }),
      awsEc2Instance: part({
        imageId: text,
        type: text,
        platform: text,
        keyName: text,
        vpcId: text,
        subnetId: text,
        launchedAt: anything,
        iamInstanceProfileArn: text,
        ipV4Addresses: texts,
      }),
      awsLambdaFunction: part({
        functionName: text,
        runtime: text,
        version: text,
        executionRoleArn: text,
        packageType: text,
        lastModifiedAt: anything,
      }),
    }),
  }),
);
export type InspectorResource = z.infer<typeof resourceSchema>;

export const findingSchema = z.lazy(() =>
  z.object({
    findingArn: text,
    awsAccountId: text,
    type: text,
    severity: text,
    status: text,
    title: text,
    description: text,
    inspectorScore: number,
    inspectorScoreDetails: part({ adjustedCvss: part({ score: number, scoringVector: text, version: text }) }),
    epss: part({ score: number }),
    exploitAvailable: text,
    exploitabilityDetails: part({ lastKnownExploitAt: anything }),
    fixAvailable: text,
    firstObservedAt: anything,
    lastObservedAt: anything,
    updatedAt: anything,
    remediation: part({ recommendation: part({ text, Url: text }) }),
    packageVulnerabilityDetails: part({
      vulnerabilityId: text,
      source: text,
      sourceUrl: text,
      vendorSeverity: text,
      cvss: list(cvssSchema),
      referenceUrls: texts,
      relatedVulnerabilities: texts,
      vulnerablePackages: list(packageSchema),
    }),
    networkReachabilityDetails: part({
      protocol: text,
      openPortRange: part({ begin: integer, end: integer }),
      networkPath: part({ steps: list(z.object({ componentId: text, componentType: text })) }),
    }),
    codeVulnerabilityDetails: part({
      detectorName: text,
      cwes: texts,
      filePath: part({ fileName: text, filePath: text, startLine: integer, endLine: integer }),
    }),
    resources: list(resourceSchema),
  }),
);
export type InspectorFinding = z.infer<typeof findingSchema>;

/** Answer of BatchGetFindingDetails for one finding. */
export const detailSchema = z.lazy(() =>
  z.object({
    findingArn: text,
    epssScore: number,
    riskScore: integer,
    cwes: texts,
    tools: texts,
    ttps: texts,
    referenceUrls: texts,
    exploitObserved: part({ firstSeen: anything, lastSeen: anything }),
    cisaData: part({ action: text, dateAdded: anything, dateDue: anything }),
  }),
);
export type FindingDetail = z.infer<typeof detailSchema>;

/** One of SearchVulnerabilities: what Inspector knows of a vulnerability, wherever it is. */
export const vulnerabilitySchema = z.lazy(() =>
  z.object({
    id: text,
    epss: part({ score: number }),
    cvss3: part({ baseScore: number, scoringVector: text }),
    cvss4: part({ baseScore: number, scoringVector: text }),
    exploitObserved: part({ firstSeen: anything, lastSeen: anything }),
    cisaData: part({ action: text, dateAdded: anything, dateDue: anything }),
    atigData: part({ targets: texts, ttps: texts, firstSeen: anything, lastSeen: anything }),
  }),
);
export type KnownVulnerability = z.infer<typeof vulnerabilitySchema>;

const workloadInfo = z.object({ name: text, type: text });
/** One cluster of GetClustersForImage. */
export const clusterSchema = z.lazy(() =>
  z.object({
    clusterArn: text,
    clusterDetails: list(
      z.object({
        lastInUse: anything,
        runningUnitCount: integer,
        stoppedUnitCount: integer,
        clusterMetadata: part({
          awsEksMetadataDetails: part({ namespace: text, workloadInfoList: list(workloadInfo) }),
          awsEcsMetadataDetails: part({ detailsGroup: text, taskDefinitionArn: text }),
        }),
      }),
    ),
  }),
);
export type ImageCluster = z.infer<typeof clusterSchema>;
