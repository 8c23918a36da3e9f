import type { FactOf } from './fact.ts';
import { given, list, long, name, present } from './wording.ts';

type ContextKind =
  | 'exposure'
  | 'cloud-identity'
  | 'access-key'
  | 'ownership'
  | 'related-finding'
  | 'compliance'
  | 'api-call'
  | 'web-request'
  | 'admission-request'
  | 'threat-intel'
  | 'exploit-knowledge'
  | 'anomaly'
  | 'linked-incident';

/** One plain sentence for a fact about the surroundings (context-fact.ts). */
export function contextSentence(fact: FactOf<ContextKind>): string {
  switch (fact.kind) {
    case 'exposure':
      return exposure(fact);
    case 'cloud-identity':
      return `Cloud identity ${name(fact.name)} (${name(fact.identityKind)}${given(fact.account, (account) => ` in account ${name(account)}`)}) ${power(fact)}; permissions: ${list(fact.permissions)} (${long(fact.basis)}).`;
    case 'access-key':
      return `Access key ${name(fact.accessKeyId)} of IAM user ${name(fact.user)} in account ${name(fact.account)}${given(fact.status, (status) => ` is ${status}`)}${given(fact.createdAt, (at) => `, made at ${at}`)}${given(fact.lastUsedAt, (at) => `, last used at ${at}`)} (${long(fact.basis)}).`;
    case 'ownership':
      return ownership(fact);
    case 'related-finding':
      return `The vendor also reports "${name(fact.title)}" (${name(fact.category)}, severity ${fact.severity}${given(fact.status, (status) => `, ${name(status)}`)}, record ${name(fact.uid)})${given(fact.at, (at) => ` at ${at}`)}.`;
    case 'compliance':
      return `Control ${name(fact.control)}${given(fact.framework, (framework) => ` of ${name(framework)}`)} is ${fact.passed ? 'met' : 'not met'}: ${long(fact.reason)}.`;
    case 'api-call':
      return `${given(fact.principal, (who) => `${name(who)} called `) || 'Somebody called '}${name(fact.operation)}${given(fact.service, (service) => ` of ${name(service)}`)}${given(fact.sourceIp, (ip) => ` from ${name(ip)}`)} at ${fact.at}${given(fact.succeeded, (yes) => (yes ? '; it was allowed' : '; it was refused'))}.`;
    case 'web-request':
      return webRequest(fact);
    case 'admission-request':
      return admissionRequest(fact);
    case 'threat-intel':
      return threatIntel(fact);
    case 'exploit-knowledge':
      return exploitKnowledge(fact);
    case 'anomaly':
      return anomaly(fact);
    case 'linked-incident':
      return `Incident ${name(fact.incidentId)} of ${name(fact.workload)}, opened at ${fact.openedAt}, shares ${list(fact.shared.map(({ what, value }) => `${what} ${value}`))} with this one.`;
  }
}

function webRequest(fact: FactOf<'web-request'>): string {
  const what = [fact.method, fact.path].flatMap((part) => present(part, name)).join(' ') || 'an unnamed path';
  const host = given(fact.host, (text) => ` of ${name(text)}`);
  const from = given(fact.sourceIp, (ip) => ` from ${name(ip)}`);
  const place = given(fact.parameterIn, (part) => ` (${name(part)})`);
  const where = given(fact.parameter, (key) => `, in "${name(key)}"${place}`);
  const matched = given(fact.matched, (text) => `: "${long(text)}"`);
  const answer = given(fact.statusCode, (code) => `, answered with status ${code}`);
  const end = fact.effect === undefined ? '; it was not refused' : `; it was ${fact.effect}`;
  return `Request ${what}${host}${from} at ${fact.at} matched ${name(fact.attack)}${where}${matched}${answer}${end}${fact.senderBanned ? ', and its sender is shut out for a while' : ''}.`;
}

