import { visibleText } from '../../evidence/clean.ts';
import { contextSentence } from '../../evidence/describe-context.ts';
import type { Claim } from '../analysis.ts';
import { type Behaviour, DOWNLOAD, isStrong } from './behaviours.ts';
import { claim, duration, enumerate, factsOf, quote, readableTime } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { deviations } from './learned.ts';
import { placeWords } from './place.ts';
import { type ProcessNode, processText } from './process-tree.ts';

/** What ran, who started it, what was downloaded and written, where it connects, and what of that was never seen before. */
export function activityClaims(investigation: Investigation): Claim[] {
  const suspects = suspectsOf(investigation);
  return [
    ...suspects.flatMap((node) => [ranClaim(investigation, node), ...startedClaim(investigation, node)]),
    ...downloadClaims(investigation),
    ...writtenClaims(investigation),
    ...connectionClaims(investigation),
    ...intelligenceClaims(investigation),
    ...deviationClaims(investigation),
  ];
}

const WORDS: Readonly<Record<Behaviour['name'], string>> = {
  'container-escape': 'it leaves its container for the host',
  'crypto-miner': 'it mines cryptocurrency',
  'reverse-shell': 'it gives somebody outside a shell',
  malware: 'it is malware',
  'download-and-run': 'it runs a script straight from a download',
  'shell-from-service': 'it is a shell started by a service',
  'token-read': 'it reads the token of the service account',
  'credential-file-read': 'its command line names a file of credentials',
  'interactive-shell': 'it is a shell with somebody at a terminal',
  'run-from-writable-directory': 'it runs from a directory anybody can write to',
  'written-then-run': 'its file was written while the container ran',
  'known-malicious-contact': 'it contacts what is known to be malicious',
  'unlearned-activity': 'it was not seen while behaviour was learned',
};

/**
 * The processes the story is about: those with strong behaviour; otherwise with any; otherwise those the alert names;
 * otherwise those that started nothing further, which is where every chain that was seen ends.
 */
export function suspectsOf({ behaviours, tree }: Investigation): ProcessNode[] {
  const of = (wanted: (behaviour: Behaviour) => boolean): ProcessNode[] => [
    ...new Set(behaviours.flatMap((behaviour) => (behaviour.process && wanted(behaviour) ? [behaviour.process] : []))),
  ];
  const strong = of(({ name }) => isStrong(name));
  const any = strong.length > 0 ? strong : of(() => true);
  const named =
    any.length > 0 ? any : tree.nodes.filter(({ items }) => items.some(({ part }) => part === 'alert-details'));
  const ends = named.length > 0 ? named : tree.nodes.filter((node) => !isParent(tree, node));
  return ends.slice(0, 3);
}

function isParent(tree: Investigation['tree'], node: ProcessNode): boolean {
  return tree.nodes.some((child) => tree.chain(child)[1] === node);
}

function ranClaim({ pack, behaviours }: Investigation, node: ProcessNode): Claim {
  const signs = behaviours.filter(({ process }) => process === node);
  const why = [...new Set(signs.map(({ name }) => WORDS[name]))];
  const user = node.user === undefined ? '' : ` as user ${quote(node.user)}`;
  const line = node.commandLine === undefined ? '' : ` with command line "${quote(node.commandLine, 400)}"`;
  const when = node.startedAt === undefined ? '' : `, started at ${readableTime(node.startedAt)}`;
  return claim(
    'observed',
    `Process ${label(node)} runs${user}${line}${when}${why.length > 0 ? `; ${enumerate(why)}` : ''}.`,
    [...node.items, ...signs.flatMap(({ items }) => items)],
    { pack, kinds: ['process', 'file', 'container'] },
  );
}

/** The process tree up to the entry point, or to where the evidence ends. */
function startedClaim({ pack, tree }: Investigation, node: ProcessNode): Claim[] {
  const ancestors = tree.chain(node).slice(1);
  const root = ancestors.at(-1) ?? node;
  const container = factsOf(pack, 'container').find(({ fact }) => fact.entryPoint !== undefined);
  // A container's entry point is its process 1; when the evidence ends at a child of 1, the entry point is the parent.
  const entry = root.parentPid === 1 && container ? [container] : [];
  if (ancestors.length === 0 && entry.length === 0) return [];
  const steps = [
    ...ancestors.map(
      (ancestor) =>
        `${label(ancestor)}${ancestor.commandLine === undefined ? '' : ` ("${quote(ancestor.commandLine)}")`}`,
    ),
    ...entry.map(({ fact }) => `the entry point "${quote(fact.entryPoint ?? '')}"`),
  ];
  const end = root.pid === 1 ? ', the entry process of the container' : '';
  return [
    claim(
      'observed',
      `Process ${label(node)} was started by ${steps.join(', which was started by ')}${end}.`,
      [...node.items, ...ancestors.flatMap(({ items }) => items), ...entry.map(({ item }) => item)],
      { pack, kinds: ['process', 'container'] },
    ),
  ];
}

