/**
 * Every document Parapet sends. `field` is the root field. What the public schema of April 2023 has and what only newer
 * tenants have (`newer`) never stand in one document: a tenant that lacks a field refuses the whole of it.
 */
export interface Operation {
  readonly name: string;
  readonly field: string;
  readonly newer: boolean;
  readonly text: string;
}

export const ISSUE: Operation = {
  name: 'IssueContext',
  field: 'issue',
  newer: false,
  text: `query IssueContext($id: ID!) {
  issue(id: $id) {
    id status severity createdAt updatedAt dueAt resolutionReason description evidenceQuery
    notes { id text createdAt }
    serviceTickets { externalId name url }
    projects { id name slug riskProfile { businessImpact } projectOwners { email } }
    entitySnapshot { id type nativeType name providerId externalId cloudPlatform region
      subscriptionExternalId subscriptionName tags subscriptionTags cloudProviderURL status }
    entity { id type name properties userTags technologies { id name }
      publicExposures(first: 5) { nodes { id portRange sourceIpRange path { id type name } } }
      lateralMovementPaths(first: 5) { nodes { id severity type pathEntities { entity { id type name } } } } }
  }
}`,
};

export const ISSUE_NEWER: Operation = {
  name: 'IssueNewer',
  field: 'issue',
  newer: true,
  text: `query IssueNewer($id: ID!) {
  issue(id: $id) {
    id type resolvedAt resolutionNote
    sourceRules { id name description }
    entitySnapshot { id kubernetesClusterId kubernetesClusterName kubernetesNamespaceName }
  }
}`,
};

export const THREAT: Operation = {
  name: 'ThreatDetails',
  field: 'issue',
  newer: true,
  text: `query ThreatDetails($id: ID!) {
  issue(id: $id) {
    id
    threatDetectionDetails {
      eventOrigin
      actors { id name type nativeType externalId }
      resources { id name type nativeType externalId providerUniqueId region
        kubernetesCluster { id name } kubernetesNamespace { id name } }
      mainDetection { id startedAt severity description ruleMatch { rule { id name } } }
    }
  }
}`,
};

export const AI_ANALYSIS: Operation = {
  name: 'ThreatAiAnalysis',
  field: 'issue',
  newer: true,
  text: `query ThreatAiAnalysis($id: ID!) {
  issue(id: $id) {
    id
    threatDetectionDetails { aiAnalysis { id status verdict analyzedAt severity confidenceLevel conclusion } }
  }
}`,
};

