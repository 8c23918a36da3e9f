import type { Fact } from '../../../domain/evidence/fact.ts';
import type {
  EntityRef,
  EvidenceDraft,
  EvidencePartName,
  EvidenceSource,
  Trust,
} from '../../../domain/evidence/pack.ts';
import { present } from '../../../domain/ocsf/present.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { ContextSpec } from './case.ts';
import { at, type Clock, type Drafts } from './clock.ts';
import { clusterDrafts } from './cluster.ts';

/** What the case says of its surroundings, as the parts of the evidence write it. */
export function contextDrafts(context: ContextSpec, workload: Workload, clock: Clock): Drafts {
  const write = writerOf(clock);
  return {
    'alert-details': [...containers(context, workload, write, clock), ...owner(context, workload, write)],
    'runtime-activity': activity(context, workload, write, clock),
    vulnerabilities: vulnerabilities(context, workload, write),
    network: network(context, workload, write, clock),
    ...clusterDrafts(context, workload, clock),
    baseline: baseline(context, write),
    'threat-intel': intelligence(context, write, clock),
    history: history(context, write, clock),
    ...gaps(context, write),
  };
}

type Write = (
  source: EvidenceSource,
  trust: Trust,
  field: string,
  fact: Fact,
  entities?: readonly (EntityRef | undefined)[],
) => EvidenceDraft;

function writerOf(clock: Clock): Write {
  return (source, trust, field, fact, entities = []) => ({
    source,
    trust,
    field,
    observedAt: at(clock, 900),
    fact,
    entities: entities.filter((ref) => ref !== undefined),
  });
}

const entity = (kind: EntityRef['kind'], canonical: string, label = canonical): EntityRef => ({
  kind,
  canonical,
  label,
});

/** Where processes run: their container, or the machine. */
export function placeOf(workload: Workload): EntityRef | undefined {
  switch (workload.kind) {
    case 'pod':
    case 'container':
      return workload.containerId === undefined
        ? undefined
        : entity('container', workload.containerId, workload.container ?? workload.containerId);
    case 'host':
      return entity('instance', workload.instanceId ?? workload.host, workload.host);
    case 'function':
    case 'image':
    case 'resource':
      return undefined;
  }
}

function imageOf(workload: Workload): { readonly image?: string; readonly digest?: string; readonly ref?: EntityRef } {
  if (workload.kind !== 'pod' && workload.kind !== 'container' && workload.kind !== 'image') return {};
  const { image, imageDigest: digest } = workload;
  if (image === undefined) return {};
  return { image, ...(digest === undefined ? {} : { digest }), ref: entity('image', digest ?? image, image) };
}

function containers({ container }: ContextSpec, workload: Workload, write: Write, clock: Clock): EvidenceDraft[] {
  const { image, digest, ref } = imageOf(workload);
  const place = placeOf(workload);
  if (container === undefined || place === undefined || image === undefined) return [];
  const fact = present({
    kind: 'container' as const,
    name: place.label,
    containerId: place.canonical,
    image,
    imageDigest: container.digest ?? digest,
    startedAt: at(clock, -7_200),
    entryPoint: container.entryPoint,
    listeningPorts: [...(container.ports ?? [])],
  });
  return [write('cwpp_api', 'vendor', 'container inventory', fact, [place, ref])];
}

function owner({ ownership, related }: ContextSpec, workload: Workload, write: Write): EvidenceDraft[] {
  const refs = [placeOf(workload)];
  const subject = placeOf(workload)?.label ?? 'the resource';
  return [
    ...(ownership === undefined
      ? []
      : [
          write(
            'cwpp_api',
            'attacker_influenced',
            'tags',
            {
              kind: 'ownership',
              subject,
              team: ownership.team,
              environment: ownership.environment,
              tags: { ...ownership.tags },
            },
            refs,
          ),
        ]),
    ...(related ?? []).map(({ title, category, severity }, index) =>
      write(
        'cwpp_api',
        'vendor',
        `related[${index}]`,
        {
          kind: 'related-finding',
          uid: `related-${index}`,
          title,
          category,
          severity,
        },
        refs,
      ),
    ),
  ];
}

