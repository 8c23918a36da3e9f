import type { GoldenCase } from '../case.ts';

const FIX = 'test/fixtures/lacework';
const STORY = 'local/sandbox/scenarios/build-agent/events';
const compliance = (
  id: string,
  title: string,
  file: string,
  severity: GoldenCase['expected']['severity'],
  context: GoldenCase['context'] = {},
): GoldenCase => ({
  id,
  title,
  source: 'lacework',
  readBack: 'confirmed',
  alerts: [{ file: `${FIX}/eventbridge/${file}`, channel: 'event-bus' }],
  context,
  expected: {
    verdict: 'misconfiguration',
    severity,
    may: ['advice.investigate@*'],
    mustNot: ['kubernetes.quarantine-pod@*'],
  },
});

/** Lacework FortiCNAPP: public events of its EventBridge channel and constructed ones (SOURCES.md of the fixtures). */
export const LACEWORK: readonly GoldenCase[] = [
  {
    id: 'lacework-bad-address-pod',
    title: 'a miner in a pod calls an address on a list',
    source: 'lacework',
    readBack: 'confirmed',
    alerts: [{ file: `${FIX}/synthetic/eventbridge-app-bad-ip-container.json`, channel: 'event-bus' }],
    context: {
      processes: [
        [1, undefined, '/usr/local/bin/node', 'node api.js', -3600],
        [44, 1, '/bin/sh', 'sh -c /tmp/.x/xmrig -o pool.example.net:3333', -20],
        [45, 44, '/tmp/.x/xmrig', '/tmp/.x/xmrig -o pool.example.net:3333', -19],
      ],
      intel: [{ indicator: '203.0.113.45', kind: 'ip', confidence: 90, verdict: 'malicious', detail: 'mining pool' }],
      pod: { service: 'LoadBalancer', tokenMounted: true },
    },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1496.001', 'T1059.004'],
      acceptableTechniques: ['T1071', 'T1190', 'T1105', 'T1496', 'T1571'],
      must: ['kubernetes.quarantine-pod@*'],
      may: ['advice.rotate-credentials@*'],
      spawned: { process: '/tmp/.x/xmrig', by: ['/bin/sh', '/usr/local/bin/node'] },
      support: [{ says: /203\.0\.113\.45/, cites: ['connection:203.0.113.45', 'threat-intel:203.0.113.45'] }],
    },
  },
  {
    id: 'lacework-composite-host',
    title: 'several weak signals of one machine, put together by the vendor',
    source: 'lacework',
    readBack: 'confirmed',
    alerts: [{ file: `${FIX}/synthetic/eventbridge-composite-compromised-host.json`, channel: 'event-bus' }],
    context: {},
    expected: { verdict: 'suspicious', severity: ['critical', 'critical'], may: ['advice.investigate@*'] },
  },
  {
    id: 'lacework-build-agent',
    title: 'a build agent runs an unknown program that calls out, after a login from abroad',
    source: 'lacework',
    readBack: 'confirmed',
    alerts: [
      { file: `${STORY}/compromised-host.json`, channel: 'event-bus' },
      { file: `${STORY}/suspicious-login.json`, channel: 'event-bus' },
    ],
    context: {
      processes: [
        [700, undefined, '/usr/sbin/sshd', 'sshd: builder', -900],
        [711, 700, '/bin/bash', '-bash', -890, { user: 'builder' }],
        [720, 711, '/tmp/.cache/agent', '/tmp/.cache/agent -c 203.0.113.66:8443', -600, { user: 'builder' }],
      ],
      written: [['/tmp/.cache/agent', 711, -620]],
      connections: [['203.0.113.66', 8443]],
      calls: [
        {
          operation: 'log-in',
          service: 'ssh',
          principal: 'builder',
          from: '198.51.100.90',
          succeeded: true,
          seconds: -900,
        },
      ],
      anomalies: [{ dimension: 'process', value: '/tmp/.cache/agent', new: true }],
    },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1078', 'T1059.004'],
      acceptableTechniques: ['T1071', 'T1105', 'T1021.004', 'T1571'],
      // By its host name, because Lacework's read-back names a machine so (connectors/cwpp/lacework/evidence/entities.ts), and
      // what is done is done to what the vendor confirmed; the instance id is a second name of the same machine.
      must: ['advice.investigate@build-agent-3.ci.example.com'],
      spawned: { process: '/tmp/.cache/agent', by: ['/bin/bash', '/usr/sbin/sshd'] },
      support: [{ says: /log-in/, cites: ['api-call:log-in'] }],
    },
  },
  {
    id: 'lacework-login',
    title: 'an unusual login to a build agent, and nothing else',
    source: 'lacework',
    readBack: 'confirmed',
    alerts: [{ file: `${STORY}/suspicious-login.json`, channel: 'event-bus' }],
    context: {},
    further: {
      processes: [
        [610, undefined, '/usr/sbin/sshd', 'sshd: deploy', 2],
        [633, 610, '/bin/bash', '-bash', 3, { user: 'deploy' }],
        [640, 633, '/usr/bin/git', 'git fetch origin release', 20, { user: 'deploy' }],
      ],
      connections: [['198.51.100.99', 22, 'inbound']],
    },
    expected: {
      verdict: 'suspicious',
      severity: ['medium', 'high'],
      techniques: ['T1078'],
      acceptableTechniques: ['T1021.004'],
      may: ['advice.investigate@*'],
    },
  },
  {
    id: 'lacework-group-change',
    title: 'look-alike: a pipeline changes a security group within a planned change',
    source: 'lacework',
    readBack: 'confirmed',
    lookAlike: true,
    alerts: [{ file: `${FIX}/synthetic/eventbridge-rapid-cloudtrail-spaced-type.json`, channel: 'event-bus' }],
    context: {
      calls: [
        { operation: 'AuthorizeSecurityGroupIngress', service: 'ec2', principal: 'terraform-deploy', succeeded: true },
      ],
      past: [{ verdict: 'suspicious', outcome: 'advice-only' }],
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious', 'misconfiguration'],
      severity: ['informational', 'low'],
      acceptableTechniques: ['T1562.007'],
      mustNot: ['kubernetes.quarantine-pod@*'],
    },
  },
  {
    id: 'lacework-app-webhook-denied',
    title: 'a webhook that names nothing but a bad address, which the account does not hold',
    source: 'lacework',
    readBack: 'denied',
    alerts: [{ file: `${FIX}/synthetic/webhook-app-alert.json`, channel: 'webhook' }],
    context: {},
    expected: { verdict: 'undetermined', severity: ['critical', 'critical'], abstain: true },
  },
  compliance(
    'lacework-unused-credentials',
    'credentials that were not used for 90 days',
    'new-violations-aws-cis-1-3-two-reasons.json',
    ['low', 'high'],
  ),
  compliance('lacework-untagged', 'a machine without tags', 'new-violations-ec2-untagged.json', ['low', 'medium']),
  compliance('lacework-inactive-user', 'a user inactive for 30 days', 'new-violations-iam-user-inactive.json', [
    'low',
    'medium',
  ]),
  compliance(
    'lacework-public-read',
    'a bucket with read access for everybody',
    'new-violations-s3-public-read.json',
    ['medium', 'high'],
    { ownership: { team: 'data-team', environment: 'test' } },
  ),
  compliance(
    'lacework-open-ssh',
    'a security group that opens SSH to the world',
    'new-violations-sg-open-ssh.json',
    ['medium', 'high'],
    { exposure: { internet: true, ports: ['22'] } },
  ),
];