function label(node: ProcessNode): string {
  return `${node.pid === undefined ? '' : `${node.pid} `}${quote(node.path)}`;
}

const ADDRESS = /\b(?:https?|ftp):\/\/([^\s/"'|;)]{1,255})([^\s"'|;)]{0,1024})/i;

function downloadClaims({ pack, tree, behaviours }: Investigation): Claim[] {
  return tree.nodes
    .filter((node) => DOWNLOAD.test(visibleText(processText(node))))
    .slice(0, 5)
    .map((node) => {
      const [, host, path] = ADDRESS.exec(visibleText(processText(node))) ?? [];
      const what =
        host === undefined ? 'a file' : `${quote(path === undefined || path === '' ? '/' : path)} from ${quote(host)}`;
      const runs = behaviours.some(({ name, process }) => name === 'download-and-run' && process === node);
      return claim(
        'observed',
        `Process ${label(node)} downloaded ${what}${runs ? ' and passed it straight to a shell' : ''}.`,
        node.items,
        { pack, kinds: ['process', 'ip', 'domain', 'container'] },
      );
    });
}

function writtenClaims({ pack, tree }: Investigation): Claim[] {
  return factsOf(pack, 'file-written')
    .slice(0, 5)
    .map(({ item, fact }) => {
      const run = tree.nodes.find((node) => node.path === fact.path);
      const later = run?.startedAt === undefined ? '' : ` ${duration(fact.at, run.startedAt)} apart`;
      const writer = fact.byPid === undefined ? '' : ` by process ${fact.byPid}`;
      return claim(
        'observed',
        `File ${quote(fact.path)} was written${writer} at ${readableTime(fact.at)}${run ? ` and was run as process ${label(run)},${later || ' at an unknown time'}` : ''}.`,
        [item, ...(run?.items ?? [])],
        { pack, kinds: ['file', 'process', 'container'] },
      );
    });
}

function connectionClaims({ pack }: Investigation): Claim[] {
  const { runs } = placeWords(pack);
  const connections = factsOf(pack, 'connection')
    .slice(0, 8)
    .map(({ item, fact }) =>
      claim(
        'observed',
        fact.direction === 'outbound'
          ? `${runs} connected to ${quote(fact.destinationIp)} port ${fact.destinationPort} at ${readableTime(fact.at)}.`
          : `${runs} was reached${fact.sourceIp === undefined ? '' : ` from ${quote(fact.sourceIp)}`} on port ${fact.destinationPort} at ${readableTime(fact.at)}.`,
        [item],
        { pack, kinds: ['ip', 'domain', 'container', 'pod'] },
      ),
    );
  const names = factsOf(pack, 'dns-query')
    .slice(0, 5)
    .map(({ item, fact }) =>
      claim('observed', `The name ${quote(fact.domain)} was looked up at ${readableTime(fact.at)}.`, [item], {
        pack,
        kinds: ['domain', 'container', 'pod'],
      }),
    );
  return [...connections, ...names];
}

/** What others say of what was contacted or run, with the confidence and who said it. Also where they call it harmless. */
function intelligenceClaims({ pack }: Investigation): Claim[] {
  return factsOf(pack, 'threat-intel')
    .filter(({ fact }) => fact.confidence !== undefined)
    .sort((a, b) => (b.fact.confidence ?? 0) - (a.fact.confidence ?? 0))
    .slice(0, 5)
    .map(({ item, fact }) =>
      claim('observed', contextSentence(fact), [item], { pack, kinds: ['ip', 'domain', 'file', 'process'] }),
    );
}

function deviationClaims({ pack }: Investigation): Claim[] {
  return deviations(pack)
    .slice(0, 8)
    .map(({ subject, since, items }) =>
      claim(
        'observed',
        `${capitalise(subject)} was never seen${since === undefined ? ' while the behaviour of this workload was learned' : ` since ${readableTime(since)}, when the behaviour of this workload began to be learned`}.`,
        items,
        { pack, kinds: ['process', 'ip', 'domain', 'container', 'image'] },
      ),
    );
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
