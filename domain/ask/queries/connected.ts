import { enumerate, factsOf, type Piece, quote, readableTime } from '../../analysis/rules/facts.ts';
import { placeWords } from '../../analysis/rules/place.ts';
import { type ProcessNode, processText } from '../../analysis/rules/process-tree.ts';
import { visibleText } from '../../evidence/clean.ts';
import type { FactOf } from '../../evidence/fact.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import type { Sentence, Unknown } from '../answer.ts';
import { processLabel, subjectOf } from '../subject.ts';
import { type Asked, gapsOf, nothing, type Query, say } from './query.ts';

/** Whom it talked with: each peer with direction, ports, times and what others know of it; names it looked up. */
export const connected: Query = (asked) => {
  const { investigation, named } = asked;
  const { pack } = investigation;
  const about = named?.kind === 'address' ? named.value : undefined;
  const wanted = (address: string) => about === undefined || address.trim().toLowerCase() === about;
  const peers = peersOf(pack, asked).filter(({ address }) => wanted(address));
  const names = lookUpsOf(pack).filter(({ domain }) => wanted(domain));
  const seen = [...peers.map((peer) => peerSentence(pack, peer)), ...names.map((look) => nameSentence(pack, look))];
  const hints = meant(asked, about, [...peers.map(({ address }) => address), ...names.map(({ domain }) => domain)]);
  const gaps = gapsOf(pack, 'network');
  const subject = named === undefined ? {} : { subject: subjectOf(named) };
  if (seen.length > 0)
    return { sentences: [...seen, ...hints], unknowns: [...unattributed(asked, peers), ...gaps], ...subject };
  const none = `The evidence holds no connection${about === undefined ? '' : ` with ${quote(about)}`}.`;
  return { ...nothing(none, [...hints, ...gaps]), ...subject };
};

interface Peer {
  readonly direction: FactOf<'connection'>['direction'];
  readonly address: string;
  readonly pieces: readonly Piece<'connection'>[];
}

/** By direction and address, those others warn of first, then by time. Of a process only its own, where the evidence tells them apart. */
function peersOf(pack: EvidencePack, asked: Asked): Peer[] {
  const all = factsOf(pack, 'connection');
  const own = ownOf(asked, all);
  const peers = new Map<string, Peer>();
  for (const piece of own.length > 0 ? own : all) {
    const { direction, destinationIp, sourceIp } = piece.fact;
    const address = direction === 'outbound' ? destinationIp : (sourceIp ?? 'an unknown address');
    const key = `${direction} ${address}`;
    peers.set(key, { direction, address, pieces: [...(peers.get(key)?.pieces ?? []), piece] });
  }
  const warned = ({ address }: Peer) => opinionOf(pack, address)?.fact.confidence ?? -1;
  return [...peers.values()].sort((a, b) => warned(b) - warned(a) || firstAt(a) - firstAt(b));
}

function ownOf({ investigation, named }: Asked, all: readonly Piece<'connection'>[]): readonly Piece<'connection'>[] {
  if (named?.kind !== 'process') return [];
  const { pack } = investigation;
  const ids = new Set(
    named.node.items
      .flatMap(({ entities }) => entities)
      .filter((id) => pack.entities.some((entity) => entity.id === id && entity.kind === 'process')),
  );
  return all.filter(({ item }) => item.entities.some((id) => ids.has(id)));
}

function unattributed(asked: Asked, peers: readonly Peer[]): Unknown[] {
  if (asked.named?.kind !== 'process' || peers.length === 0) return [];
  const all = peers.flatMap(({ pieces }) => pieces);
  if (ownOf(asked, all).length > 0) return [];
  return [
    {
      text: `Which process made the connections is not in the evidence; these are all of ${placeWords(asked.investigation.pack).runs.toLowerCase()}.`,
      evidence: [],
    },
  ];
}

function firstAt({ pieces }: Peer): number {
  return Math.min(...pieces.map(({ fact }) => Date.parse(fact.at)));
}

