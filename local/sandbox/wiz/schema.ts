/**
 * The part of Wiz's schema that Parapet uses. A field without a type is a scalar; `newer` fields are absent from the public
 * schema of April 2023 (reference/wiz.md, tags S and C).
 */
export interface Field {
  readonly type?: string;
  readonly newer?: true;
  readonly args?: readonly string[];
}
type Fields = Readonly<Record<string, Field>>;

const scalars = (names: string, newer = false): Fields =>
  Object.fromEntries(names.split(' ').map((name) => [name, newer ? { newer: true as const } : {}]));
const PAGE = ['first', 'after'];
const connection = (type: string): Fields => ({
  nodes: { type },
  pageInfo: { type: 'PageInfo' },
  ...scalars('totalCount'),
});

export const TYPES: Readonly<Record<string, Fields>> = {
  Query: {
    issue: { type: 'Issue', args: ['id'] },
    issuesV2: { type: 'IssueConnection', newer: true, args: [...PAGE, 'filterBy', 'filterScope', 'orderBy'] },
    detections: { type: 'DetectionConnection', newer: true, args: [...PAGE, 'filterBy', 'orderBy'] },
    cloudEvent: { type: 'CloudEvent', args: ['id'] },
    vulnerabilityFindings: { type: 'VulnerabilityConnection', args: [...PAGE, 'filterBy', 'orderBy'] },
    networkExposures: { type: 'ExposureConnection', args: [...PAGE, 'filterBy'] },
    graphSearch: { type: 'GraphConnection', args: [...PAGE, 'query', 'projectId', 'quick', 'controlId'] },
    configurationFindings: { type: 'ConfigurationConnection', args: [...PAGE, 'filterBy'] },
    securityFrameworks: { type: 'FrameworkConnection', args: PAGE },
  },
  Mutation: {
    updateIssue: { type: 'UpdateIssuePayload', args: ['input'] },
    createIssueNote: { type: 'CreateIssueNotePayload', args: ['input'] },
    deleteIssueNote: { type: 'DeleteIssueNotePayload', args: ['input'] },
    copyResourceForensicsToExternalAccount: { type: 'CopyForensicsPayload', newer: true, args: ['input'] },
  },
  UpdateIssuePayload: { issue: { type: 'Issue' } },
  CreateIssueNotePayload: { issueNote: { type: 'Note' } },
  DeleteIssueNotePayload: scalars('_stub'),
  CopyForensicsPayload: scalars('systemActivityGroupId'),
  PageInfo: scalars('hasNextPage endCursor'),
  IssueConnection: connection('Issue'),
  Issue: {
    ...scalars('id status severity createdAt updatedAt dueAt resolutionReason description evidenceQuery'),
    ...scalars('type url resolvedAt resolutionNote', true),
    notes: { type: 'Note' },
    serviceTickets: { type: 'Ticket' },
    projects: { type: 'Project' },
    entitySnapshot: { type: 'EntitySnapshot' },
    entity: { type: 'GraphEntity' },
    control: { type: 'Control' },
    sourceRule: { type: 'SourceRule', newer: true },
    sourceRules: { type: 'Control', newer: true },
    threatDetectionDetails: { type: 'ThreatDetails', newer: true },
  },
  Note: scalars('id text createdAt'),
  Ticket: scalars('externalId name url'),
  Project: {
    ...scalars('id name slug'),
    riskProfile: { type: 'RiskProfile' },
    projectOwners: { type: 'User' },
  },
  RiskProfile: scalars('businessImpact'),
  User: scalars('id email name'),
  EntitySnapshot: {
    ...scalars('id type nativeType name providerId externalId cloudPlatform region subscriptionExternalId'),
    ...scalars('subscriptionName tags subscriptionTags cloudProviderURL status resourceGroupExternalId'),
    ...scalars('kubernetesClusterId kubernetesClusterName kubernetesNamespaceName createdAt', true),
  },
  GraphEntity: {
    ...scalars('id type name properties userTags'),
    technologies: { type: 'Named' },
    publicExposures: { type: 'ExposureConnection', args: PAGE },
    lateralMovementPaths: { type: 'LateralConnection', args: PAGE },
  },
  Named: scalars('id type name externalId providerUniqueId nativeType'),
  LateralConnection: connection('LateralPath'),
  LateralPath: { ...scalars('id severity type'), pathEntities: { type: 'PathEntity' } },
  PathEntity: { ...scalars('type description remediation'), entity: { type: 'Named' } },
  Control: { ...scalars('id name description'), securitySubCategories: { type: 'SubCategory' } },
  SubCategory: { ...scalars('id title'), category: { type: 'Category' } },
  Category: { ...scalars('id name'), framework: { type: 'Named' } },
  ThreatDetails: {
    ...scalars('eventOrigin'),
    actors: { type: 'Resource' },
    resources: { type: 'Resource' },
    mainDetection: { type: 'Detection' },
    aiAnalysis: { type: 'AiAnalysis' },
  },
  AiAnalysis: scalars('id status verdict analyzedAt severity confidenceLevel conclusion'),
  Resource: {
    ...scalars('id name type nativeType externalId providerUniqueId region'),
    kubernetesCluster: { type: 'Named' },
    kubernetesNamespace: { type: 'Named' },
  },
  DetectionConnection: connection('Detection'),
  Detection: {
    ...scalars('id type severity origins createdAt updatedAt startedAt endedAt'),
    description: { args: ['format'] },
    issue: { type: 'Issue' },
    ruleMatch: { type: 'RuleMatch' },
    primaryActor: { type: 'Actor' },
    primaryResource: { type: 'Resource' },
    actors: { type: 'Actor' },
    resources: { type: 'Resource' },
    cloudAccounts: { type: 'CloudAccount' },
    triggeringEvents: { type: 'EventConnection', args: PAGE },
  },
  RuleMatch: { rule: { type: 'DetectionRule' } },
  DetectionRule: { ...scalars('id name builtin sourceType'), securitySubCategories: { type: 'SubCategory' } },
  Actor: scalars(
    'id name type nativeType externalId providerUniqueId email hasAdminPrivileges hasHighPrivileges hasAdminKubernetesPrivileges hasHighKubernetesPrivileges',
  ),
  CloudAccount: scalars('id name externalId cloudProvider'),
  EventConnection: { nodes: { type: 'EventUnion' }, ...scalars('totalCountV2') },
  CloudEvent: {
    ...scalars('id name kind origin category source timestamp severity rawAuditLogRecord'),
    actor: { type: 'EventActor' },
    subjectResource: { type: 'SubjectResource' },
    extraDetails: { type: 'ExtraDetails' },
  },
  EventActor: scalars('id name type IP'),
  SubjectResource: scalars('id name type nativeType providerUniqueId region openToAllInternet'),
  CloudEventRuntimeDetails: {
    sensor: { type: 'Sensor' },
    host: { type: 'Host' },
    processTree: { type: 'Process' },
    ...scalars('type', true),
    context: { type: 'RuntimeContext', newer: true },
  },
  Sensor: scalars('id name sensorVersion'),
  Host: scalars('id hostname externalId'),
  RuntimeContext: scalars('fileName remoteIP remotePort dnsQuery commandLine path'),
  Process: {
    ...scalars('id name path command hash size userId userName executionTime'),
    ...scalars('exe stdin stdout runtimeProgramId wizResponse', true),
    enforcementResult: { type: 'Enforcement', newer: true },
    container: { type: 'ProcessContainer' },
  },
  Enforcement: scalars('action errorMessage'),
  ProcessContainer: {
    ...scalars('id externalId'),
    ...scalars('name serviceAccount', true),
    image: { type: 'Named' },
    pod: { type: 'ProcessPod' },
    kubernetesController: { type: 'Named' },
  },
  ProcessPod: scalars('id externalId namespace ips'),
  VulnerabilityConnection: connection('Vulnerability'),
  Vulnerability: {
    ...scalars('id name vulnerabilityExternalId CVSSSeverity vendorSeverity score hasExploit hasCisaKevExploit'),
    ...scalars('detailedName version fixedVersion remediation detectionMethod validatedInRuntime status portalUrl'),
    ...scalars('exploitabilityScore locationPath epssProbability epssPercentile hasFix', true),
    layerMetadata: { type: 'Layer' },
    vulnerableAsset: { type: 'VulnerableAsset' },
  },
  Layer: scalars('id isBaseLayer'),
  VulnerableAssetBase: scalars('id type name providerUniqueId hasWideInternetExposure hasLimitedInternetExposure'),
  VulnerableAssetContainer: scalars('PodName PodNamespace NodeName ImageExternalId VmExternalId'),
  ExposureConnection: connection('Exposure'),
  Exposure: {
    ...scalars('id type portRange sourceIpRange networkProtocols appProtocols'),
    exposedEntity: { type: 'Named' },
    path: { type: 'Named' },
    applicationEndpoints: { type: 'Named' },
  },
  GraphConnection: connection('GraphRow'),
  GraphRow: { entities: { type: 'GraphEntity' } },
  ConfigurationConnection: connection('ConfigurationFinding'),
  ConfigurationFinding: {
    ...scalars('id result severity status remediation'),
    rule: { type: 'ConfigurationRule' },
    resource: { type: 'ConfigurationResource' },
    evidence: { type: 'ConfigurationEvidence' },
    securitySubCategories: { type: 'SubCategory' },
  },
  ConfigurationRule: scalars('id shortId name'),
  ConfigurationResource: scalars('id name type providerId'),
  ConfigurationEvidence: scalars('currentValue expectedValue configurationPath'),
  FrameworkConnection: connection('Framework'),
  Framework: { ...scalars('id name enabled'), complianceAnalytics: { type: 'Compliance', args: ['selection'] } },
  Compliance: scalars('averageCompliancePosture passSubCategoryCount failSubCategoryCount'),
};

