import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import type { AnalysisBody } from '../analysis.ts';
import { enumerate, quote } from './facts.ts';

const MAX_ENTRIES = 60;

/** What happened when, by the times of the sources themselves; of equal times the earlier evidence comes first. */
export function timeline(pack: EvidencePack): AnalysisBody['timeline'] {
  return pack.items
    .flatMap((item, position) => entryOf(item).map((entry) => ({ ...entry, position })))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.position - b.position)
    .slice(0, MAX_ENTRIES)
    .map(({ evidence, at, statement }) => ({ evidence, at, statement }));
}

function entryOf(item: EvidenceItem): AnalysisBody['timeline'] {
  const { fact } = item;
  const entry = (at: string | undefined, statement: string): AnalysisBody['timeline'] =>
    at === undefined ? [] : [{ evidence: item.id, at, statement }];
  switch (fact.kind) {
    case 'alert':
      return entry(fact.occurredAt, `The vendor reported "${quote(fact.title)}".`);
    case 'process':
      return entry(
        fact.startedAt,
        `Process ${fact.pid === undefined ? '' : `${fact.pid} `}${quote(fact.path)} started.`,
      );
    case 'file-written':
      return entry(fact.at, `File ${quote(fact.path)} was written.`);
    case 'connection':
      return entry(
        fact.at,
        `${fact.direction === 'outbound' ? 'Outbound' : 'Inbound'} connection to ${quote(fact.destinationIp)} port ${fact.destinationPort}.`,
      );
    case 'dns-query':
      return entry(fact.at, `The name ${quote(fact.domain)} was looked up.`);
    case 'container':
      return entry(fact.startedAt, `Container ${quote(fact.name)} started.`);
    case 'pod':
      return entry(fact.createdAt, `Pod ${quote(fact.namespace)}/${quote(fact.name)} was created.`);
    case 'revision':
      return entry(
        fact.createdAt,
        `${quote(fact.controllerKind)} ${quote(fact.controller)} was changed to revision ${fact.revision} with ${enumerate(fact.images.slice(0, 3).map((image) => quote(image))) || 'no image'}.`,
      );
    case 'api-call':
      return entry(
        fact.at,
        `${quote(fact.operation)} was called${fact.principal === undefined ? '' : ` by ${quote(fact.principal)}`}.`,
      );
    case 'web-request':
      return entry(
        fact.at,
        `A request${fact.path === undefined ? '' : ` to ${quote(fact.path)}`} matched ${quote(fact.attack)}.`,
      );
    case 'admission-request':
      return entry(fact.at, `${quote(fact.operation)} of ${quote(fact.objectKind)} was asked of the cluster.`);
    case 'related-finding':
      return entry(fact.at, `The vendor also reported "${quote(fact.title)}".`);
    case 'confirmation':
    case 'image':
    case 'vulnerability':
    case 'learned-behaviour':
    case 'node':
    case 'controller':
    case 'security-context':
    case 'service-account':
    case 'role-binding':
    case 'service':
    case 'past-incident':
    case 'exposure':
    case 'cloud-identity':
    case 'access-key':
    case 'ownership':
    case 'compliance':
    case 'threat-intel':
    case 'exploit-knowledge':
    case 'anomaly':
    case 'linked-incident':
    case 'gap':
      return [];
  }
}