function admissionRequest(fact: FactOf<'admission-request'>): string {
  const object = `${name(fact.objectKind)}${given(fact.name, (text) => ` ${name(text)}`)}`;
  const place = `${given(fact.namespace, (text) => ` in namespace ${name(text)}`)} of cluster ${name(fact.cluster)}`;
  const images = fact.images.length > 0 ? ` with ${list(fact.images)}` : '';
  const end = fact.effect === undefined ? '; it was not refused' : `; it was ${fact.effect}`;
  return `${given(fact.user, (user) => `${name(user)} asked`) || 'Somebody asked'} for ${name(fact.operation)} of ${object}${place}${images} at ${fact.at}${end}.`;
}

function exposure(fact: FactOf<'exposure'>): string {
  const reach = { true: 'can be reached from the internet', false: 'cannot be reached from the internet' };
  const known = fact.reachableFromInternet === undefined ? 'may be reachable' : reach[`${fact.reachableFromInternet}`];
  const ports = fact.ports.length > 0 ? ` on ports ${list(fact.ports)}` : '';
  const path = fact.path.length > 0 ? `, by way of ${list(fact.path)}` : '';
  return `${name(fact.subject)} ${known}${ports}${path} (${long(fact.basis)}).`;
}

function power({ admin, highPrivileges }: FactOf<'cloud-identity'>): string {
  if (admin === true) return 'has administrator rights';
  if (highPrivileges === true) return 'has high privileges';
  return admin === false ? 'has no administrator rights' : 'has rights that are not rated';
}

function ownership(fact: FactOf<'ownership'>): string {
  const parts = [
    ...(fact.team === undefined ? [] : [`belongs to ${name(fact.team)}`]),
    ...(fact.environment === undefined ? [] : [`environment ${name(fact.environment)}`]),
    ...(fact.criticality === undefined ? [] : [`criticality ${name(fact.criticality)}`]),
    `tags ${list(Object.entries(fact.tags).map(([key, value]) => `${key}=${value}`))}`,
  ];
  return `${name(fact.subject)}: ${parts.join('; ')}.`;
}

function threatIntel(fact: FactOf<'threat-intel'>): string {
  if (fact.answers.length === 0) return `Nobody who was asked knows ${fact.indicatorKind} ${name(fact.indicator)}.`;
  const said = fact.answers.map(
    ({ source, verdict, detail, weight }) =>
      `${source}: ${verdict}, ${detail}${given(weight, (points) => ` (weight ${points > 0 ? '+' : ''}${points})`)}`,
  );
  return `Threat intelligence about ${fact.indicatorKind} ${name(fact.indicator)}${given(fact.confidence, (score) => `, confidence ${score} of 100`)}: ${list(said)}.`;
}

function exploitKnowledge(fact: FactOf<'exploit-knowledge'>): string {
  const { knownExploited, epss, checked } = fact;
  const parts = [
    ...(knownExploited === undefined
      ? []
      : [
          `is in CISA's list of exploited vulnerabilities since ${name(knownExploited.since)}${knownExploited.ransomware ? ', also by ransomware' : ''}`,
        ]),
    // Only of who was asked: silence of a source that did not answer says nothing.
    ...(knownExploited === undefined && checked?.includes('kev')
      ? ["is not in CISA's list of exploited vulnerabilities"]
      : []),
    ...present(
      epss,
      ({ probability, percentile, on }) =>
        `has EPSS ${(probability * 100).toFixed(1)} %${given(percentile, (rank) => ` (percentile ${(rank * 100).toFixed(1)})`)} on ${name(on)}`,
    ),
    ...(fact.fixedIn.length === 0
      ? []
      : [
          `is fixed in ${list(fact.fixedIn.map(({ packageName, ecosystem, version }) => `${packageName} ${version} (${ecosystem})`))}`,
        ]),
  ];
  return `${name(fact.cve)} ${parts.length === 0 ? 'is unknown to those who were asked about exploitation' : parts.join('; ')}.`;
}

function anomaly(fact: FactOf<'anomaly'>): string {
  const seen = fact.neverSeenBefore
    ? `was never seen before in ${fact.observedForDays} days of observation`
    : `was seen before${given(fact.firstSeen, (at) => `, first at ${at}`)}`;
  const shared = `${fact.sharedByReplicas}${given(fact.replicas, (count) => ` of ${count}`)} replicas show it`;
  return `${fact.dimension} ${long(fact.value)} ${seen} for this workload; ${shared} (${long(fact.basis)}).`;
}