function activity(
  { processes, written, learned }: ContextSpec,
  workload: Workload,
  write: Write,
  clock: Clock,
): EvidenceDraft[] {
  const place = placeOf(workload);
  const where = place?.canonical ?? 'workload';
  return [
    ...(processes ?? []).map(([pid, parentPid, path, commandLine, seconds, extra], index) =>
      write(
        'cwpp_api',
        'attacker_influenced',
        `activity[${index}]`,
        present({
          kind: 'process' as const,
          pid,
          parentPid,
          path,
          commandLine,
          user: extra?.user ?? 'root',
          startedAt: seconds === undefined ? undefined : at(clock, seconds),
          interactive: extra?.interactive,
          md5: extra?.md5,
        }),
        [entity('process', `${where}#${pid}`, `${pid} ${path}`), entity('file', path), place],
      ),
    ),
    ...(written ?? []).map(([path, byPid, seconds], index) =>
      write(
        'cwpp_api',
        'attacker_influenced',
        `written[${index}]`,
        present({ kind: 'file-written' as const, path, byPid, at: at(clock, seconds) }),
        [entity('file', path), place],
      ),
    ),
    ...(learned === undefined
      ? []
      : [
          write(
            'cwpp_api',
            'attacker_influenced',
            'profile',
            {
              kind: 'learned-behaviour',
              since: at(clock, -30 * 86_400),
              processes: [...learned.processes],
              outboundPorts: [...learned.ports],
              domains: [...learned.names],
            },
            [imageOf(workload).ref],
          ),
        ]),
  ];
}

const ELSEWHERE = `sha256:${'e1'.repeat(32)}`;

function vulnerabilities(context: ContextSpec, workload: Workload, write: Write): EvidenceDraft[] {
  const { digest, ref } = imageOf(workload);
  return (context.vulnerabilities ?? []).map((one, index) =>
    write(
      'cwpp_api',
      'vendor',
      `vulnerabilities[${index}]`,
      present({
        kind: 'vulnerability' as const,
        cve: one.cve,
        cvss: one.cvss,
        cvssVector: one.vector,
        severity: severityOf(one.cvss),
        packageName: one.package,
        packageType: one.type,
        packageVersion: one.version,
        fixedIn: one.fixedIn,
        imageDigest: one.elsewhere === true ? ELSEWHERE : digest,
        exploitInTheWild: one.wild ?? false,
        exploitPublic: one.public ?? one.wild ?? false,
        remote: one.remote ?? false,
      }),
      [
        entity('cve', one.cve),
        entity('package', `${one.package}@${one.version}`, `${one.package} ${one.version}`),
        ref ?? placeOf(workload),
      ],
    ),
  );
}

function severityOf(cvss = 5): 'critical' | 'high' | 'medium' | 'low' {
  return cvss >= 9 ? 'critical' : cvss >= 7 ? 'high' : cvss >= 4 ? 'medium' : 'low';
}

function network(context: ContextSpec, workload: Workload, write: Write, clock: Clock): EvidenceDraft[] {
  const place = placeOf(workload);
  const subject = place?.label ?? ('name' in workload ? workload.name : 'the workload');
  const { connections = [], names = [], exposure, identity, calls = [] } = context;
  return [
    ...connections.map(([ip, port, direction], index) =>
      write(
        'cwpp_api',
        'attacker_influenced',
        `connections[${index}]`,
        {
          kind: 'connection',
          direction: direction ?? 'outbound',
          ...(direction === 'inbound' ? { sourceIp: ip, destinationIp: '10.0.0.10' } : { destinationIp: ip }),
          destinationPort: port,
          at: at(clock, index),
        },
        [entity('ip', ip), place],
      ),
    ),
    ...names.map((domain, index) =>
      write('cwpp_api', 'attacker_influenced', `names[${index}]`, { kind: 'dns-query', domain, at: at(clock, index) }, [
        entity('domain', domain),
        place,
      ]),
    ),
    ...(exposure === undefined
      ? []
      : [
          write(
            'cwpp_api',
            'vendor',
            'exposure',
            {
              kind: 'exposure',
              subject,
              reachableFromInternet: exposure.internet,
              ports: [...exposure.ports],
              path: [...(exposure.path ?? [])],
              basis: 'network exposure as the vendor computes it',
            },
            [place],
          ),
        ]),
    ...(identity === undefined
      ? []
      : [
          write(
            'cwpp_api',
            'vendor',
            'identity',
            present({
              kind: 'cloud-identity' as const,
              name: identity.name,
              identityKind: 'role',
              permissions: [...identity.permissions],
              admin: identity.admin,
              highPrivileges: identity.high,
              basis: 'effective permissions as the vendor computes them',
            }),
            [entity('principal', identity.name)],
          ),
        ]),
    ...calls.map(({ operation, service, principal, from, succeeded, seconds }, index) =>
      write(
        'cwpp_api',
        'attacker_influenced',
        `calls[${index}]`,
        present({
          kind: 'api-call' as const,
          operation,
          service,
          principal,
          sourceIp: from,
          succeeded,
          at: at(clock, seconds),
        }),
        [place, principal === undefined ? undefined : entity('principal', principal)],
      ),
    ),
  ];
}

