import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printIncident, readIncident } from '../cli/commands/incident.ts';
import { explain } from '../cli/explain.ts';
import { printable, processIo } from '../cli/io.ts';
import { DEFAULT_RUN_FILE } from '../cli/run-file.ts';
import { SetupError } from '../cli/setup-error.ts';
import { sentMails } from './emulator/mail.ts';
import { ChildFailedError } from './laptop/child.ts';
import { deliver } from './laptop/deliver.ts';
import { type Laptop, startLaptop } from './laptop/laptop.ts';
import { DEFAULT_MODEL_ID, type LaptopModel, laptopModel } from './laptop/model.ts';
import { progress } from './laptop/progress.ts';
import { laptopSettings, PROJECT } from './laptop/settings.ts';
import { deliveriesOf, incidentToDecide } from './laptop/story.ts';
import { waitFor } from './laptop/wait.ts';
import { DEFAULT_STORY, STORIES } from './stories/registry.ts';
import type { Story } from './stories/story.ts';
import { linkFor } from './walkthrough/approver.ts';
import type { Plot } from './walkthrough/plots/plot.ts';
import { PLOTS } from './walkthrough/plots/registry.ts';
import type { Step } from './walkthrough/step.ts';
import { walkThrough } from './walkthrough/walkthrough.ts';

/** The walkthrough as it goes when everything goes well. */
const USUAL = 'quarantine';

const HELP = `npm start [-- --walkthrough]

Starts the whole pipeline on this machine: an AWS emulator, the stack deployed to it with cdk, and a sandbox that speaks
the vendors' APIs; then sends a source's alerts and shows the incident. Needs no AWS account and no keys.

  --walkthrough   play the approver too, look at everything from the outside, and end: 0 if all of it really happened, else 1
  --source NAME   whose story to play (default ${DEFAULT_STORY.source}); one of: ${Object.keys(STORIES).join(', ')}
  --story NAME    with --walkthrough: how the story goes on (default ${USUAL}: it is approved and contained); one of:
${Object.entries(PLOTS)
  .map(([name, { what }]) => `                    ${name.padEnd(16)} ${what}`)
  .join('\n')}
  --model scripted  let the sandbox's scripted model tell the story through the Bedrock adapter, look-ups included
  --help          this text

PARAPET_PORT      port of the emulator (default 4566); the sandbox takes the 14th and 15th port after it
PARAPET_ENDPOINT  an emulator that runs already, e.g. http://127.0.0.1:4566; it is not stopped
PARAPET_MODEL_URL an OpenAI-compatible server that tells the story, e.g. http://127.0.0.1:11434/v1 (Ollama); no key is sent
PARAPET_MODEL_ID  the model to ask there (default ${DEFAULT_MODEL_ID})
PARAPET_PYTHON    Python to install the emulator with (default: python3, 3.10 or newer)`;

// The SDK's version is pinned and supports Node 20; its notice about a later one says nothing to the person here.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const say = progress((line) => processIo.err(printable(line)));
process.exitCode = await run();

/** @returns the exit code: 0, 1 (something did not happen), 2 (something is missing on this machine), 130 (interrupted) */
async function run(): Promise<number> {
  const interrupted = new AbortController();
  // Once: a second Ctrl-C ends at once, and the emulator ends with us in any case (emulator/run.py).
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  let laptop: Laptop | undefined;
  try {
    const options = readOptions();
    if (options.help) {
      processIo.out(HELP);
      return 0;
    }
    laptop = await startLaptop({
      settings: laptopSettings({ run: 'laptop' }),
      say,
      runFile: join(PROJECT, DEFAULT_RUN_FILE),
      signal: interrupted.signal,
      scenario: options.story.scenario,
      adapt: (sample) => {
        const adapted = options.story.adapt?.(sample) ?? sample;
        return options.plot?.adapt?.(adapted) ?? adapted;
      },
      model: options.model,
    });
    return options.walkthrough
      ? await tellWalkthrough(laptop, options)
      : await stayUp(laptop, options.story, interrupted.signal);
  } catch (error) {
    return interrupted.signal.aborted ? 130 : tellFailure(error);
  } finally {
    await laptop?.stop();
  }
}

