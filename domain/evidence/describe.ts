import { cleanText } from './clean.ts';
import { contextSentence } from './describe-context.ts';
import type { Fact, FactOf } from './fact.ts';
import { by, given, list, long, name, present } from './wording.ts';

/**
 * One plain sentence that says what a fact says, for people and for a model. Values from outside are cleaned and
 * redacted one by one and capped, so that a long one cannot push the others out; the whole has at most `MAX_TEXT` code units.
 */
export function describeFact(fact: Fact): string {
  return cleanText(sentence(fact));
}

function sentence(fact: Fact): string {
  switch (fact.kind) {
    case 'alert':
      return alert(fact);
    case 'confirmation':
      return confirmation(fact);
    case 'process':
      return processStarted(fact);
    case 'file-written':
      return `File ${name(fact.path)} was written${given(fact.byPid, (pid) => ` by process ${pid}`)}${by(fact.user)} at ${fact.at}.`;
    case 'connection':
      return `${fact.direction === 'outbound' ? 'Outbound' : 'Inbound'} connection${given(fact.sourceIp, (ip) => ` from ${name(ip)}`)} to ${name(fact.destinationIp)} port ${fact.destinationPort} at ${fact.at}.`;
    case 'dns-query':
      return `The name ${name(fact.domain)} was looked up at ${fact.at}.`;
    case 'container':
      return container(fact);
    case 'image':
      return image(fact);
    case 'vulnerability':
      return vulnerability(fact);
    case 'learned-behaviour':
      return `Behaviour learned${given(fact.since, (since) => ` since ${since}`)}: processes ${list(fact.processes)}; outbound ports ${list(fact.outboundPorts)}; names looked up ${list(fact.domains)}.`;
    case 'pod':
      return pod(fact);
    case 'controller':
      return `${name(fact.controllerKind)} ${name(fact.namespace)}/${name(fact.name)} (uid ${name(fact.uid)}) controls the pod${given(fact.replicas, (replicas) => ` and wants ${replicas} replicas`)}${given(fact.managedBy, (tool) => `; it is managed by ${name(tool)}`)}.`;
    case 'node':
      return node(fact);
    case 'security-context':
      return securityContext(fact);
    case 'service-account':
      return `The pod runs as service account ${name(fact.namespace)}/${name(fact.name)}; its token is ${fact.tokenMounted ? 'mounted in the pod' : 'not mounted'}${given(fact.cloudRole, (role) => `; it may assume cloud role ${name(role)}`)}.`;
    case 'role-binding':
      return `${fact.bindingKind} ${given(fact.namespace, (namespace) => `${name(namespace)}/`)}${name(fact.name)} (uid ${name(fact.uid)}) gives ${name(fact.roleKind)} ${name(fact.roleName)} to ${name(fact.subject)}${fact.subjectCount > 1 ? ` and ${fact.subjectCount - 1} other ${fact.subjectCount === 2 ? 'subject' : 'subjects'}` : ', its only subject'}${fact.clusterAdmin ? '; that is full control of the cluster' : ''}.`;
    case 'revision':
      return `Revision ${fact.revision} of ${name(fact.controllerKind)} ${name(fact.controller)}${fact.current ? ' (current)' : ''} was made at ${fact.createdAt} with ${list(fact.images)}${given(fact.previousImages, (images) => `; before it ran ${list(images)}`)}${given(fact.changeCause, (cause) => `; stated cause: ${long(cause)}`)}.`;
    case 'service':
      return `Service ${name(fact.namespace)}/${name(fact.name)} (${name(fact.type)}) leads to the pod on ports ${list(fact.ports)} and is ${fact.exposed ? 'reachable from outside the cluster' : 'reachable inside the cluster only'}.`;
    case 'past-incident':
      return `Earlier incident ${name(fact.incidentId)} ${fact.shared === undefined ? 'of the same workload' : `of another workload, which shares ${list(fact.shared.map(({ what, value }) => `${what} ${value}`))}`}, opened at ${fact.openedAt}${given(fact.verdict, (verdict) => `, verdict ${name(verdict)}`)}${given(fact.outcome, (outcome) => `, outcome ${name(outcome)}`)}${given(fact.headline, (headline) => `: ${long(headline)}`)}.`;
    case 'exposure':
    case 'cloud-identity':
    case 'access-key':
    case 'ownership':
    case 'related-finding':
    case 'compliance':
    case 'api-call':
    case 'web-request':
    case 'admission-request':
    case 'threat-intel':
    case 'exploit-knowledge':
    case 'anomaly':
    case 'linked-incident':
      return contextSentence(fact);
    case 'gap':
      return `Not known: ${long(fact.missing)}, because ${long(fact.reason)}.`;
  }
}

/** Without a record nobody was asked: what vouches for the alert says so itself. */
function confirmation(fact: FactOf<'confirmation'>): string {
  if (fact.confirmed && fact.vendorRecord === undefined) return `The alert counts as confirmed: ${long(fact.reason)}.`;
  return `The vendor ${fact.confirmed ? 'confirmed' : 'did not confirm'} the alert${given(fact.vendorRecord, (record) => ` (record ${name(record)})`)}: ${long(fact.reason)}.`;
}

