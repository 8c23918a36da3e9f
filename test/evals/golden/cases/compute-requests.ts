import type { GoldenCase } from '../case.ts';

const FIXTURES = 'test/fixtures/prisma-cloud-compute';
const WEB = `${FIXTURES}/push/container-app-firewall.template-v1.json`;
const WEB_RECORD = `${FIXTURES}/api/audit-waas-container.json`;
const ADMISSION = `${FIXTURES}/push/admission.template-v1.json`;
const ADMISSION_RECORD = `${FIXTURES}/api/audit-admission.json`;

/**
 * Requests that Compute's web application firewall and admission rules judged. The records are public ones of the vendor, whose
 * effect is `alert`; where a case was stopped, the effect is the value its API documents (SOURCES.md of the fixtures).
 */
export const COMPUTE_REQUESTS: readonly GoldenCase[] = [
  {
    id: 'compute-waas-lfi-prevented',
    title: 'a request that asks for the password file in a form field was refused; nothing ran',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [
      { file: WEB, record: { kind: 'firewall', file: WEB_RECORD, change: { effect: 'prevent', statusCode: 403 } } },
    ],
    context: { pod: { service: 'LoadBalancer' } },
    expected: {
      verdict: 'suspicious',
      severity: ['medium', 'high'],
      techniques: ['T1190'],
      acceptableTechniques: ['T1083'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      support: [
        { says: /Rule "WaaS rule for DVWA" denied this/, cites: ['alert:WaaS rule for DVWA'] },
        { says: /POST \/vulnerabilities\/exec\/.*"ip" \(formBody\)/, cites: ['web-request:/vulnerabilities/exec/'] },
        { says: /document by an id instead of a path/, cites: ['web-request:lfi'] },
        { says: /exception to rule "WaaS rule for DVWA" for path/, cites: ['web-request:/vulnerabilities/exec/'] },
      ],
    },
  },
  {
    id: 'compute-waas-honest-query',
    title: 'a report tool whose filter looks like SQL is refused and shut out',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    lookAlike: true,
    alerts: [
      {
        file: WEB,
        change: { category: 'sqli', message: 'Detected SQL Injection attack in query parameter "filter"' },
        record: {
          kind: 'firewall',
          file: WEB_RECORD,
          change: {
            type: 'sqli',
            effect: 'ban',
            method: 'GET',
            urlPath: '/reports/search',
            msg: 'Detected SQL Injection attack in query parameter "filter"',
            attackField: { key: 'filter', type: 'query', value: "status = 'open' OR status = 'late'" },
            subnet: '10.20.0.15',
            userAgentHeader: 'reports-ui/2.4',
          },
        },
      },
    ],
    context: { pod: { service: 'ClusterIP' } },
    expected: {
      verdict: 'suspicious',
      acceptable: ['undetermined'],
      severity: ['medium', 'medium'],
      acceptableTechniques: ['T1190'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      support: [
        { says: /GET \/reports\/search.*sender is shut out/, cites: ['web-request:/reports/search'] },
        { says: /bind the value as a parameter/, cites: ['web-request:sqli'] },
      ],
    },
  },
  {
    id: 'compute-waas-let-through',
    title: 'the same request in a rule that only alerts: it reached the application, and nobody was stopped',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: WEB, record: { kind: 'firewall', file: WEB_RECORD } }],
    context: { pod: { service: 'LoadBalancer' } },
    expected: {
      verdict: 'suspicious',
      severity: ['medium', 'high'],
      techniques: ['T1190'],
      acceptableTechniques: ['T1083'],
      mustNot: ['kubernetes.quarantine-pod@*'],
    },
  },
  {
    id: 'compute-waas-denied',
    title: 'a WAAS alert of which the console knows nothing',
    source: 'prisma-cloud-compute',
    readBack: 'denied',
    alerts: [{ file: WEB }],
    context: { pod: {} },
    expected: {
      verdict: 'undetermined',
      severity: ['medium', 'high'],
      abstain: true,
      acceptableTechniques: ['T1190'],
      mustNot: ['kubernetes.quarantine-pod@*'],
    },
  },
  {
    id: 'compute-admission-host-pid',
    title: 'a pod that shares the process namespace of its node was refused by an admission rule',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [
      {
        file: ADMISSION,
        record: {
          kind: 'admission',
          file: ADMISSION_RECORD,
          change: {
            effect: 'block',
            rawRequest: JSON.stringify({
              kind: 'AdmissionReview',
              apiVersion: 'admission.k8s.io/v1',
              request: {
                uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
                kind: { group: '', version: 'v1', kind: 'Pod' },
                operation: 'CREATE',
                object: {
                  metadata: { name: 'node-debug', namespace: 'default' },
                  spec: { hostPID: true, containers: [{ name: 'debug', image: 'registry.example.com/tools/debug:1' }] },
                },
              },
            }),
          },
        },
      },
    ],
    context: {},
    expected: {
      verdict: 'misconfiguration',
      acceptable: ['suspicious'],
      severity: ['medium', 'high'],
      acceptableTechniques: ['T1611'],
      support: [
        { says: /kubernetes-admin asked for CREATE of Pod node-debug/, cites: ['admission-request:node-debug'] },
        { says: /leave hostPID out or set it to false/, cites: ['admission-request:node-debug'] },
      ],
    },
  },
  {
    id: 'compute-admission-audit-only',
    title: 'the same rule while it only alerts: the pod was made',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: ADMISSION, record: { kind: 'admission', file: ADMISSION_RECORD } }],
    context: {},
    expected: {
      verdict: 'misconfiguration',
      acceptable: ['suspicious'],
      severity: ['medium', 'high'],
      acceptableTechniques: ['T1611'],
    },
  },
];
