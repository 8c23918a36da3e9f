import { claim, factsOf, type Piece, quote } from '../analysis/rules/facts.ts';
import type { Investigation } from '../analysis/rules/investigation.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import type { BlockedEvent } from './guidance.ts';
import { admissionChanges, admissionRequestOf, webChanges, webRequestOf, whatWasAsked } from './stopped-requests.ts';

type Alert = Piece<'alert'>;
type Claim = BlockedEvent['why'][number];

/** What was stopped, which decides what a developer can change. */
type Subject = 'process' | 'file' | 'name' | 'network' | 'admission' | 'request' | 'unknown';

const MAX_EVENTS = 10;
const SAYS_STOPPED = /\b(?:blocked|prevented|denied by|rejected by|was denied|admission denied)\b/i;

/**
 * Each event that was stopped, for the developer it happened to: what stopped it, what that means, and what makes the
 * honest case work. It never says to switch protection off; where the incident is an attack it says that, and nothing
 * about how to get through.
 */
export function blockedEvents(investigation: Investigation): BlockedEvent[] {
  const { pack } = investigation;
  const stopped = factsOf(pack, 'alert').filter(isStopped);
  return distinct(stopped)
    .slice(0, MAX_EVENTS)
    .map((alert) => ({
      id: `blocked:${alert.item.id}`,
      title: `Why was this ${stopWord(alert)}: ${quote(alert.fact.title, 160)}`,
      why: whyOf(pack, alert),
      change: changeOf(investigation, alert),
      appliesTo: alert.fact.findingUid,
      author: 'rules' as const,
    }));
}

/** By the vendor's own field; where a source has none, by its words for the detection, never by those of a message. */
function isStopped({ fact }: Alert): boolean {
  return fact.effect !== undefined || SAYS_STOPPED.test(`${fact.title}. ${fact.category}. ${fact.rule ?? ''}`);
}

function stopWord({ fact }: Alert): string {
  return fact.effect ?? 'stopped';
}

/** An alert and the record it was read back from tell of one event: the record says more. */
function distinct(alerts: readonly Alert[]): Alert[] {
  return [...alerts]
    .sort((a, b) => Number(a.item.source === 'alert') - Number(b.item.source === 'alert'))
    .filter(
      ({ fact }, index, all) =>
        all.findIndex((other) => other.fact.findingUid === fact.findingUid && other.fact.category === fact.category) ===
        index,
    );
}

/** By the record of the request where there is one; else by the vendor's words for the detection. */
function subjectOf(pack: EvidencePack, alert: Alert): Subject {
  if (admissionRequestOf(pack, alert) !== undefined) return 'admission';
  if (webRequestOf(pack, alert) !== undefined) return 'request';
  const { fact } = alert;
  const words = `${fact.category} ${fact.title}`;
  if (/admission/i.test(words)) return 'admission';
  if (/waas|firewall|\b(?:xss|sqli|cmdi|lfi|code ?injection|shellshock)\b|web ?attack/i.test(words)) return 'request';
  if (/dns|domain/i.test(words)) return 'name';
  if (/port|\bip\b|ip$|network|connection|outbound|listening|C&C/i.test(words)) return 'network';
  if (/file|write|elf|malware|binary/i.test(words)) return 'file';
  if (/process|shell|exec|miner|suid/i.test(words)) return 'process';
  return 'unknown';
}

function whyOf(pack: EvidencePack, alert: Alert): Claim[] {
  const { fact, item } = alert;
  const rule = fact.rule === undefined ? 'A rule of the vendor' : `Rule "${quote(fact.rule, 160)}"`;
  return [
    claim('observed', `${rule} ${fact.effect ?? 'stopped'} this: ${quote(fact.message, 600).replace(/\.?$/, '.')}`, [
      item,
    ]),
    ...whatWasAsked(pack, alert),
    claim('inferred', meaningOf(pack, alert), [item]),
    ...unlearned(pack, alert),
  ];
}

function meaningOf(pack: EvidencePack, alert: Alert): string {
  const { effect } = alert.fact;
  switch (effect) {
    case 'prevented':
      return 'Only the one process, write or look-up was stopped; the container goes on running without it.';
    case 'blocked':
      return subjectOf(pack, alert) === 'network'
        ? 'The connection was refused, or the container that made it was stopped; a replacement that does the same is stopped again.'
        : 'The whole container was stopped; its controller starts a new one, which is stopped again as soon as it does the same.';
    case 'denied':
      return 'The request was refused, and nothing was created or changed by it.';
    case undefined:
      return 'The alert says by its name that something was stopped, and not how much.';
  }
}

/** What is not part of the image or of what was learned is foreign to the rule, however honest it is. */
function unlearned(pack: EvidencePack, alert: Alert): Claim[] {
  const { item } = alert;
  const [learned] = factsOf(pack, 'learned-behaviour');
  const subject = subjectOf(pack, alert);
  return learned === undefined || subject === 'admission' || subject === 'request'
    ? []
    : [
        claim(
          'inferred',
          'The rule compares with what was learned of this image; what is installed, written or contacted only at run time is unknown to it.',
          [item, learned.item],
        ),
      ];
}

