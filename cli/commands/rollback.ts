import { InvalidArgumentError } from 'commander';
import type { Started } from '../../connectors/workflow/executions.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { readableTime } from '../../domain/publish/text.ts';
import { MAX_REASON } from '../../domain/undo/plan.ts';
import type { UndoRequest } from '../../domain/undo/steps.ts';
import { nextAttempt, type Undone, undoStanding, undosIn, undoWords } from '../../domain/undo/undo.ts';
import { genuine } from '../chain.ts';
import type { Connection } from '../context.ts';
import { type Host, type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printable, printableJson } from '../io.ts';
import { nameOfPerson } from '../person.ts';
import { SetupError } from '../setup-error.ts';

interface RollbackOptions extends PlaceOptions {
  readonly reason?: string;
  readonly wait: boolean;
  readonly timeout?: number;
}

/** Names that are used up by runs which broke before they could say how they ended. */
const MOST_BROKEN = 20;
const POLL_MS = 1_000;

export const rollback: Register = (program, host, answer) => {
  withPlace(
    program
      .command('rollback')
      .description(
        'Put back what an executed action did. People are asked first, as many and with the same rights as for the action; nothing is changed before they approve.',
      )
      .argument('<incident>', 'incident id, as `parapet incidents` shows it')
      .argument('<action>', 'the action in its plan, such as A1')
      .option(
        '--reason <text>',
        `why, for whoever decides and for the log; at most ${MAX_REASON} characters`,
        parseReason,
      )
      .option('--no-wait', 'ask and end; `parapet incident` tells later how it ended')
      .option('--timeout <seconds>', 'wait no longer than this; what was asked goes on', parseSeconds),
  )
    .addHelpText('after', '\nExit code 0: it was put back and read back (with --no-wait: it was asked for).')
    .action(async (incidentId: string, actionId: string, options: RollbackOptions) => {
      await answer(run(host, incidentId, actionId, options));
    });
};

async function run(host: Host, incidentId: string, actionId: string, options: RollbackOptions): Promise<boolean> {
  const connection = await host.connect(options);
  const { io } = host;
  const incident = await connection.incidents.get(incidentId);
  if (incident === undefined) {
    io.err(`There is no incident ${printable(incidentId)}.`);
    return false;
  }
  const chain = genuine(await connection.audit.readUnparsed(incidentId));
  const over = incident.status === 'concluded' || incident.status === 'failed';
  // Said at once; the state machine finds out for itself before it asks anybody.
  const standing = undoStanding(chain, actionId, over);
  if (!standing.ok) {
    io.err(printable(`Nothing is put back: ${standing.reason}.`));
    return false;
  }
  const { request, started } = await start(connection, chain, { incidentId, actionId, reason: options.reason });
  const told = { incidentId, actionId, attempt: request.attempt, execution: started.execution };
  io.err(
    started.state === 'running'
      ? `This was asked for already (request ${request.attempt}) and is under way.`
      : `Asked for: ${printable(actionId)} of ${printable(incidentId)} is to be put back (request ${request.attempt}).`,
  );
  if (!options.wait) {
    if (options.json) io.out(printableJson({ ...told, state: started.state }, 2));
    return true;
  }
  const undone = await ended(host, connection, { request, execution: started.execution, seconds: options.timeout });
  if (options.json) io.out(printableJson({ ...told, ...undone }, 2));
  else io.out(printable(`${undoWords(undone)}.`));
  return undone.result === 'undone';
}

/** A name for each attempt: asked twice while it is open, it is asked once. */
async function start(
  { rollBacks }: Connection,
  chain: readonly AuditEntry[],
  wish: { readonly incidentId: string; readonly actionId: string; readonly reason: string | undefined },
): Promise<{ readonly request: UndoRequest; readonly started: Started }> {
  const { incidentId, actionId, reason } = wish;
  const first = nextAttempt(chain, actionId);
  for (let attempt = first; attempt < first + MOST_BROKEN; attempt += 1) {
    const request: UndoRequest = {
      incidentId,
      actionId,
      attempt,
      requestedBy: nameOfPerson(),
      ...(reason === undefined ? {} : { reason }),
    };
    const started = await rollBacks.start(`${incidentId}-${actionId}-${attempt}`, request);
    if (started.state !== 'ended') return { request, started };
  }
  throw new SetupError(`${MOST_BROKEN} runs of this roll-back have broken off: look at the newest one first.`);
}

async function ended(
  host: Host,
  connection: Connection,
  of: { readonly request: UndoRequest; readonly execution: string; readonly seconds: number | undefined },
): Promise<Undone> {
  const { request, execution, seconds } = of;
  const until = seconds === undefined ? undefined : host.now().getTime() + seconds * 1000;
  let asked = false;
  for (;;) {
    // The state first: what a run that has ended has to say stands in the log by then.
    const state = await connection.rollBacks.stateOf(execution);
    const undone = endOf(genuine(await connection.audit.readUnparsed(request.incidentId)), request);
    if (undone !== undefined) return undone;
    if (state !== 'running')
      throw new SetupError(`The run of this roll-back broke off without a result: look at ${execution}.`);
    if (!asked) asked = await tellQuestion(host, connection, request);
    if (until !== undefined && host.now().getTime() >= until)
      throw new SetupError(`It had not ended after ${seconds} seconds; it goes on, and \`parapet incident\` shows it.`);
    await host.sleep(POLL_MS);
  }
}

function endOf(chain: readonly AuditEntry[], { actionId, attempt }: UndoRequest): Undone | undefined {
  return undosIn(chain).find((one) => one.actionId === actionId && one.attempt === attempt);
}

/** @returns whether people have been asked, so that it is said once */
async function tellQuestion(
  { io }: Host,
  { approvals }: Connection,
  { incidentId, actionId, attempt }: UndoRequest,
): Promise<boolean> {
  const question = (await approvals.forIncident(incidentId)).find(
    (one) =>
      purposeOf(one) === 'undo' &&
      one.actionId === actionId &&
      one.planKey.endsWith(`/undo-${actionId}-${attempt}.json`),
  );
  if (question === undefined) return false;
  const { approvalId, approvers, quorum, expiresAt } = question;
  io.err(
    printable(
      `Waiting for ${quorum === 1 ? 'a decision' : `${quorum} approvals`} of ${approvers.join(', ')} about ${approvalId} until ${readableTime(expiresAt)}.`,
    ),
  );
  return true;
}

function parseReason(text: string): string {
  if (text.trim() !== '' && text.length <= MAX_REASON) return text;
  throw new InvalidArgumentError(`it must have 1 to ${MAX_REASON} characters.`);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 604_800) return seconds;
  throw new InvalidArgumentError('it must be a whole number from 1 to 604800.');
}