/** Unions and interfaces: only fragments on these may be selected. */
export const UNIONS: Readonly<Record<string, readonly string[]>> = {
  SourceRule: ['Control', 'CloudEventRule', 'CloudConfigurationRule'],
  EventUnion: ['CloudEvent'],
  ExtraDetails: ['CloudEventRuntimeDetails'],
  VulnerableAsset: ['VulnerableAssetBase', 'VulnerableAssetContainer'],
};

/** Keys each filter knows (reference 3.1 to 3.6). */
export const FILTERS: Readonly<Record<string, readonly string[]>> = {
  issuesV2: [
    'id',
    'search',
    'status',
    'severity',
    'project',
    'createdAt',
    'statusChangedAt',
    'relatedEntity',
    'type',
    'sourceControl',
  ],
  detections: [
    'id',
    'issueId',
    'type',
    'severity',
    'createdAt',
    'updatedAt',
    'cloudPlatform',
    'origin',
    'resource',
    'matchedRule',
    'projectId',
  ],
  vulnerabilityFindings: [
    'assetId',
    'assetType',
    'vulnerabilityExternalId',
    'vendorSeverity',
    'status',
    'hasFix',
    'hasExploit',
    'hasCisaKevExploit',
    'projectId',
    'updatedAt',
  ],
  networkExposures: ['exposedEntity', 'type'],
  configurationFindings: ['resource', 'result', 'severity', 'status', 'securityFramework', 'rule'],
};
