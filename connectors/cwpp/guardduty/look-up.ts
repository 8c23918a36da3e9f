import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import type { Attempt, Attempts } from '../attempts.ts';
import { type GuardDutyClient, isId, MAX_IDS } from './client.ts';
import type { LookedUp } from './confirmation.ts';
import { readFinding } from './finding.ts';
import { parseReadBack } from './read-back.ts';
import type { GuardDutyFinding } from './schema.ts';

/** Findings of one incident that are read back; the event AWS sent stands for the others. */
const MAX_LOOKED_UP = 200;
const FIELD = 'GetFindings';
const MISSING = 'the confirmation of an alert by GuardDuty';

export interface LookUpContext {
  /** Or why there is none. */
  readonly client: GuardDutyClient | string;
  readonly attempts: Attempts;
  readonly findings: readonly NormalizedFinding[];
  readonly now: () => Date;
  /** The region of the API that is configured. */
  readonly region: string | undefined;
}

export type Records = (found: NormalizedFinding) => LookedUp;

/** Reads the records of all findings, 50 in a call; what could not be asked says why. */
export async function lookUp(context: LookUpContext): Promise<Records> {
  const { findings, region } = context;
  const locators = findings.flatMap(({ readBack }) => parseReadBack(readBack) ?? []);
  const wanted = [...new Set(locators.map(({ findingId }) => findingId))].filter(isId).slice(0, MAX_LOOKED_UP);
  const answers = new Map<string, LookedUp>();
  for (let from = 0; from < wanted.length; from += MAX_IDS) {
    const ids = wanted.slice(from, from + MAX_IDS);
    const attempt = await readRecords(context, locators[0]?.detectorId, ids);
    for (const id of ids) answers.set(id, answerOf(id, attempt, context.now()));
  }
  return (found) => {
    const locator = parseReadBack(found.readBack);
    if (locator === undefined) return { kind: 'absent' };
    if (locator.region !== undefined && region !== undefined && locator.region !== region) {
      return {
        kind: 'not-asked',
        why: `the finding is of region ${locator.region}, the API that is configured is of ${region}`,
      };
    }
    return answers.get(locator.findingId) ?? { kind: 'not-asked', why: 'its id is none, or there are too many' };
  };
}

async function readRecords(
  { client, attempts }: LookUpContext,
  named: string | undefined,
  ids: readonly string[],
): Promise<Attempt<readonly GuardDutyFinding[]>> {
  if (typeof client === 'string') return { failure: client };
  const detector = await detectorFor(client, named, attempts);
  if ('failure' in detector) return detector;
  return await attempts.read(FIELD, MISSING, () => client.findings(detector.id, ids));
}

function answerOf(id: string, attempt: Attempt<readonly GuardDutyFinding[]>, now: Date): LookedUp {
  if ('failure' in attempt) return { kind: 'not-asked', why: attempt.failure };
  const record = attempt.value.find((one) => one.id === id);
  return record ? { kind: 'record', record, normalized: normalizedOf(record, now) } : { kind: 'absent' };
}

/**
 * Findings are asked for by our own account's detector, which with a delegated administrator also answers for the members; the
 * alert's own detector is used when it is ours.
 */
export async function detectorFor(
  client: GuardDutyClient,
  named: string | undefined,
  attempts: Attempts,
): Promise<{ readonly id: string } | { readonly failure: string }> {
  const read = await attempts.read('ListDetectors', MISSING, () => client.detectors());
  if ('failure' in read) return read;
  const id = read.value.find((own) => own === named) ?? read.value[0];
  return id === undefined ? { failure: 'the account has no GuardDuty detector in this region' } : { id };
}

/** The record as the mapper reads it: one way from GuardDuty's words to facts, whoever delivered them. */
export function normalizedOf(record: GuardDutyFinding, now: Date): NormalizedFinding | undefined {
  const reading = readFinding(record, undefined, {
    sha256: '0'.repeat(64),
    bytes: 0,
    receivedAt: now.toISOString(),
    channel: 'poll',
  });
  return reading.ok ? reading.finding : undefined;
}
