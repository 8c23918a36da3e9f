import { isExploited } from '../../correlation/correlate.ts';
import type { EvidenceItem } from '../../evidence/pack.ts';
import type { Claim } from '../analysis.ts';
import { claim, duration, enumerate, factsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { suspectsOf } from './narrative-activity.ts';
import { placeWords } from './place.ts';
import { callsForResponse } from './verdict.ts';

/**
 * What most likely came before: one hypothesis, the strongest the evidence allows, or none. Always inferred: nobody saw the
 * beginning. Only where something happened at all; a weakness that nobody used has no root cause, it is one.
 */
export function rootCauseOf(investigation: Investigation): Claim | null {
  if (!callsForResponse(investigation.judgement.verdict)) return null;
  return (
    exploitation(investigation) ??
    stolenCredential(investigation) ??
    openDoor(investigation) ??
    badDeployment(investigation) ??
    null
  );
}

/** A vulnerable package in reach of the process that began it. */
function exploitation(investigation: Investigation): Claim | undefined {
  const { pack, vulnerabilities } = investigation;
  const found = vulnerabilities.find(isExploited);
  if (found === undefined) return undefined;
  const { cve, packageName, packageVersion } = found.piece.fact;
  return claim(
    'inferred',
    `It most likely began with the exploitation of ${quote(cve)} in ${quote(packageName)} ${quote(packageVersion)}: ${found.rationale}`,
    found.items,
    { pack, kinds: ['cve', 'package', 'image', 'process', 'container'] },
  );
}

const CREDENTIAL =
  /credential.{0,20}exfiltration|unauthorizedaccess:iam|stolen.{0,20}(?:credential|token|key)|leaked.{0,20}(?:credential|token|key)|impossible.?travel/i;

/** The vendor's own category says that a credential was used by somebody else; calls made with it are told beside it. */
function stolenCredential({ pack }: Investigation): Claim | undefined {
  const alerts = factsOf(pack, 'alert').filter(({ fact }) => CREDENTIAL.test(fact.category));
  const [alert] = alerts;
  if (alert === undefined) return undefined;
  const calls = factsOf(pack, 'api-call').slice(0, 3);
  const who = calls.find(({ fact }) => fact.principal !== undefined)?.fact.principal;
  const used =
    calls.length === 0 ? '' : `; with it were called ${enumerate(calls.map(({ fact }) => quote(fact.operation)))}`;
  return claim(
    'inferred',
    `It most likely began with a stolen credential${who === undefined ? '' : ` of ${quote(who)}`}: the vendor reports "${quote(alert.fact.category)}"${used}.`,
    [...alerts.slice(0, 3), ...calls].map(({ item }) => item),
    { pack, kinds: ['principal', 'ip', 'instance', 'secret'] },
  );
}

const OPEN_ACCESS =
  /unauthenticated|anonymous|without (?:authentication|a password)|\b(?:api|console|dashboard|endpoint|panel|port|server|service)s?\b.{0,40}\bexposed\b|\bexposed\b.{0,20}\b(?:api|console|dashboard|endpoint|panel|port|server|service)s?\b|publicly accessible|open to the (?:internet|world)/i;

/** Something that can be reached from outside, with a finding that says it should not be. Reachable alone is no cause. */
function openDoor({ pack, behaviours }: Investigation): Claim | undefined {
  if (behaviours.length === 0) return undefined;
  const findings = factsOf(pack, 'related-finding').filter(({ fact }) =>
    OPEN_ACCESS.test(`${fact.title} ${fact.category}`),
  );
  const failed = factsOf(pack, 'compliance').filter(
    ({ fact }) => !fact.passed && OPEN_ACCESS.test(`${fact.control} ${fact.reason}`),
  );
  const reached = [
    ...factsOf(pack, 'exposure').filter(({ fact }) => fact.reachableFromInternet === true),
    ...factsOf(pack, 'service').filter(({ fact }) => fact.exposed),
  ];
  const [finding] = [...findings.map(({ fact }) => fact.title), ...failed.map(({ fact }) => fact.control)];
  if (finding === undefined || reached.length === 0) return undefined;
  return claim(
    'inferred',
    `It most likely began over the network: ${placeWords(pack).runs.toLowerCase()} can be reached from outside, and "${quote(finding)}" says that what answers there is open.`,
    [...findings.slice(0, 2), ...failed.slice(0, 2), ...reached.slice(0, 2)].map(({ item }) => item),
    { pack, kinds: ['service', 'container', 'pod', 'workload', 'instance'] },
  );
}

const HOURS_AFTER = 24;

/** What is seen for the first time soon after a change came with it, as long as nothing points elsewhere. */
function badDeployment(investigation: Investigation): Claim | undefined {
  const { pack, behaviours } = investigation;
  const alerts = factsOf(pack, 'alert');
  const [first] = alerts.map(({ fact }) => fact.occurredAt).sort();
  const changes = factsOf(pack, 'revision').filter(
    ({ fact }) =>
      fact.current &&
      first !== undefined &&
      fact.createdAt <= first &&
      Date.parse(first) - Date.parse(fact.createdAt) <= HOURS_AFTER * 3_600_000 &&
      fact.previousImages?.some((image) => !fact.images.includes(image)),
  );
  const [change] = changes;
  const unlearned = behaviours.filter(({ name }) => name === 'unlearned-activity').flatMap(({ items }) => items);
  if (change === undefined || first === undefined || unlearned.length === 0) return undefined;
  const { fact, item } = change;
  const suspects = suspectsOf(investigation).flatMap(({ items }) => items);
  return claim(
    'inferred',
    `It may have come with the change of ${quote(fact.controllerKind)} ${quote(fact.controller)} to ${enumerate(fact.images.slice(0, 3).map((image) => quote(image)))}, ${duration(fact.createdAt, first)} before the first alert: what was seen had not been seen before it.`,
    unique(
      [
        item,
        ...alerts.filter(({ fact: one }) => one.occurredAt === first).map((one) => one.item),
        ...unlearned,
        ...suspects,
      ].slice(0, 8),
    ),
    { pack, kinds: ['workload', 'image', 'process'] },
  );
}

function unique(items: readonly EvidenceItem[]): EvidenceItem[] {
  return [...new Set(items)];
}