function peerSentence(pack: EvidencePack, { direction, address, pieces }: Peer): Sentence {
  const ports = [...new Set(pieces.map(({ fact }) => fact.destinationPort))].sort((a, b) => a - b);
  const on = `port${ports.length === 1 ? '' : 's'} ${enumerate(ports.map(String))}`;
  const { runs } = placeWords(pack);
  const when = whenOf(pieces.map(({ fact }) => fact.at));
  const opinion = opinionOf(pack, address);
  return say(
    direction === 'outbound'
      ? `${runs} connected outbound to ${quote(address)} ${on} ${when}${opinionWords(opinion)}.`
      : `${runs} was reached inbound from ${quote(address)} on ${on} ${when}${opinionWords(opinion)}.`,
    [...(opinion ? [opinion.item] : []), ...pieces.map(({ item }) => item)],
  );
}

interface LookedUp {
  readonly domain: string;
  readonly pieces: readonly Piece<'dns-query'>[];
}

function lookUpsOf(pack: EvidencePack): LookedUp[] {
  const names = new Map<string, Piece<'dns-query'>[]>();
  for (const piece of factsOf(pack, 'dns-query'))
    names.set(piece.fact.domain, [...(names.get(piece.fact.domain) ?? []), piece]);
  return [...names].map(([domain, pieces]) => ({ domain, pieces }));
}

function nameSentence(pack: EvidencePack, { domain, pieces }: LookedUp): Sentence {
  const opinion = opinionOf(pack, domain);
  const when = whenOf(pieces.map(({ fact }) => fact.at));
  return say(`The name ${quote(domain)} was looked up ${when}${opinionWords(opinion)}.`, [
    ...(opinion ? [opinion.item] : []),
    ...pieces.map(({ item }) => item),
  ]);
}

/** The alert and the vendor's record may both tell of one connection, so records are counted and not connections. */
function whenOf(times: readonly string[]): string {
  const [first = '', ...later] = [...times].sort((a, b) => Date.parse(a) - Date.parse(b)).map(readableTime);
  const last = later.at(-1) ?? first;
  const records = times.length === 1 ? '' : `, by ${times.length} records`;
  return first === last ? `at ${first}${records}` : `from ${first} to ${last}${records}`;
}

function opinionOf(pack: EvidencePack, address: string): Piece<'threat-intel'> | undefined {
  const wanted = address.trim().toLowerCase();
  return factsOf(pack, 'threat-intel').find(({ fact }) => fact.indicator.trim().toLowerCase() === wanted);
}

function opinionWords(opinion: Piece<'threat-intel'> | undefined): string {
  if (opinion === undefined) return '';
  const { answers, confidence } = opinion.fact;
  if (answers.length === 0) return '; nobody who was asked knows it';
  const said = answers
    .slice(0, 4)
    .map(({ source, verdict, detail }) => `${quote(source, 60)} calls it ${verdict} (${quote(detail, 160)})`);
  return `; ${enumerate(said)}${confidence === undefined ? '' : `, confidence ${confidence} of 100 that it is malicious`}`;
}

const NAMED_ADDRESS =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?:[^\s/@"']{1,128}@)?([a-z0-9.-]{4,253}|\[[0-9a-f:]{2,39}\])(?::(\d{1,5}))?/gi;

/** Addresses a command line names. A connection that is meant is none that was seen, so it is said as that. */
function meant(
  { investigation: { tree }, named }: Asked,
  about: string | undefined,
  seen: readonly string[],
): Sentence[] {
  const nodes: readonly ProcessNode[] = named?.kind === 'process' ? [named.node] : tree.nodes;
  const known = new Set(seen.map((one) => one.trim().toLowerCase()));
  return nodes
    .flatMap((node) =>
      [...visibleText(processText(node)).matchAll(NAMED_ADDRESS)].map(([, host = '', port]) => ({ node, host, port })),
    )
    .filter(({ host }) => (about === undefined || host.toLowerCase() === about) && !known.has(host.toLowerCase()))
    .filter((one, index, all) => all.findIndex(({ node, host }) => node === one.node && host === one.host) === index)
    .slice(0, 8)
    .map(({ node, host, port }) =>
      say(
        `The command line of process ${processLabel(node)} names ${quote(host)}${port === undefined ? '' : ` port ${port}`}; no connection to it is in the evidence.`,
        node.items,
      ),
    );
}
