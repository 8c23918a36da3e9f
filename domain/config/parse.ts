import { approvalProblems } from './approval-checks.ts';
import { playbookProblems } from './playbook-checks.ts';
import type { ConfigurationProblem } from './problem.ts';
import { type Configuration, configurationSchema } from './schema.ts';

export type { ConfigurationProblem } from './problem.ts';

/** The file cannot be used; `problems` names every place at once, so that one correction round is enough. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];
  constructor(problems: readonly ConfigurationProblem[], options?: ErrorOptions) {
    super(problems.map(({ path, reason }) => (path ? `${path}: ${reason}` : reason)).join('\n'), options);
    this.problems = problems;
  }
}

/** Parsed and cross-checked configuration. @throws ConfigurationError */
export function parseConfiguration(value: unknown): Configuration {
  const parsed = configurationSchema.safeParse(value);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map((issue) => ({ path: formatPath(issue.path), reason: issue.message })),
    );
  }
  const problems = crossCheck(parsed.data);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return parsed.data;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = String(part);
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${text}["${name}"]`;
    return text ? `${text}.${name}` : name;
  }, '');
}

function crossCheck(config: Configuration): ConfigurationProblem[] {
  return [
    ...duplicates(
      'clusters',
      config.clusters.map(({ name }) => name),
      'name',
    ),
    ...duplicates(
      'accounts',
      config.accounts.map(({ id }) => id),
      'id',
    ),
    ...duplicates(
      'approvers',
      config.approvers.map(({ id }) => id),
      'id',
    ),
    ...readAndWriteAreDifferent(config),
    ...mailIsThereForApprovers(config),
    ...approvalProblems(config),
    ...slackCanAsk(config),
    ...playbookProblems(config),
  ];
}

function duplicates(list: string, names: readonly string[], field: string): ConfigurationProblem[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [{ path: `${list}[${index}].${field}`, reason: `"${name}" is used twice; each must be unique` }]
      : [],
  );
}

/** Rule 8: read and write credentials of a target are different secrets. */
function readAndWriteAreDifferent(config: Configuration): ConfigurationProblem[] {
  return config.clusters.flatMap(({ readSecret, writeSecret }, index) =>
    readSecret === writeSecret
      ? [
          {
            path: `clusters[${index}].writeSecret`,
            reason: 'must be another secret than readSecret: reading and containing use different service accounts',
          },
        ]
      : [],
  );
}

function mailIsThereForApprovers(config: Configuration): ConfigurationProblem[] {
  const asks = Object.values(config.actions).some((action) => action.gate === 'ask');
  return asks && config.approvers.length > 0 && config.destinations.mail === undefined
    ? [{ path: 'destinations.mail', reason: 'is needed because actions with gate "ask" are sent to approvers by mail' }]
    : [];
}

function slackCanAsk({ destinations: { chat } }: Configuration): ConfigurationProblem[] {
  if (chat?.approvals !== true) return [];
  const missing = (['signingSecret', 'appId', 'teamId'] as const).filter((name) => chat[name] === undefined);
  return missing.map((name) => ({
    path: `destinations.chat.${name}`,
    reason: 'is needed because questions are asked in Slack (approvals)',
  }));
}
