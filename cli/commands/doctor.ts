import type { Configuration } from '../../domain/config/schema.ts';
import { readConfiguration } from '../configuration.ts';
import type { Connection } from '../context.ts';
import { checkAnswers } from '../doctor/answers.ts';
import { type Check, check, NotSoError } from '../doctor/check.ts';
import { checkEndpoints } from '../doctor/endpoints.ts';
import { checkModels } from '../doctor/models.ts';
import { checkPolls } from '../doctor/polls.ts';
import { checkPushes } from '../doctor/pushes.ts';
import { checkSecrets } from '../doctor/secrets.ts';
import { explain } from '../explain.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { type Io, printable, printableJson } from '../io.ts';
import { deadLetterQueues } from '../outputs.ts';
import { SetupError } from '../setup-error.ts';

export const doctor: Register = (program, host, answer) => {
  withPlace(
    program
      .command('doctor')
      .description(
        'Check configuration, secrets, tables, queues and addresses; says how to mend what is wrong. Prints no secret.',
      )
      .option('--models', 'also ask every configured model one tiny question, which costs a few tokens'),
  ).action(async (options: PlaceOptions & { readonly models?: boolean }) => {
    await answer(
      (async () => {
        const connection = await host.connect(options);
        const checks = await examine(connection, { models: options.models ?? false });
        if (options.json) host.io.out(printableJson({ ok: checks.every(({ ok }) => ok), checks }, 2));
        else print(host.io, connection.where, checks);
        return checks.every(({ ok }) => ok);
      })(),
    );
  });
};

/** Every check, in the order in which a person would mend things. */
export async function examine(
  connection: Connection,
  also: { readonly models: boolean } = { models: false },
): Promise<readonly Check[]> {
  const read = configurationOf(connection.configuration);
  const stack = checkStack(connection);
  if (read.config === undefined) return [read.check, ...(await stack)];
  const [secrets, answers, endpoints, models, pushes, polls] = await Promise.all([
    checkSecrets(read.config, connection.health),
    checkAnswers(read.config),
    checkEndpoints(read.config, connection),
    also.models ? checkModels(read.config, connection) : [],
    checkPushes(read.config, connection),
    checkPolls(read.config, connection),
  ]);
  return [read.check, ...secrets, ...answers, ...(await stack), ...endpoints, ...models, ...pushes, ...polls];
}

function configurationOf(file: string): { readonly check: Check; readonly config?: Configuration } {
  try {
    return { config: readConfiguration(file), check: { name: 'configuration', ok: true, detail: `${file} is valid` } };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const fix = 'correct the file (an editor completes it from schemas/parapet.config.schema.json) and deploy';
    return { check: { name: 'configuration', ok: false, detail: error.message, fix } };
  }
}

async function checkStack(connection: Connection): Promise<readonly Check[]> {
  const { outputs, health } = connection;
  const deploy = 'deploy the stack again, or sign in with a role that may look at it';
  const tables = [outputs.IncidentsTable, outputs.DeduplicationTable, outputs.ApprovalsTable, outputs.AuditTable];
  const buckets = [outputs.EvidenceBucket, outputs.AnchorBucket];
  const checks = await Promise.all([
    ...tables.map((name) =>
      check(
        `table ${name}`,
        deploy,
        async () => {
          const { status } = await health.table(name);
          if (status !== 'ACTIVE' && status !== 'UPDATING') throw new NotSoError(`is ${status}`);
          return 'can be reached';
        },
        explain,
      ),
    ),
    ...buckets.map((name) => check(`bucket ${name}`, deploy, reached(health.bucket(name)), explain)),
    check(`bus ${outputs.BusName}`, deploy, reached(health.bus(outputs.BusName)), explain),
  ]);
  return [...checks, ...(await checkQueues(connection))];
}

function reached(asked: Promise<void>): () => Promise<string> {
  return async () => {
    await asked;
    return 'can be reached';
  };
}

async function checkQueues({ outputs, health }: Connection): Promise<readonly Check[]> {
  return await Promise.all(
    Object.entries(deadLetterQueues(outputs)).map(([what, url]) =>
      check(
        `dead letters: ${what}`,
        'read the log of the function it belongs to, mend the cause, then start a redrive of the queue (docs/operating.md)',
        async () => {
          const messages = await health.messages(url);
          if (messages > 0) throw new NotSoError(`${messages} wait in ${url.split('/').at(-1)}`);
          return 'none';
        },
        explain,
      ),
    ),
  );
}

function print(io: Io, where: string, checks: readonly Check[]): void {
  io.err(`Checking ${where}.`);
  for (const { name, ok, detail, fix } of checks) {
    io.out(printable(`${ok ? 'ok   ' : 'FIX  '} ${name}: ${detail}`));
    if (fix !== undefined) io.out(printable(`      -> ${fix}`));
  }
  const wrong = checks.filter(({ ok }) => !ok).length;
  io.err(wrong === 0 ? 'Everything is connected.' : `${wrong} of ${checks.length} checks need a hand.`);
}
