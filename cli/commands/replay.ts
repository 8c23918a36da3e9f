import { compilePrompt, PromptError } from '../../prompts/compile.ts';
import { PROMPT } from '../../prompts/generated/incident-analysis.ts';
import { REPAIR, repairBy } from '../../prompts/repair.ts';
import { readConfiguration } from '../configuration.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { type Io, printable, printableJson } from '../io.ts';
import { readBytes } from '../parse.ts';
import { type ReplayReport, readRecording, replayByRules, replayWithModel } from '../replay/replay.ts';
import { SetupError } from '../setup-error.ts';

interface ReplayOptions extends PlaceOptions {
  readonly model?: string;
  readonly prompt?: string;
}

export const replay: Register = (program, host, answer) => {
  withPlace(
    program
      .command('replay')
      .description(
        'Analyse a stored incident again from its stored evidence and show what would be said differently. Touches nothing.',
      )
      .argument('<id>', 'incident id')
      .option(
        '--model <profile>',
        'let this profile of the configuration tell it; without it the rules alone are replayed',
      )
      .option('--prompt <file>', 'a prompt file to try instead of the deployed one; needs --model'),
  ).action(async (id: string, options: ReplayOptions) => {
    await answer(
      (async () => {
        const prompts = promptsOf(options);
        const connection = await host.connect(options);
        const recording = await readRecording(connection, id);
        if (recording === undefined) {
          host.io.err(`There is no analysed incident ${printable(id)}.`);
          return false;
        }
        if (options.model !== undefined) host.io.err(`asking ${printable(options.model)} …`);
        const report =
          options.model === undefined
            ? replayByRules(recording)
            : await replayWithModel(connection, readConfiguration(connection.configuration), recording, {
                profile: options.model,
                ...prompts,
                now: host.now,
              });
        if (options.json) host.io.out(printableJson(report, 2));
        else print(host.io, report);
        return report.sameDecision;
      })(),
    );
  });
};

/** The file in the place of the deployed prompt it would follow: the analysis, or the repair turn within it. */
function promptsOf({ model, prompt }: ReplayOptions) {
  if (prompt === undefined) return { prompt: PROMPT };
  if (model === undefined) throw new SetupError('--prompt needs --model: the rules read no prompt.');
  const text = readBytes(prompt).toString('utf8');
  try {
    const compiled = compilePrompt(prompt, text);
    return compiled.id === REPAIR.id ? { prompt: PROMPT, repair: repairBy(compiled) } : { prompt: compiled };
  } catch (cause) {
    if (!(cause instanceof PromptError)) throw cause;
    throw new SetupError(cause.message.replaceAll('\n', '; '), { cause });
  }
}

function print(io: Io, { incidentId, before, after, sameDecision, differences, dropped, cost }: ReplayReport): void {
  const author = ({ rules, model, fallback }: ReplayReport['before']): string =>
    `rules ${rules}${model === undefined ? '' : `, told by ${model}`}${fallback === undefined ? '' : `, rules alone (${fallback})`}`;
  io.out(printable(`Incident ${incidentId}`));
  io.out(printable(`  then: ${author(before)}`));
  io.out(printable(`  now:  ${author(after)}`));
  for (const { what, before: was, after: is, decisive } of differences) {
    io.out(printable(`${decisive ? '!' : ' '} ${what}`));
    if (was !== '') io.out(printable(`    - ${was}`));
    if (is !== '') io.out(printable(`    + ${is}`));
  }
  for (const { what, why } of dropped) io.out(printable(`  dropped: ${what} (${why})`));
  if (cost !== undefined)
    io.out(
      `  ${cost.calls} calls, ${cost.tokens} tokens, about USD ${(cost.microUsd / 1_000_000).toFixed(4)}${cost.unpricedCalls > 0 ? ', not all priced' : ''}`,
    );
  io.out(
    sameDecision
      ? 'Nothing that leads to a response would be decided differently.'
      : 'It would be decided differently (marked !).',
  );
}
