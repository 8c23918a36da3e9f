import { InvalidArgumentError } from 'commander';
import { FunctionFailedError, InvokeError } from '../../connectors/functions/answer.ts';
import { type AskInput, type AskOutput, askOutputSchema, threadIdSchema } from '../../domain/ask/exchange.ts';
import { MAX_QUESTION } from '../../domain/ask/question.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { type Io, printable, printableJson } from '../io.ts';
import { nameOfPerson } from '../person.ts';
import { wrap } from '../render.ts';
import { SetupError } from '../setup-error.ts';

interface AskOptions extends PlaceOptions {
  readonly thread?: string;
  readonly timeout: number;
}

const DEFAULT_SECONDS = 300;
/** A query answers at once; whoever waits longer than this waits for a model. */
const SLOW_MS = 4_000;

export const ask: Register = (program, host, answer) => {
  withPlace(
    program
      .command('ask')
      .description('Ask a question about an incident; the answer names the evidence it stands on.')
      .argument('<id>', 'incident id, as `parapet incidents` shows it')
      .argument('<question>', `in English, at most ${MAX_QUESTION} characters: "What spawned this process?"`)
      .option('--thread <id>', 'go on with a thread: "it" is what was spoken of last', parseThread)
      .option('--timeout <seconds>', 'how long to wait for the answer', parseSeconds, DEFAULT_SECONDS),
  ).action(async (id: string, question: string, options: AskOptions) => {
    await answer(
      (async () => {
        const connection = await host.connect(options);
        const said = await askFor(host.io, connection, { id, question, options });
        if (said.outcome === 'refused') throw new SetupError(`The question was not taken: ${printable(said.reason)}.`);
        if (options.json) host.io.out(printableJson(withoutOutcome(said), 2));
        else print(host.io, said);
        return said.kind !== 'cannot-tell';
      })(),
    );
  });
};

type Answered = Extract<AskOutput, { outcome: 'answered' }>;

function withoutOutcome({ outcome: _, ...rest }: Answered) {
  return rest;
}

async function askFor(
  io: Io,
  { ask: call }: Pick<Connection, 'ask'>,
  { id, question, options }: { readonly id: string; readonly question: string; readonly options: AskOptions },
): Promise<AskOutput> {
  const input: AskInput = {
    incidentId: id.slice(0, 100),
    // The function refuses what is longer; a megabyte need not travel for that.
    question: question.slice(0, MAX_QUESTION + 1),
    asker: nameOfPerson(),
    ...(options.thread === undefined ? {} : { threadId: options.thread }),
  };
  const slow = setTimeout(
    () => io.err('Waiting for the answer; where a model is asked this can take a minute.'),
    SLOW_MS,
  );
  try {
    const said = askOutputSchema.safeParse(await call(input, AbortSignal.timeout(options.timeout * 1000)));
    if (said.success) return said.data;
    throw new SetupError('The answer is of another version of Parapet: use the version that is deployed.', {
      cause: said.error,
    });
  } catch (error) {
    throw explained(error, options.timeout);
  } finally {
    clearTimeout(slow);
  }
}

/** The error of the call in words for the person who asked; its own message names the function. */
function explained(error: unknown, seconds: number): unknown {
  if (error instanceof FunctionFailedError)
    return new SetupError(`${error.message}: its log says why.`, { cause: error });
  if (!(error instanceof InvokeError)) return error;
  const { cause } = error;
  if (cause instanceof Error && /Abort|Timeout/.test(cause.name))
    return new SetupError(`There was no answer within ${seconds} seconds; --timeout waits longer.`, { cause: error });
  return cause instanceof Error ? cause : error;
}

function print(io: Io, said: Answered): void {
  for (const line of said.sentences.length > 0 ? said.sentences.flatMap(sentenceLines) : wrap(said.answer, ''))
    io.out(line);
  if (said.sentences.length > 0 && said.unknowns.length > 0) {
    io.out('\nNot known\n---------');
    for (const { text, evidence } of said.unknowns)
      for (const line of wrap(cited(text, evidence), '  ', '- ')) io.out(line);
  }
  if (said.evidence.length > 0) io.out('\nEvidence\n--------');
  for (const { id, source, observedAt, trust, text } of said.evidence)
    for (const line of wrap(`${id} (${source}, ${observedAt}, ${TRUST[trust]}): ${text}`, '     ', '')) io.out(line);
  io.out(`\n${printable(authorLine(said))}`);
  if (said.fallback !== undefined) io.err(printable(`No model answered: ${said.fallback}.`));
  if (said.dropped.length > 0)
    io.err(`${said.dropped.length} parts of the model's answer did not stand on the evidence and were left out.`);
}

function sentenceLines({ text, kind, evidence }: Answered['sentences'][number]): string[] {
  return wrap(`${kind === 'inferred' ? 'Inferred: ' : ''}${cited(text, evidence)}`, '');
}

function cited(text: string, evidence: readonly string[]): string {
  return evidence.length === 0 ? text : `${text} ${evidence.map((id) => `[${id}]`).join('')}`;
}

const TRUST: Readonly<Record<Answered['evidence'][number]['trust'], string>> = {
  vendor: 'by the vendor',
  own: 'read by us',
  attacker_influenced: 'text the workload could choose',
};

function authorLine({ author, threadId, turn }: Answered): string {
  const by =
    author.by === 'queries'
      ? 'Answered by queries over the evidence, without a model'
      : `Answered by model ${author.modelId} (${author.profile}), checked against the evidence`;
  return `${by}. Go on with --thread ${threadId} (turn ${turn}).`;
}

function parseThread(text: string): string {
  const parsed = threadIdSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('it must be the id of a thread, such as th-0123456789ab.');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 900) return seconds;
  throw new InvalidArgumentError('it must be a whole number from 1 to 900.');
}
