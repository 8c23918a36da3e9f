import type { Publication } from '../../domain/incident/incident.ts';
import { UnusableAnswerError } from '../http/request.ts';
import { SecretError } from '../secrets/secrets.ts';
import type { AuditLog, IncidentStore } from '../store/ports.ts';
import {
  type Destination,
  DestinationRefusedError,
  DestinationUnavailableError,
  type Receipt,
  type RemoteRecord,
} from './destination.ts';

/** As long as a publishing function may run (infra gives it no more), so that a living one is never overtaken. */
export const LEASE_SECONDS = 60;

/** Another invocation holds the claim and may still be creating the record: come back when its lease has ended. */
export class PublicationBusyError extends Error {
  override readonly name = 'PublicationBusyError';
}

export interface PublishDeps {
  readonly incidents: Pick<IncidentStore, 'claimPublication' | 'recordPublication'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly now: () => Date;
}

export interface PublishJob {
  readonly incidentId: string;
  readonly stage: string;
  readonly destination: Destination;
  /** The verb that publishes, for the audit log. */
  readonly actor: string;
}

export interface Published {
  readonly state: 'created' | 'updated' | 'failed';
  readonly remoteId?: string;
  readonly note?: string;
}

/**
 * Gives an incident exactly one record at a destination, however often it is called: claim, look up, create, record; a
 * record that exists is updated. A destination that does not work gives `failed` with the reason, because the incident
 * must go on without it (rule 9); the next stage tries again and looks up first.
 * @throws PublicationBusyError, and what the stores throw
 */
export async function publish(deps: PublishDeps, job: PublishJob): Promise<Published> {
  const { incidentId, destination } = job;
  const { mine, publication } = await deps.incidents.claimPublication(incidentId, {
    destination: destination.destination,
    system: destination.system,
    now: deps.now(),
    leaseSeconds: LEASE_SECONDS,
  });
  // `in-digest` only in a race: its `remoteId` names a message about many incidents, which must not become one about this.
  if (!mine && (publication.state === 'claimed' || publication.state === 'in-digest')) {
    throw new PublicationBusyError(
      `the ${destination.destination} of ${incidentId} is being published since ${publication.claimedAt}`,
    );
  }
  const attempt = await tryToPublish(destination, publication);
  if (attempt.ok) {
    const { receipt, state } = attempt;
    await record(deps, incidentId, publication, { state: 'created', receipt });
    await say(deps, job, { state, ...receiptData(receipt) });
    return { state, remoteId: receipt.remoteId };
  }
  const { note } = attempt;
  const { remoteId } = publication;
  await record(deps, incidentId, publication, { state: remoteId === undefined ? 'failed' : 'created', note });
  await say(deps, job, { state: 'failed', note });
  return { state: 'failed', note, ...(remoteId === undefined ? {} : { remoteId }) };
}

/** Says in the log that nothing was written, because the phase of the workload's scope is observe. */
export async function observed(
  deps: Pick<PublishDeps, 'audit' | 'now'>,
  of: Pick<PublishJob, 'incidentId' | 'stage' | 'actor'> & Pick<Destination, 'destination' | 'system'>,
): Promise<void> {
  const { incidentId, stage, actor, destination, system } = of;
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: actor },
    kind: 'published',
    data: { destination, system, stage, state: 'observed' },
  });
}

type Attempt =
  | { readonly ok: true; readonly receipt: Receipt; readonly state: 'created' | 'updated' }
  | { readonly ok: false; readonly note: string };

/** Only what the destination (or its credential) did is turned into a note; our own faults stay errors. */
async function tryToPublish(destination: Destination, publication: Publication): Promise<Attempt> {
  try {
    return { ok: true, ...(await createOrUpdate(destination, publication)) };
  } catch (error) {
    if (
      error instanceof DestinationRefusedError ||
      error instanceof DestinationUnavailableError ||
      error instanceof UnusableAnswerError ||
      error instanceof SecretError
    ) {
      // One sentence for ticket lists and the log; the cap keeps a talkative vendor out.
      return { ok: false, note: error.message.slice(0, 400) };
    }
    throw error;
  }
}

async function createOrUpdate(
  destination: Destination,
  publication: Publication,
): Promise<{ receipt: Receipt; state: 'created' | 'updated' }> {
  const known = remoteOf(publication) ?? (await destination.find());
  if (known) return { receipt: await destination.update(known), state: 'updated' };
  try {
    return { receipt: await destination.create(), state: 'created' };
  } catch (error) {
    if (!(error instanceof DestinationUnavailableError) || !error.outcomeUnknown) throw error;
    const found = await destination.find({ patient: true });
    if (!found) throw error;
    return { receipt: await destination.update(found), state: 'created' };
  }
}

function remoteOf({ remoteId, url }: Publication): RemoteRecord | undefined {
  return remoteId === undefined ? undefined : { remoteId, url };
}

async function record(
  deps: PublishDeps,
  incidentId: string,
  before: Publication,
  after: { readonly state: Publication['state']; readonly receipt?: Receipt; readonly note?: string },
): Promise<void> {
  const { note: _, ...kept } = before;
  await deps.incidents.recordPublication(incidentId, {
    ...kept,
    state: after.state,
    ...(after.receipt ? { remoteId: after.receipt.remoteId } : {}),
    ...(after.receipt?.url === undefined ? {} : { url: after.receipt.url }),
    ...(after.note === undefined ? {} : { note: after.note }),
    updatedAt: deps.now().toISOString(),
  });
}

async function say(deps: PublishDeps, job: PublishJob, data: Readonly<Record<string, unknown>>): Promise<void> {
  await deps.audit.append({
    chain: job.incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: job.actor },
    kind: 'published',
    data: { destination: job.destination.destination, system: job.destination.system, stage: job.stage, ...data },
  });
}

function receiptData(receipt: Receipt): Readonly<Record<string, unknown>> {
  const { remoteId, url, requestSha256, status, note } = receipt;
  return {
    remoteId,
    ...(url === undefined ? {} : { url }),
    requestSha256,
    status,
    ...(note === undefined ? {} : { note: note.slice(0, 400) }),
  };
}