function alert(fact: FactOf<'alert'>): string {
  const rule = given(fact.rule, (text) => `, rule ${name(text)}`);
  const techniques = fact.techniques.length > 0 ? `, techniques ${list(fact.techniques)}` : '';
  return `The vendor reported "${name(fact.title)}" (category ${name(fact.category)}${rule}, severity ${fact.severity}${techniques}) at ${fact.occurredAt}: ${long(fact.message)}.${given(fact.effect, (effect) => ` By its word it was ${effect}.`)}`;
}

function processStarted(fact: FactOf<'process'>): string {
  const parent =
    fact.parentPid === undefined && fact.parentPath === undefined
      ? ''
      : `, started by process ${[...present(fact.parentPid, String), ...present(fact.parentPath, name)].join(' ')}`;
  const when = given(fact.startedAt, (at) => ` at ${at}`);
  const how = given(fact.commandLine, (line) => `, with command line "${long(line)}"`);
  const hash = given(fact.md5, (md5) => `, MD5 ${name(md5)}`);
  return `Process ${given(fact.pid, (pid) => `${pid} `)}${name(fact.path)} ran${by(fact.user)}${when}${parent}${how}${hash}${fact.interactive ? ', interactively' : ''}.`;
}

function container(fact: FactOf<'container'>): string {
  const digest = given(fact.imageDigest, (text) => ` (digest ${name(text)})`);
  const entry = given(fact.entryPoint, (text) => `, entry point "${long(text)}"`);
  const ports = fact.listeningPorts.length > 0 ? `, listening on ports ${list(fact.listeningPorts)}` : '';
  return `Container ${name(fact.name)} (id ${name(fact.containerId)}) runs image ${name(fact.image)}${digest}${given(fact.startedAt, (at) => ` since ${at}`)}${entry}${ports}.`;
}

function image(fact: FactOf<'image'>): string {
  const known = [
    ...present(fact.digest, (digest) => ` with digest ${name(digest)}`),
    ...present(fact.distribution, (os) => `, built on ${name(os)}`),
    ...present(fact.vulnerabilityCount, (count) => `, has ${count} known vulnerabilities`),
  ].join('');
  // A short or empty name alone would be no sentence.
  return `Image ${name(fact.name)}${known === '' ? '; no more is told of it' : known}.`;
}

function vulnerability(fact: FactOf<'vulnerability'>): string {
  const score = given(fact.cvss, (cvss) => `, CVSS ${cvss}`) + given(fact.cvssVector, (vector) => ` (${name(vector)})`);
  const kind = given(fact.packageType, (type) => (type === 'package' ? '' : `${name(type)} `));
  const where = given(fact.imageDigest, (digest) => ` of image ${name(digest)}`);
  const known = [
    ...(fact.exploitInTheWild ? ['exploited in the wild'] : []),
    ...(fact.exploitPublic ? ['an exploit is public'] : []),
    fact.remote ? 'can be attacked over the network' : 'not marked as attackable over the network',
  ];
  const fix = fact.fixedIn === undefined ? 'no fix is known' : `fixed in ${name(fact.fixedIn)}`;
  return `${name(fact.cve)} (severity ${fact.severity}${score}) is in ${kind}package ${name(fact.packageName)} ${name(fact.packageVersion)}${where}: ${known.join(', ')}; ${fix}.`;
}

function pod(fact: FactOf<'pod'>): string {
  const details = [
    `uid ${name(fact.uid)}`,
    ...present(fact.node, (node) => `node ${name(node)}`),
    ...present(fact.ip, (ip) => `ip ${name(ip)}`),
    ...present(fact.phase, (phase) => `phase ${name(phase)}`),
    ...present(fact.createdAt, (at) => `created ${at}`),
    ...present(fact.serviceAccount, (account) => `service account ${name(account)}`),
  ];
  const labels = Object.entries(fact.labels).map(([key, value]) => `${key}=${value}`);
  const images = fact.images.map(
    ({ container, image, digest }) => `${container} runs ${image}${digest === undefined ? '' : ` (${digest})`}`,
  );
  return `Pod ${name(fact.namespace)}/${name(fact.name)} in cluster ${name(fact.cluster)} (${details.join(', ')}): ${list(images)}${labels.length > 0 ? `; labels ${list(labels)}` : ''}.`;
}

function node(fact: FactOf<'node'>): string {
  return `Node ${name(fact.name)} of cluster ${name(fact.cluster)} (uid ${name(fact.uid)}) ${fact.controlPlane ? 'belongs to the control plane' : 'runs workloads'}${fact.unschedulable ? '; it takes no new pods' : ''}.`;
}

function securityContext(fact: FactOf<'security-context'>): string {
  const traits = [
    fact.privileged ? 'privileged' : 'not privileged',
    { yes: 'runs as root', no: 'does not run as root', unknown: 'user not stated' }[fact.runsAsRoot],
    ...(fact.hostNetwork ? ['uses the network of the host'] : []),
    ...(fact.hostPid ? ['sees the processes of the host'] : []),
    ...present(fact.allowPrivilegeEscalation, (yes) => `privilege escalation ${yes ? 'allowed' : 'not allowed'}`),
    ...present(fact.readOnlyRootFilesystem, (yes) => `root file system ${yes ? 'read-only' : 'writable'}`),
    ...(fact.addedCapabilities.length > 0 ? [`added capabilities ${list(fact.addedCapabilities)}`] : []),
    ...(fact.hostPaths.length > 0 ? [`host paths ${list(fact.hostPaths)}`] : []),
  ];
  return `Security context of container ${name(fact.container)}: ${traits.join(', ')}.`;
}
