import type { Fact, FactOf } from '../evidence/fact.ts';
import type { Relevance } from './relevance.ts';

/**
 * The labelled table of the correlation: what is given, and what a person who knows the flaw says of it. Both directions:
 * what must be raised, and what must not be. Addresses and names are invented; the flaws are real.
 */
export interface Case {
  readonly name: string;
  readonly vulnerability: Partial<FactOf<'vulnerability'>>;
  readonly facts: readonly Fact[];
  readonly workload?: 'host';
  readonly relevance: Relevance;
  /** What the reason must say. */
  readonly reason: RegExp;
}

export const DIGEST = `sha256:${'3f'.repeat(32)}`;
const OTHER_DIGEST = `sha256:${'a1'.repeat(32)}`;
const AT = '2025-10-14T09:15:40.000Z';
const RCE = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H';
const LOCAL = 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H';

const process = (pid: number, path: string, parentPid?: number, commandLine?: string): FactOf<'process'> => ({
  kind: 'process',
  pid,
  path,
  ...(parentPid === undefined ? {} : { parentPid }),
  ...(commandLine === undefined ? {} : { commandLine }),
});
const container = (entryPoint: string, imageDigest = DIGEST): FactOf<'container'> => ({
  kind: 'container',
  name: 'app',
  containerId: 'c1',
  image: 'registry.example.com/app:1',
  imageDigest,
  entryPoint,
  listeningPorts: [8080],
});
const detection = (title: string, category = 'webAttack', rule?: string): FactOf<'alert'> => ({
  kind: 'alert',
  findingUid: 'f1',
  title,
  category,
  ...(rule === undefined ? {} : { rule }),
  message: 'a detection',
  severity: 'high',
  occurredAt: AT,
  techniques: [],
});
const known = (cve: string, given: { readonly kev?: boolean; readonly epss?: number } = {}): Fact => ({
  kind: 'exploit-knowledge',
  cve,
  ...(given.kev
    ? { knownExploited: { since: '2021-12-10', ransomware: true, action: 'Apply updates per vendor instructions.' } }
    : {}),
  ...(given.epss === undefined ? {} : { epss: { probability: given.epss, percentile: 0.99, on: '2025-10-14' } }),
  fixedIn: [],
});
const context = (runsAsRoot: 'yes' | 'no'): Fact => ({
  kind: 'security-context',
  container: 'app',
  privileged: false,
  runsAsRoot,
  hostNetwork: false,
  hostPid: false,
  addedCapabilities: [],
  hostPaths: [],
});
const exposed = (reachableFromInternet: boolean): Fact => ({
  kind: 'exposure',
  subject: 'app',
  reachableFromInternet,
  ports: ['443'],
  path: [],
  basis: 'the load balancer',
});
const service = (outside: boolean): Fact => ({
  kind: 'service',
  name: 'app',
  namespace: 'payments',
  type: outside ? 'LoadBalancer' : 'ClusterIP',
  exposed: outside,
  ports: [8080],
});

const JAVA = process(1, '/usr/bin/java', undefined, '/usr/bin/java -jar /app/app.jar');
const SHELL = process(20, '/bin/sh', 1, 'sh -c id');
const MINER = process(21, '/tmp/.x/xmrig', 20);
const NODE = process(1, '/usr/local/bin/node', undefined, 'node server.js');
const NGINX = process(1, '/usr/sbin/nginx', undefined, 'nginx: master process');

const log4shell: Case['vulnerability'] = { exploitInTheWild: true, exploitPublic: true, remote: true };
const quiet: Case['vulnerability'] = { exploitInTheWild: false, exploitPublic: false, remote: true };
const os = (packageName: string, change: Case['vulnerability'] = {}): Case['vulnerability'] => ({
  ...quiet,
  packageType: 'package',
  packageName,
  packageVersion: '1.18.0',
  ...change,
});
const pkexec = os('policykit-1', { cve: 'CVE-2021-4034', cvss: 7.8, cvssVector: LOCAL, remote: false });

