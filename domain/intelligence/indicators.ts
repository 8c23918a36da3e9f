import type { Fact } from '../evidence/fact.ts';
import type { EntityRef } from '../evidence/pack.ts';
import type { NormalizedFinding, OcsfProcess } from '../ocsf/detection-finding.ts';
import { capped, SHORT_TEXT_CAP } from '../ocsf/text.ts';
import { type Classified, classifyAddress } from './address.ts';
import { classifyDomain } from './domain-name.ts';
import { cameAtRunTime, classifyHash } from './hash.ts';

/** Something others may be asked about. The first are the most telling: what ran, whom we called, who called us. */
export interface Indicator {
  readonly kind: 'ip' | 'domain' | 'hash';
  readonly value: string;
  /** `client`: the workload called it. `server`: it called the workload. */
  readonly ourSide: 'client' | 'server' | 'unknown';
  readonly entities: readonly EntityRef[];
}

export interface Indicators {
  readonly indicators: readonly Indicator[];
  /** CVE ids, in capitals, in the order given. */
  readonly cves: readonly string[];
  /** How many were kept back because they are private, internal or part of an image. */
  readonly keptBack: number;
}

export interface OwnThings {
  readonly internalDomains: readonly string[];
  readonly ownNetworks: readonly string[];
}

/** What may leave, from the findings of an incident and from facts that were read about it. */
export function indicatorsOf(
  findings: readonly NormalizedFinding[],
  facts: readonly Fact[],
  own: OwnThings,
): Indicators {
  const internal = internalDigests(findings, facts);
  const candidates = [...findings.flatMap(fromFinding), ...facts.flatMap(fromFact)];
  const kept = new Map<string, Indicator>();
  let keptBack = 0;
  for (const candidate of candidates) {
    const classified = classify(candidate, own, internal);
    if ('kept' in classified) {
      keptBack += 1;
      continue;
    }
    const key = `${candidate.kind} ${classified.value}`;
    const known = kept.get(key);
    kept.set(key, merge(known, candidate, classified.value));
  }
  const cves = [
    ...findings.flatMap(cvesOf),
    ...facts.flatMap((fact) => (fact.kind === 'vulnerability' ? [fact.cve] : [])),
  ];
  return {
    indicators: [...kept.values()].sort((a, b) => rank(a) - rank(b)),
    cves: [...new Set(cves.map((cve) => cve.toUpperCase()).filter((cve) => /^CVE-\d{4}-\d{4,19}$/.test(cve)))],
    keptBack,
  };
}

interface Candidate {
  readonly kind: Indicator['kind'];
  readonly text: string;
  readonly ourSide: Indicator['ourSide'];
  readonly path?: string;
}

function classify(candidate: Candidate, own: OwnThings, internal: ReadonlySet<string>): Classified {
  switch (candidate.kind) {
    case 'ip':
      return classifyAddress(candidate.text, own.ownNetworks);
    case 'domain':
      return classifyDomain(candidate.text, own.internalDomains);
    case 'hash':
      return classifyHash(candidate.text, internal);
  }
}

function merge(known: Indicator | undefined, candidate: Candidate, value: string): Indicator {
  const ourSide = known === undefined || known.ourSide === 'unknown' ? candidate.ourSide : known.ourSide;
  const ref = entityOf(candidate, value);
  const entities = known?.entities ?? [];
  return {
    kind: candidate.kind,
    value,
    // Called and calling: that the workload called it is the graver of the two.
    ourSide: candidate.ourSide === 'client' ? 'client' : ourSide,
    entities:
      ref === undefined || entities.some(({ canonical }) => canonical === ref.canonical)
        ? entities
        : [...entities, ref],
  };
}

function entityOf({ kind, path }: Candidate, value: string): EntityRef | undefined {
  if (kind !== 'hash') return { kind, canonical: value, label: value };
  if (path === undefined || path === '') return undefined;
  const name = capped(path, SHORT_TEXT_CAP);
  return { kind: 'file', canonical: name, label: name };
}

function rank({ kind, ourSide }: Indicator): number {
  if (kind === 'hash') return 0;
  if (ourSide === 'client') return 1;
  return ourSide === 'unknown' ? 2 : 3;
}

/** OCSF `direction_id`. */
const INBOUND = 1;

