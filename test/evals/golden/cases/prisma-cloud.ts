import type { GoldenCase } from '../case.ts';
import { LOG4SHELL } from './compute.ts';

const KINDS = 'test/fixtures/prisma-cloud/push/kinds-of-resources.json';
const BATCH = 'test/fixtures/prisma-cloud/push/batch.json';

/** Prisma Cloud: payloads in the documented default format (SOURCES.md of the fixtures). */
export const PRISMA_CLOUD: readonly GoldenCase[] = [
  {
    id: 'prisma-exposed-admin-host',
    title: 'a machine open to the internet on its admin ports, with administrator rights',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: 'local/sandbox/scenarios/exposed-host/webhooks/alerts.json' }],
    context: {
      exposure: { internet: true, ports: ['22'], path: ['Internet Gateway', 'sg-0a1b2c3d4e5f60718'] },
      identity: { name: 'batch-reports-role', admin: true, permissions: ['*:*'] },
      ownership: { team: 'reporting-team', environment: 'prod' },
    },
    expected: {
      verdict: 'misconfiguration',
      severity: ['critical', 'critical'],
      acceptableTechniques: ['T1133', 'T1078.004'],
      must: ['advice.investigate@*'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      support: [
        { says: /internet/, cites: ['exposure:internet'] },
        { says: /administrator/, cites: ['cloud-identity:batch-reports-role'] },
      ],
    },
  },
  {
    id: 'prisma-open-group',
    title: 'a security group that lets everybody try SSH',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: BATCH, pick: 0 }],
    context: {},
    expected: {
      verdict: 'misconfiguration',
      severity: ['medium', 'high'],
      acceptableTechniques: ['T1133'],
      must: ['advice.investigate@*'],
    },
  },
  {
    id: 'prisma-miner-container',
    title: 'a miner in a container, told by the posture product without any detail',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: BATCH, pick: 1 }],
    context: {},
    further: {
      vulnerabilities: [LOG4SHELL],
      connections: [['203.0.113.45', 3333]],
    },
    expected: {
      verdict: 'suspicious',
      acceptable: ['malicious'],
      severity: ['critical', 'critical'],
      techniques: ['T1496.001'],
      acceptableTechniques: ['T1496'],
    },
  },
  {
    id: 'prisma-public-machine',
    title: 'a machine with a public address, nothing else known',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: KINDS, pick: 0 }],
    context: { exposure: { internet: true, ports: ['443'] } },
    expected: {
      verdict: 'misconfiguration',
      severity: ['medium', 'high'],
      acceptableTechniques: ['T1133'],
      must: ['advice.investigate@*'],
    },
  },
  {
    id: 'prisma-function-rights',
    title: 'a function with more rights than it needs',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: KINDS, pick: 1 }],
    context: { identity: { name: 'export-orders', high: true, permissions: ['s3:*', 'dynamodb:*'] } },
    expected: {
      verdict: 'misconfiguration',
      severity: ['medium', 'high'],
      acceptableTechniques: ['T1078.004'],
      must: ['advice.investigate@*'],
    },
  },
  {
    id: 'prisma-image-critical',
    title: 'critical flaws in an image that was scanned, without any sign of use',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: KINDS, pick: 2 }],
    context: {
      vulnerabilities: [
        {
          cve: 'CVE-2022-22965',
          package: 'org.springframework:spring-beans',
          type: 'jar',
          version: '5.3.17',
          fixedIn: '5.3.18',
          cvss: 9.8,
          vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
          wild: true,
          remote: true,
        },
      ],
    },
    expected: {
      verdict: 'vulnerability_only',
      severity: ['critical', 'critical'],
      must: ['advice.update-image@*'],
      support: [{ says: /CVE-2022-22965/, cites: ['vulnerability:CVE-2022-22965'] }],
    },
  },
  {
    id: 'prisma-public-bucket',
    title: 'a bucket everybody can read',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: KINDS, pick: 3 }],
    context: {},
    expected: {
      verdict: 'misconfiguration',
      severity: ['informational', 'high'],
      acceptableTechniques: ['T1530'],
      must: ['advice.investigate@*'],
    },
  },
  {
    id: 'prisma-unusual-user',
    title: 'unusual activity of the deploy user, with a call that failed and one that did not',
    source: 'prisma-cloud',
    readBack: 'confirmed',
    alerts: [{ file: KINDS, pick: 4 }],
    context: {
      calls: [
        {
          operation: 'GetCallerIdentity',
          service: 'sts',
          principal: 'ci-deploy',
          from: '198.51.100.40',
          succeeded: true,
        },
        {
          operation: 'CreateUser',
          service: 'iam',
          principal: 'ci-deploy',
          from: '198.51.100.40',
          succeeded: false,
          seconds: 20,
        },
      ],
      identity: { name: 'ci-deploy', high: true, permissions: ['iam:*'] },
    },
    expected: {
      verdict: 'suspicious',
      severity: ['low', 'high'],
      techniques: ['T1078.004'],
      acceptableTechniques: ['T1136.003', 'T1087.004'],
      support: [{ says: /CreateUser/, cites: ['api-call:CreateUser'] }],
    },
  },
  {
    id: 'prisma-denied-posture',
    title: 'a posture alert the tenant does not hold',
    source: 'prisma-cloud',
    readBack: 'denied',
    alerts: [{ file: 'test/fixtures/prisma-cloud/push/single-object.json' }],
    context: {},
    expected: {
      verdict: 'undetermined',
      severity: ['medium', 'high'],
      abstain: true,
      mustNot: ['advice.investigate@*'],
    },
  },
];