function changeOf({ pack, behaviours, judgement }: Investigation, alert: Alert): Claim[] {
  const strong = behaviours.filter(({ name }) =>
    ['crypto-miner', 'reverse-shell', 'container-escape', 'malware'].includes(name),
  );
  if (judgement.verdict === 'malicious' || strong.length > 0) {
    return [
      claim(
        'inferred',
        'This is no case to make work: what was seen belongs to an attack. Do not start it again and change no rule; the security team has the incident.',
        [alert.item, ...strong.flatMap(({ items }) => items)],
      ),
    ];
  }
  return [...honestCase(pack, alert), claim('inferred', STAYS, [alert.item])];
}

const STAYS =
  'The protection itself stays on: an exception names one rule, one program, file, address or request and one workload, and the security team decides it.';

function honestCase(pack: EvidencePack, alert: Alert): Claim[] {
  const { item, fact } = alert;
  const say = (text: string, ...items: readonly EvidenceItem[]): Claim => claim('inferred', text, [item, ...items]);
  const rule = fact.rule === undefined ? 'the rule' : `rule "${quote(fact.rule, 160)}"`;
  switch (subjectOf(pack, alert)) {
    case 'process': {
      const { named, items } = processOf(pack, alert);
      return [
        say(
          `If the service needs ${named ?? 'this program'}: put it into the image when the image is built, instead of fetching or installing it at run time.`,
          ...items,
        ),
        say(
          `Otherwise ask the security team to add ${named ?? 'exactly this program'} to the allowed processes of ${rule}, for this image only.`,
          ...items,
        ),
      ];
    }
    case 'file': {
      const { named, items } = fileOf(pack, alert);
      return [
        say(
          `If the service writes ${named ?? 'this file'} on purpose: bring programs and libraries along in the image, and write data to a mounted volume instead of the file system of the image.`,
          ...items,
        ),
        say(
          `Otherwise ask the security team to allow ${named ?? 'exactly this path'} in ${rule}, for this image only.`,
          ...items,
        ),
      ];
    }
    case 'name': {
      const { named, items } = nameOf(pack, alert);
      return [
        say(
          `If the service needs ${named ?? 'this name'}: say so in its configuration, and ask the security team to add exactly this name to the allowed domains of ${rule}.`,
          ...items,
        ),
        say('A package that is fetched while the service runs is a frequent cause: fetch it when the image is built.'),
      ];
    }
    case 'network': {
      const { named, items } = peerOf(pack, alert);
      return [
        say(
          `If the service needs ${named ?? 'this connection'}: ask the security team to allow exactly this address and port in ${rule}, or reach it through the proxy or gateway that is allowed already.`,
          ...items,
        ),
        say(
          'A health check, an update or a telemetry library is a frequent cause: configure the library not to call out.',
        ),
      ];
    }
    case 'admission':
      return admissionChanges(pack, alert, rule);
    case 'request':
      return webChanges(pack, alert, rule);
    case 'unknown':
      return [
        say(
          `Tell the security team what the service was doing at ${fact.occurredAt.slice(0, 16).replace('T', ' ')} UTC, and ask what ${rule} would need to let exactly that pass.`,
        ),
      ];
  }
}

interface Named {
  readonly named: string | undefined;
  readonly items: readonly EvidenceItem[];
}

const NOBODY: Named = { named: undefined, items: [] };

/** A thing of the evidence that the message names as a whole; the longest, because `/bin/sh` stands in `/bin/sh-x` too. */
function named<T>(
  alert: Alert,
  all: readonly { readonly item: EvidenceItem; readonly fact: T }[],
  text: (fact: T) => string,
): Named {
  const found = all
    .filter(({ fact }) => text(fact).length > 2 && alert.fact.message.includes(text(fact)))
    .sort((a, b) => text(b.fact).length - text(a.fact).length)[0];
  return found === undefined ? NOBODY : { named: quote(text(found.fact), 200), items: [found.item] };
}

function processOf(pack: EvidencePack, alert: Alert): Named {
  return named(alert, factsOf(pack, 'process'), ({ path }) => path);
}

function fileOf(pack: EvidencePack, alert: Alert): Named {
  return named(alert, factsOf(pack, 'file-written'), ({ path }) => path);
}

function nameOf(pack: EvidencePack, alert: Alert): Named {
  return named(alert, factsOf(pack, 'dns-query'), ({ domain }) => domain);
}

function peerOf(pack: EvidencePack, alert: Alert): Named {
  const found = named(alert, factsOf(pack, 'connection'), ({ destinationIp }) => destinationIp);
  const [item] = found.items;
  return item?.fact.kind === 'connection' && found.named !== undefined
    ? { ...found, named: `${found.named} port ${item.fact.destinationPort}` }
    : found;
}