/** The given change is over log4j-core 2.14.1 with CVE-2021-44228 in the image that runs (correlate.test.ts). */
export const CASES: readonly Case[] = [
  // Exploited: two witnesses.
  {
    name: 'the vendor names Log4Shell in its detection and Java then starts a shell',
    vulnerability: log4shell,
    facts: [JAVA, SHELL, detection('Log4Shell (CVE-2021-44228) exploitation')],
    relevance: 'exploited',
    reason: /detected its exploitation by name.*started a shell/,
  },
  {
    name: 'the rule of the detection names it and Java then starts a miner',
    vulnerability: log4shell,
    facts: [JAVA, process(30, '/tmp/xmrig', 1), detection('Web attack', 'webAttack', 'virtual patch cve-2021-44228')],
    relevance: 'exploited',
    reason: /started \/tmp\/xmrig/,
  },
  {
    name: 'named and followed by a shell, although no catalogue lists it: what was seen here counts more',
    vulnerability: quiet,
    facts: [JAVA, SHELL, detection('CVE-2021-44228 exploit')],
    relevance: 'exploited',
    reason: /by name/,
  },
  {
    name: 'only the entry point is known; the shell is a child of process 1',
    vulnerability: log4shell,
    facts: [container('/usr/bin/java -jar /app/app.jar'), SHELL, detection('CVE-2021-44228')],
    relevance: 'exploited',
    reason: /java process/,
  },
  // Likely exploited: attacks are known, and something happened.
  {
    name: 'exploited in the wild by the word of the vendor, and Java started a shell',
    vulnerability: log4shell,
    facts: [JAVA, SHELL],
    relevance: 'likely_exploited',
    reason: /is exploited in the wild; that process started a shell.*was not seen/,
  },
  {
    name: 'the vendor does not know of attacks, CISA does',
    vulnerability: quiet,
    facts: [JAVA, SHELL, known('CVE-2021-44228', { kev: true })],
    relevance: 'likely_exploited',
    reason: /CISA since 2021-12-10, also by ransomware/,
  },
  {
    name: 'nobody lists it, EPSS expects attacks',
    vulnerability: quiet,
    facts: [JAVA, SHELL, known('CVE-2021-44228', { epss: 0.97 })],
    relevance: 'likely_exploited',
    reason: /is expected to be exploited \(EPSS 97\.0 %\)/,
  },
  {
    name: 'an attempt was detected on a flaw in use; what came of it was not seen',
    vulnerability: log4shell,
    facts: [JAVA, detection('CVE-2021-44228 attempt')],
    relevance: 'likely_exploited',
    reason: /detected an attempt.*was not seen/,
  },
  {
    name: 'the shell is a grandchild of the service',
    vulnerability: log4shell,
    facts: [JAVA, process(10, '/usr/bin/env', 1), process(11, '/bin/bash', 10)],
    relevance: 'likely_exploited',
    reason: /started a shell/,
  },
  {
    name: 'no shell, but a program from a writable directory below the service',
    vulnerability: log4shell,
    facts: [JAVA, process(12, '/dev/shm/k', 1)],
    relevance: 'likely_exploited',
    reason: /started \/dev\/shm\/k/,
  },
  {
    name: 'a program of the operating system, by its own name',
    vulnerability: os('nginx-core', { cve: 'CVE-2021-23017', cvssVector: RCE, exploitInTheWild: true }),
    facts: [NGINX, process(40, '/bin/sh', 1)],
    relevance: 'likely_exploited',
    reason: /nginx process/,
  },
  {
    name: 'Redis, whose package and program have different endings',
    vulnerability: os('redis', { cve: 'CVE-2022-0543', cvssVector: RCE, exploitInTheWild: true }),
    facts: [process(1, '/usr/bin/redis-server'), process(2, '/bin/sh', 1)],
    relevance: 'likely_exploited',
    reason: /redis-server process/,
  },
  {
    name: 'a Node package below a Node service',
    vulnerability: {
      ...log4shell,
      packageType: 'npm',
      packageName: 'vm2',
      packageVersion: '3.9.9',
      cve: 'CVE-2022-36067',
    },
    facts: [NODE, process(5, '/bin/sh', 1)],
    relevance: 'likely_exploited',
    reason: /nodejs process/,
  },
  {
    name: 'no vector, and a score that says code can be run',
    vulnerability: { ...log4shell, cvssVector: undefined, cvss: 9.8 },
    facts: [JAVA, SHELL],
    relevance: 'likely_exploited',
    reason: /started a shell/,
  },
  {
    name: 'a vector of CVSS 4',
    vulnerability: { ...log4shell, cvssVector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' },
    facts: [JAVA, SHELL],
    relevance: 'likely_exploited',
    reason: /started a shell/,
  },
  // Reachable: in use and attackable, and nothing more.
  {
    name: 'Java runs and started nothing',
    vulnerability: log4shell,
    facts: [JAVA],
    relevance: 'reachable',
    reason: /can be attacked over the network; it is exploited in the wild/,
  },
  {
    name: 'only the entry point says that Java runs',
    vulnerability: log4shell,
    facts: [container('/usr/bin/java -jar /app/app.jar')],
    relevance: 'reachable',
    reason: /java process/,
  },
  {
    name: 'the flag of the vendor is missing, the vector says network',
    vulnerability: { ...quiet, remote: false, cvssVector: RCE },
    facts: [JAVA],
    relevance: 'reachable',
    reason: /over the network/,
  },
  {
    name: 'a flaw that stops a service does not explain a shell',
    vulnerability: {
      ...log4shell,
      cve: 'CVE-2023-44487',
      cvss: 7.5,
      cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    },
    facts: [JAVA, SHELL],
    relevance: 'reachable',
    reason: /stops a service rather than runs code/,
  },
  {
    name: 'no vector, and a score below what running code gets',
    vulnerability: { ...log4shell, cvssVector: undefined, cvss: 7.5 },
    facts: [JAVA, SHELL],
    relevance: 'reachable',
    reason: /stops a service/,
  },
  {
    name: 'a shell below the service, but nobody knows of attacks on this flaw',
    vulnerability: quiet,
    facts: [JAVA, SHELL],
    relevance: 'reachable',
    reason: /started a shell, but attacks on this flaw are not known/,
  },
  {
    name: 'EPSS of one in a hundred is no attack',
    vulnerability: quiet,
    facts: [JAVA, SHELL, known('CVE-2021-44228', { epss: 0.01 })],
    relevance: 'reachable',
    reason: /attacks on this flaw are not known/,
  },
  {
    name: 'an attempt at a flaw nobody is known to use',
    vulnerability: quiet,
    facts: [JAVA, detection('CVE-2021-44228 attempt')],
    relevance: 'reachable',
    reason: /detected an attempt/,
  },
  {
    name: 'a shell of another service does not count',
    vulnerability: log4shell,
    facts: [JAVA, process(2, '/usr/bin/python3'), process(3, '/bin/sh', 2)],
    relevance: 'reachable',
    reason: /exploited in the wild/,
  },
  {
    name: 'a shell somebody opened beside the service does not count',
    vulnerability: log4shell,
    facts: [JAVA, process(50, '/bin/bash', 0)],
    relevance: 'reachable',
    reason: /exploited in the wild/,
  },
  {
    name: 'knowledge about another vulnerability does not count',
    vulnerability: quiet,
    facts: [JAVA, SHELL, known('CVE-2021-44229', { kev: true })],
    relevance: 'reachable',
    reason: /not known/,
  },
  {
    name: 'a detection that names a longer id does not name this one',
    vulnerability: quiet,
    facts: [JAVA, SHELL, detection('CVE-2021-442280 attempt')],
    relevance: 'reachable',
    reason: /not known/,
  },
  {
    name: 'a scan result that names it is no detection',
    vulnerability: quiet,
    facts: [JAVA, SHELL, detection('CVE-2021-44228 found', 'vulnerability')],
    relevance: 'reachable',
    reason: /not known/,
  },
  {
    name: 'reachable from the internet, and it says so',
    vulnerability: quiet,
    facts: [JAVA, exposed(true)],
    relevance: 'reachable',
    reason: /from the internet\.$/,
  },
  {
    name: 'a service of the outside leads to it',
    vulnerability: quiet,
    facts: [JAVA, service(true)],
    relevance: 'reachable',
    reason: /outside the cluster/,
  },
  {
    name: 'inside the cluster only is still reachable: the attacker may be inside',
    vulnerability: quiet,
    facts: [JAVA, service(false)],
    relevance: 'reachable',
    reason: /inside its cluster only/,
  },
  {
    name: 'a source that says "not from the internet" does not make it unreachable',
    vulnerability: quiet,
    facts: [JAVA, exposed(false)],
    relevance: 'reachable',
    reason: /cannot be reached from the internet/,
  },
  {
    name: 'a local flaw where foreign code runs without root',
    vulnerability: pkexec,
    facts: [JAVA, SHELL, MINER, context('no')],
    relevance: 'reachable',
    reason: /foreign code does run: it could use the flaw/,
  },
  // Present: there, and no more is known or needed.
  {
    name: 'a local flaw where nothing foreign runs',
    vulnerability: pkexec,
    facts: [JAVA, context('no')],
    relevance: 'present',
    reason: /only by code that runs in the workload already, and none was seen/,
  },
  {
    name: 'a local flaw where foreign code runs as root: it gives nothing new',
    vulnerability: pkexec,
    facts: [JAVA, SHELL, MINER, context('yes')],
    relevance: 'present',
    reason: /as root/,
  },
  {
    name: 'a Node package where only Java runs',
    vulnerability: { ...log4shell, packageType: 'nodejs', packageName: 'lodash' },
    facts: [JAVA, SHELL],
    relevance: 'present',
    reason: /no nodejs process was seen/,
  },
  {
    name: 'a library of the operating system: which process loads it is not known',
    vulnerability: os('libxml2', { exploitInTheWild: true }),
    facts: [JAVA, SHELL],
    relevance: 'present',
    reason: /whether a running process uses it is not known/,
  },
  {
    name: 'a program that is installed and does not run',
    vulnerability: os('vim', { exploitInTheWild: true }),
    facts: [NGINX, process(41, '/bin/sh', 1)],
    relevance: 'present',
    reason: /not known/,
  },
  {
    name: 'a Go module: which program holds it is not known',
    vulnerability: { ...log4shell, packageType: 'go', packageName: 'golang.org/x/net' },
    facts: [process(1, '/app/server')],
    relevance: 'present',
    reason: /compiled into a program/,
  },
  {
    name: 'nothing is known of what runs',
    vulnerability: log4shell,
    facts: [],
    relevance: 'present',
    reason: /what runs in the workload is not known/,
  },
  {
    name: 'in use, but neither flag nor vector says network',
    vulnerability: { ...quiet, remote: false, cvssVector: undefined },
    facts: [JAVA, SHELL],
    relevance: 'present',
    reason: /not marked as attackable/,
  },
  {
    name: 'over the network, but a person must open something',
    vulnerability: { ...quiet, remote: false, cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H' },
    facts: [JAVA, SHELL],
    relevance: 'present',
    reason: /not marked as attackable/,
  },
  {
    name: 'from the neighbouring network segment only',
    vulnerability: { ...quiet, remote: false, cvssVector: 'CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
    facts: [JAVA, SHELL],
    relevance: 'present',
    reason: /not marked as attackable/,
  },
  {
    name: 'the kernel of a host that is itself the workload is not set aside',
    vulnerability: os('linux-image-5.15.0', { cve: 'CVE-2022-0847', cvssVector: LOCAL, remote: false }),
    facts: [],
    workload: 'host',
    relevance: 'present',
    reason: /only by code that runs in the workload already/,
  },
  // Not relevant: a record says so.
  {
    name: 'the scan is of an image that does not run here',
    vulnerability: { ...log4shell, imageDigest: OTHER_DIGEST },
    facts: [container('/usr/bin/java -jar /app/app.jar'), JAVA, SHELL],
    relevance: 'not_relevant',
    reason: /another digest than the one that runs/,
  },
  {
    name: 'the same digest, written after the repository and an @, is the same image',
    vulnerability: { ...log4shell, imageDigest: `registry.example.com/app@${DIGEST}` },
    facts: [container('/usr/bin/java -jar /app/app.jar'), JAVA, SHELL],
    relevance: 'likely_exploited',
    reason: /started a shell/,
  },
  {
    name: 'two images run and the scan is of one of them',
    vulnerability: log4shell,
    facts: [container('/sidecar', OTHER_DIGEST), container('/usr/bin/java -jar /app/app.jar'), JAVA],
    relevance: 'reachable',
    reason: /over the network/,
  },
  {
    name: 'a scan without a digest is not set aside: that the images differ is not known',
    vulnerability: { ...log4shell, imageDigest: undefined },
    facts: [container('/usr/bin/java -jar /app/app.jar', OTHER_DIGEST), JAVA],
    relevance: 'reachable',
    reason: /over the network/,
  },
  {
    name: 'the installed version is the one with the fix',
    vulnerability: { ...log4shell, packageVersion: '2.17.1', fixedIn: '2.17.1' },
    facts: [JAVA, SHELL],
    relevance: 'not_relevant',
    reason: /holds the fix/,
  },
  {
    name: 'kernel headers in a container image',
    vulnerability: os('linux-libc-dev', {
      cve: 'CVE-2022-0847',
      exploitInTheWild: true,
      cvssVector: LOCAL,
      remote: false,
    }),
    facts: [JAVA, SHELL, MINER, context('no')],
    relevance: 'not_relevant',
    reason: /kernel of its host/,
  },
  {
    name: 'the documentation of a package',
    vulnerability: os('nginx-doc', { exploitInTheWild: true }),
    facts: [NGINX, process(40, '/bin/sh', 1)],
    relevance: 'not_relevant',
    reason: /documentation/,
  },
];