function fromFinding({ finding }: NormalizedFinding): Candidate[] {
  return (finding.evidences ?? []).flatMap((evidence) => [
    ...fromProcess(evidence.process),
    ...fromProcess(evidence.actor?.process),
    ...(evidence.file?.hashes ?? []).map(({ value }) => hash(value, evidence.file?.path)),
    // The destination of a connection from outside is ourselves.
    ...(evidence.connection_info?.direction_id === INBOUND ? [] : endpoint(evidence.dst_endpoint, 'client')),
    ...endpoint(evidence.src_endpoint, 'server'),
    ...(evidence.query === undefined ? [] : [host(evidence.query.hostname, 'client')]),
  ]);
}

function endpoint(
  given:
    | { readonly ip?: string | undefined; readonly hostname?: string | undefined; readonly domain?: string | undefined }
    | undefined,
  ourSide: Indicator['ourSide'],
): Candidate[] {
  return [given?.ip, given?.hostname, given?.domain].flatMap((text) =>
    text === undefined ? [] : [host(text, ourSide)],
  );
}

/** Program, parents, and the hosts their command lines name. */
function fromProcess(process: OcsfProcess | undefined): Candidate[] {
  const found: Candidate[] = [];
  // The vendor nests a few parents; a hostile one may nest many.
  for (
    let current = process, depth = 0;
    current !== undefined && depth < 8;
    current = current.parent_process, depth += 1
  ) {
    const path = current.path ?? current.file?.path ?? '';
    if (cameAtRunTime(path)) found.push(...(current.file?.hashes ?? []).map(({ value }) => hash(value, path)));
    found.push(...hostsIn(current.cmd_line ?? ''));
  }
  return found;
}

function fromFact(fact: Fact): Candidate[] {
  switch (fact.kind) {
    case 'connection':
      return fact.direction === 'outbound'
        ? [host(fact.destinationIp, 'client')]
        : fact.sourceIp === undefined
          ? []
          : [host(fact.sourceIp, 'server')];
    case 'dns-query':
      return [host(fact.domain, 'client')];
    case 'process':
      return [
        ...(fact.md5 !== undefined && cameAtRunTime(fact.path) ? [hash(fact.md5, fact.path)] : []),
        ...hostsIn(fact.commandLine ?? ''),
      ];
    default:
      return [];
  }
}

const ADDRESS_IN_TEXT =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?:[^\s/"'@]{0,200}@)?(\[[0-9a-f:.]{2,45}\]|[^\s/:"'|;,)]{1,253})/gi;
const MOST_IN_TEXT = 5;

function hostsIn(text: string): Candidate[] {
  return [...text.slice(0, 4_096).matchAll(ADDRESS_IN_TEXT)]
    .slice(0, MOST_IN_TEXT)
    .flatMap(([, name]) => (name === undefined ? [] : [host(name, 'client')]));
}

function host(text: string, ourSide: Indicator['ourSide']): Candidate {
  return { kind: /^[\d.]+$|:/.test(text.trim()) ? 'ip' : 'domain', text, ourSide };
}

function hash(text: string, path: string | undefined): Candidate {
  return { kind: 'hash', text, ourSide: 'unknown', ...(path === undefined ? {} : { path }) };
}

function cvesOf({ finding }: NormalizedFinding): string[] {
  return (finding.vulnerabilities ?? []).flatMap(({ cve }) => (cve === undefined ? [] : [cve.uid]));
}

/** Everything that names an image, a layer or a container: such a value is ours although it has the form of a file hash. */
function internalDigests(findings: readonly NormalizedFinding[], facts: readonly Fact[]): ReadonlySet<string> {
  const texts = [
    ...findings.flatMap(({ finding, workload }) => [
      ...('imageDigest' in workload ? [workload.imageDigest] : []),
      ...('containerId' in workload ? [workload.containerId] : []),
      ...(finding.evidences ?? []).flatMap(({ container }) => [
        container?.uid,
        container?.hash?.value,
        container?.image?.uid,
      ]),
    ]),
    ...facts.flatMap((fact) => {
      if (fact.kind === 'container') return [fact.containerId, fact.imageDigest];
      if (fact.kind === 'image') return [fact.digest];
      return fact.kind === 'pod' ? fact.images.map(({ digest }) => digest) : [];
    }),
  ];
  return new Set(texts.flatMap((text) => /[0-9a-f]{32,64}$/i.exec(text ?? '')?.[0].toLowerCase() ?? []));
}