interface Options {
  readonly walkthrough: boolean;
  readonly help: boolean;
  readonly story: Story;
  /** Absent: the usual one. */
  readonly plot: Plot | undefined;
  readonly model: LaptopModel | undefined;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        walkthrough: { type: 'boolean', default: false },
        source: { type: 'string', default: DEFAULT_STORY.source },
        story: { type: 'string', default: USUAL },
        model: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const story = Object.values(STORIES).find(({ source }) => source === values.source);
    if (!story)
      throw new Error(`there is no story of "${values.source}"; there is: ${Object.keys(STORIES).join(', ')}`);
    const plot = plotOf(values.story, values, story);
    return { ...values, story: plot?.story ?? story, plot, model: laptopModel(values.model) };
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError(`${cause instanceof Error ? cause.message : String(cause)} (npm start -- --help)`, { cause });
  }
}

/** @throws Error in words for the person */
function plotOf(name: string, { walkthrough }: { readonly walkthrough: boolean }, of: Story): Plot | undefined {
  if (name === USUAL) return undefined;
  const plot = PLOTS[name];
  if (!plot) throw new Error(`there is no story "${name}"; there is: ${[USUAL, ...Object.keys(PLOTS)].join(', ')}`);
  if (!walkthrough) throw new Error(`--story ${name} is played with --walkthrough`);
  if (of !== DEFAULT_STORY) throw new Error(`--story ${name} is played with the alerts of ${DEFAULT_STORY.source}`);
  return plot;
}

async function tellWalkthrough(laptop: Laptop, { story, plot, model }: Options): Promise<number> {
  const steps = plot
    ? await plot.play({ laptop, story, say })
    : await walkThrough(laptop, story, { model, say, show: (view) => printIncident(processIo, view) });
  processIo.out('\nWhat really happened\n--------------------');
  for (const { ok, what, seen } of steps) processIo.out(printable(`${ok ? 'yes' : 'NO '}  ${what} (${seen})`));
  const missing = steps.filter(({ ok }: Step) => !ok).length;
  say(
    missing === 0 ? `all ${steps.length} steps really happened` : `${missing} of ${steps.length} steps did not happen`,
  );
  return missing === 0 ? 0 : 1;
}

async function stayUp(laptop: Laptop, story: Story, interrupted: AbortSignal): Promise<number> {
  const { connection } = laptop;
  const deliveries = deliveriesOf(story);
  say(`sending ${deliveries.length} alerts of ${story.source} about ${story.title}`);
  await deliver(laptop, story.source, deliveries);
  const { incidentId } = await incidentToDecide(connection, say);
  const view = await readIncident(connection, incidentId);
  if (view) printIncident(processIo, view);
  await tellWhereToLook(laptop, incidentId);
  if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener('abort', resolve));
  say('stopping');
  return 0;
}

async function tellWhereToLook(laptop: Laptop, incidentId: string): Promise<void> {
  const { connection, endpoint, sandbox } = laptop;
  const pending = (await connection.approvals.forIncident(incidentId)).filter(({ status }) => status === 'PENDING');
  const out = (line: string): void => processIo.out(printable(line));
  processIo.out('\nWhere to look\n-------------');
  for (const approval of pending) {
    const link = await waitFor('the mail with the link', async () => linkFor(await sentMails(endpoint), approval), {
      withinMs: 30_000,
    });
    out(`decide about ${approval.action} (from the mail to ${approval.approvers.join(', ')}):`);
    out(`  ${link}`);
  }
  out(`tickets    ${sandbox.http.url}/_sandbox/jira`);
  out(`chat       ${sandbox.http.url}/_sandbox/slack`);
  out(`cluster    ${sandbox.kubernetes.url}/_sandbox/kubernetes (certificate of a throw-away authority)`);
  processIo.out('\nIn another terminal\n-------------------');
  out(`npx parapet incident ${incidentId}`);
  out(`npx parapet approvals --pending`);
  out(`npx parapet audit verify ${incidentId}`);
  out(`npx parapet doctor`);
  processIo.out('');
  say('up; Ctrl-C ends everything');
}

function tellFailure(error: unknown): number {
  if (error instanceof ChildFailedError) {
    processIo.err(error.tail);
    processIo.err(`The deployment failed: ${error.message}. All of its output is in ${error.log}.`);
    return 1;
  }
  processIo.err(printable(explain(error)));
  if (error instanceof Error && !(error instanceof SetupError)) processIo.err(error.stack ?? '');
  return error instanceof SetupError ? 2 : 1;
}
