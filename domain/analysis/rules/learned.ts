import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import { factsOf, quote } from './facts.ts';

/** Something that happened although the learned behaviour of the workload does not hold it. */
export interface Deviation {
  readonly what: 'process' | 'port' | 'domain';
  /** `port 3333`, `process /tmp/.x/xmrig`, `name pool.example.net`. */
  readonly subject: string;
  /** Since when the behaviour was learned, if the vendor says. */
  readonly since: string | undefined;
  readonly items: readonly EvidenceItem[];
}

/** Nothing deviates from a behaviour that was never learned: without a learned model there are no deviations. */
export function deviations(pack: EvidencePack): Deviation[] {
  const learned = factsOf(pack, 'learned-behaviour');
  if (learned.length === 0) return [];
  const models = learned.map(({ item }) => item);
  const since = learned
    .flatMap(({ fact }) => (fact.since === undefined ? [] : [fact.since]))
    .sort()
    .at(0);
  const ports = new Set(learned.flatMap(({ fact }) => fact.outboundPorts));
  const processes = new Set(learned.flatMap(({ fact }) => fact.processes));
  const domains = learned.flatMap(({ fact }) => fact.domains.map((domain) => domain.toLowerCase()));
  return distinct([
    ...factsOf(pack, 'connection')
      .filter(({ fact }) => fact.direction === 'outbound' && !ports.has(fact.destinationPort))
      .map(({ item, fact }) => deviation('port', `port ${fact.destinationPort}`, item)),
    ...factsOf(pack, 'process')
      .filter(({ fact }) => !processes.has(fact.path))
      .map(({ item, fact }) => deviation('process', `process ${quote(fact.path)}`, item)),
    ...factsOf(pack, 'dns-query')
      .filter(({ fact }) => !domains.some((domain) => covers(domain, fact.domain.toLowerCase())))
      .map(({ item, fact }) => deviation('domain', `name ${quote(fact.domain)}`, item)),
  ]);

  function deviation(what: Deviation['what'], subject: string, item: EvidenceItem): Deviation {
    return { what, subject, since, items: [item, ...models] };
  }
}

/** `*.example.com` covers its subdomains; everything else only itself. */
function covers(learned: string, asked: string): boolean {
  return learned === asked || (learned.startsWith('*.') && asked.endsWith(learned.slice(1)));
}

/** One deviation for each subject; its evidence is that of all its occurrences. */
function distinct(all: readonly Deviation[]): Deviation[] {
  const merged = new Map<string, Deviation>();
  for (const deviation of all) {
    const known = merged.get(deviation.subject);
    merged.set(
      deviation.subject,
      known ? { ...known, items: [...new Set([...known.items, ...deviation.items])] } : deviation,
    );
  }
  return [...merged.values()];
}