export const DETECTIONS: Operation = {
  name: 'Detections',
  field: 'detections',
  newer: true,
  text: `query Detections($filterBy: DetectionFilters, $first: Int, $after: String) {
  detections(filterBy: $filterBy, first: $first, after: $after) {
    nodes {
      id type severity description(format: MARKDOWN) origins createdAt startedAt endedAt
      issue { id url }
      ruleMatch { rule { id name builtin securitySubCategories { id title category { id name framework { id } } } } }
      primaryActor { id name type nativeType externalId providerUniqueId email
        hasAdminPrivileges hasHighPrivileges hasAdminKubernetesPrivileges hasHighKubernetesPrivileges }
      resources { id name externalId providerUniqueId type nativeType region
        kubernetesCluster { id name } kubernetesNamespace { id name } }
      cloudAccounts { id name externalId cloudProvider }
      triggeringEvents(first: 10) { nodes { ... on CloudEvent { id name origin timestamp } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

export const CLOUD_EVENT: Operation = {
  name: 'CloudEventContext',
  field: 'cloudEvent',
  newer: false,
  text: `query CloudEventContext($id: ID!) {
  cloudEvent(id: $id) {
    id name kind origin category source timestamp severity
    actor { id name type IP }
    subjectResource { id name type nativeType providerUniqueId region openToAllInternet }
    extraDetails { ... on CloudEventRuntimeDetails {
      sensor { id name sensorVersion }
      host { id hostname externalId }
      processTree { id name path command hash size userId userName executionTime
        container { id externalId image { id externalId }
          pod { id externalId namespace ips } kubernetesController { id externalId type } } } } }
  }
}`,
};

export const CLOUD_EVENT_NEWER: Operation = {
  name: 'CloudEventNewer',
  field: 'cloudEvent',
  newer: true,
  text: `query CloudEventNewer($id: ID!) {
  cloudEvent(id: $id) {
    id
    extraDetails { ... on CloudEventRuntimeDetails {
      type
      context { fileName remoteIP remotePort dnsQuery commandLine path }
      processTree { id wizResponse enforcementResult { action errorMessage } container { name serviceAccount } } } }
  }
}`,
};

export const VULNERABILITIES: Operation = {
  name: 'WorkloadVulns',
  field: 'vulnerabilityFindings',
  newer: false,
  text: `query WorkloadVulns($filterBy: VulnerabilityFindingFilters, $first: Int, $after: String) {
  vulnerabilityFindings(filterBy: $filterBy, first: $first, after: $after) {
    nodes { id name vulnerabilityExternalId CVSSSeverity vendorSeverity score hasExploit hasCisaKevExploit
      detailedName version fixedVersion remediation detectionMethod validatedInRuntime status portalUrl
      layerMetadata { id isBaseLayer }
      vulnerableAsset {
        ... on VulnerableAssetBase { id type name providerUniqueId hasWideInternetExposure hasLimitedInternetExposure }
        ... on VulnerableAssetContainer { PodName PodNamespace NodeName ImageExternalId } } }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

export const VULNERABILITY_SCORES: Operation = {
  name: 'WorkloadVulnScores',
  field: 'vulnerabilityFindings',
  newer: true,
  text: `query WorkloadVulnScores($filterBy: VulnerabilityFindingFilters, $first: Int, $after: String) {
  vulnerabilityFindings(filterBy: $filterBy, first: $first, after: $after) {
    nodes { id exploitabilityScore locationPath }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

export const EXPOSURES: Operation = {
  name: 'ExposureOf',
  field: 'networkExposures',
  newer: false,
  text: `query ExposureOf($ids: [String!], $first: Int, $after: String) {
  networkExposures(first: $first, after: $after, filterBy: { exposedEntity: { id: $ids }, type: [PUBLIC_INTERNET] }) {
    nodes { id type portRange sourceIpRange networkProtocols appProtocols
      exposedEntity { id name type } path { id name type } applicationEndpoints { id name } }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

export const GRAPH: Operation = {
  name: 'WorkloadGraph',
  field: 'graphSearch',
  newer: false,
  text: `query WorkloadGraph($query: GraphEntityQueryInput, $projectId: String = "*", $first: Int = 10, $after: String) {
  graphSearch(query: $query, projectId: $projectId, first: $first, after: $after, quick: true) {
    nodes { entities { id name type properties } }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

export const POSTURE: Operation = {
  name: 'WorkloadPosture',
  field: 'configurationFindings',
  newer: false,
  text: `query WorkloadPosture($filterBy: ConfigurationFindingFilters, $first: Int, $after: String) {
  configurationFindings(filterBy: $filterBy, first: $first, after: $after) {
    nodes { id result severity status remediation rule { id shortId name }
      resource { id name type providerId } evidence { currentValue expectedValue configurationPath }
      securitySubCategories { title category { name framework { id name } } } }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

export const FRAMEWORKS: Operation = {
  name: 'Posture',
  field: 'securityFrameworks',
  newer: false,
  text: `query Posture($selection: SecurityFrameworkComplianceAnalyticsSelection, $first: Int, $after: String) {
  securityFrameworks(first: $first, after: $after) {
    nodes { id name enabled
      complianceAnalytics(selection: $selection) { averageCompliancePosture passSubCategoryCount failSubCategoryCount } }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

export const RELATED_ISSUES: Operation = {
  name: 'RelatedIssues',
  field: 'issuesV2',
  newer: true,
  text: `query RelatedIssues($filterBy: IssueFilters, $first: Int, $after: String) {
  issuesV2(filterBy: $filterBy, first: $first, after: $after) {
    nodes { id type status severity createdAt
      sourceRule { ... on Control { id name } ... on CloudEventRule { id name } ... on CloudConfigurationRule { id name } } }
    pageInfo { hasNextPage endCursor }
  }
}`,
};

/** For reconciliation: what an issue's webhook would say. */
export const ISSUES_SINCE: Operation = {
  name: 'IssuesSince',
  field: 'issuesV2',
  newer: true,
  text: `query IssuesSince($filterBy: IssueFilters, $first: Int, $after: String) {
  issuesV2(filterBy: $filterBy, first: $first, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) {
    nodes { id type status severity createdAt updatedAt description url
      projects { id name }
      sourceRule { ... on Control { id name } ... on CloudEventRule { id name } ... on CloudConfigurationRule { id name } }
      entitySnapshot { id type nativeType name providerId externalId cloudPlatform region
        subscriptionExternalId subscriptionName tags
        kubernetesClusterId kubernetesClusterName kubernetesNamespaceName } }
    pageInfo { hasNextPage endCursor }
  }
}`,
};
