import { catalogue } from '../../connectors/targets/catalogue.ts';
import { renderManifests } from '../../connectors/targets/kubernetes/manifests.ts';
import type { ActionClass } from '../../domain/actions/action.ts';
import { ACTION_WORDS } from '../../domain/actions/words.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction } from '../../domain/analysis/analysis.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { rolesOf } from '../actions/iam.ts';
import { readConfiguration } from '../configuration.ts';
import type { Register } from '../host.ts';
import { printableJson, table } from '../io.ts';
import { SetupError } from '../setup-error.ts';

/** One action of the catalogue, and what the configuration lets it do. */
export interface ActionRow {
  readonly name: ExecutableAction;
  readonly title: string;
  readonly system: string;
  readonly class: ActionClass;
  readonly reversible: boolean;
  /** What undoes it, or null: then it is never automatic. */
  readonly inverse: string | null;
  readonly verification: { readonly what: string; readonly withinSeconds: number };
  readonly permissions: { readonly read: readonly unknown[]; readonly write: readonly unknown[] };
  readonly gate: string;
}

interface Options {
  readonly json?: boolean;
  readonly manifest?: boolean;
  readonly iam?: boolean;
  readonly cluster?: string;
  readonly config?: string;
}

const USUAL_SECONDS = 20;

export const actions: Register = (program, host, answer) => {
  program
    .command('actions')
    .description(
      'List what Parapet can do: class, undo, verification, permissions, and the gate of this configuration.',
    )
    .option(
      '--manifest',
      'print the Kubernetes manifests with the rights of what is switched on, for kubectl apply -f -',
    )
    .option('--iam', 'print the roles of AWS accounts with the rights of what is switched on, as JSON')
    .option('--cluster <name>', 'cluster the manifests are for (default: the only one)')
    .option('--config <file>', 'configuration to read')
    .option('--json', 'machine-readable output')
    .action(async (options: Options) => {
      await answer(
        (async () => {
          const config = readConfiguration(options.config);
          if (options.manifest) host.io.out(renderManifests(config, clusterOf(config, options.cluster)).trimEnd());
          else if (options.iam) host.io.out(printableJson(rolesOf(config), 2));
          else if (options.json) host.io.out(printableJson(rowsOf(config), 2));
          else for (const line of linesOf(rowsOf(config))) host.io.out(line);
          return true;
        })(),
      );
    });
};

function rowsOf(config: Configuration): ActionRow[] {
  return EXECUTABLE_ACTIONS.map((name) => {
    const { system, action } = catalogue[name];
    const words = ACTION_WORDS[name];
    return {
      name,
      title: action.title,
      system,
      class: action.class,
      reversible: action.reversible,
      inverse: words.inverse,
      verification: { what: words.verification, withinSeconds: action.settlesWithinSeconds ?? USUAL_SECONDS },
      permissions: { read: action.permissions.read, write: action.permissions.write },
      gate: config.actions[name]?.gate ?? 'suggest',
    };
  });
}

function linesOf(rows: readonly ActionRow[]): string[] {
  return [
    ...table(
      ['ACTION', 'CLASS', 'UNDO', 'VERIFIED WITHIN', 'GATE HERE', 'WHAT'],
      rows.map(({ name, class: of, reversible, verification, gate, title }) => [
        name,
        of,
        reversible ? 'yes' : 'no',
        `${verification.withinSeconds} s`,
        gate,
        title,
      ]),
    ),
    '',
    'Permissions: --json, or --manifest for the manifests of a cluster.',
  ];
}

function clusterOf(config: Configuration, asked: string | undefined): string {
  const names = config.clusters.map(({ name }) => name);
  if (asked !== undefined) {
    if (!names.includes(asked)) throw new SetupError(`There is no cluster ${asked} in the configuration.`);
    return asked;
  }
  const [only] = names;
  if (only === undefined) throw new SetupError('The configuration names no cluster.');
  if (names.length > 1) throw new SetupError(`Say which cluster with --cluster: ${names.join(', ')}.`);
  return only;
}