function baseline({ anomalies = [], linked = [] }: ContextSpec, write: Write): EvidenceDraft[] {
  return [
    ...anomalies.map(({ dimension, value, new: isNew, days, replicas }) =>
      write(
        'history',
        'attacker_influenced',
        'baseline',
        present({
          kind: 'anomaly' as const,
          dimension,
          value,
          neverSeenBefore: isNew,
          observedForDays: days ?? 30,
          sharedByReplicas: replicas?.[0] ?? 1,
          replicas: replicas?.[1],
          basis: 'the baseline of the workload',
        }),
      ),
    ),
    ...linked.map(({ what, value, workload }, index) =>
      write('history', 'attacker_influenced', 'links', {
        kind: 'linked-incident',
        incidentId: `inc-${String(index).padStart(20, '0')}`,
        openedAt: '2025-10-01T08:00:00.000Z',
        shared: [{ what, value }],
        workload,
      }),
    ),
  ];
}

function intelligence({ intel = [], knowledge = [] }: ContextSpec, write: Write, clock: Clock): EvidenceDraft[] {
  return [
    ...intel.map(({ indicator, kind, confidence, verdict, detail }) =>
      write(
        'threat_intel',
        'vendor',
        'intelligence',
        present({
          kind: 'threat-intel' as const,
          indicator,
          indicatorKind: kind,
          confidence,
          answers: [{ source: 'greynoise', verdict, detail, checkedAt: at(clock, 900) }],
        }),
        kind === 'hash' ? [] : [entity(kind, indicator)],
      ),
    ),
    ...knowledge.map(({ cve, kev, ransomware, epss }) =>
      write(
        'vuln_db',
        'vendor',
        'vulnerability databases',
        present({
          kind: 'exploit-knowledge' as const,
          cve,
          checked: ['kev' as const, 'epss' as const],
          knownExploited:
            kev === undefined ? undefined : { since: kev, ransomware: ransomware ?? false, action: 'Apply updates.' },
          epss: epss === undefined ? undefined : { probability: epss, on: '2025-10-01' },
          fixedIn: [],
        }),
        [entity('cve', cve)],
      ),
    ),
  ];
}

function history({ past = [] }: ContextSpec, write: Write, clock: Clock): EvidenceDraft[] {
  return past.map(({ verdict, outcome }, index) =>
    write('history', 'own', 'incidents', {
      kind: 'past-incident',
      incidentId: `inc-past${String(index).padStart(16, '0')}`,
      openedAt: at(clock, -20 * 86_400),
      verdict,
      outcome,
    }),
  );
}

const SOURCES: Readonly<Record<EvidencePartName, EvidenceSource>> = {
  'alert-details': 'cwpp_api',
  'runtime-activity': 'cwpp_api',
  vulnerabilities: 'cwpp_api',
  workload: 'kubernetes_api',
  identity: 'kubernetes_api',
  network: 'cwpp_api',
  'recent-deployments': 'kubernetes_api',
  baseline: 'history',
  'threat-intel': 'threat_intel',
  history: 'history',
};

function gaps({ missing = {} }: ContextSpec, write: Write): Drafts {
  const named: Drafts = {};
  for (const part of Object.keys(SOURCES) as EvidencePartName[]) {
    const reason = missing[part];
    if (reason !== undefined)
      named[part] = [
        write(SOURCES[part], 'own', 'the whole part', { kind: 'gap', missing: part.replaceAll('-', ' '), reason }),
      ];
  }
  return named;
}
