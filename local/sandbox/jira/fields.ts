import { faultOfAdf } from './adf.ts';
import type { JiraScenario } from './scenario.ts';

type Json = Readonly<Record<string, unknown>>;
export type FieldErrors = Readonly<Record<string, string>>;

export interface IssueFields {
  readonly summary: string;
  readonly description: unknown;
  readonly labels: readonly string[];
}

const REQUIRED = ['project', 'issuetype', 'summary'] as const;
const KNOWN = new Set(['project', 'issuetype', 'summary', 'description', 'labels', 'priority', 'assignee', 'duedate']);

/** What Jira says about the fields of a create or an edit: one message for each wrong field, none when all is well. */
export function errorsOfFields(scenario: JiraScenario, fields: Json, mode: 'create' | 'edit'): FieldErrors {
  const errors: Record<string, string> = {};
  for (const name of Object.keys(fields)) {
    if (!KNOWN.has(name)) {
      errors[name] = `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
    }
  }
  if (mode === 'create') {
    for (const name of REQUIRED) {
      if (fields[name] === undefined) errors[name] = `${name} is required.`;
    }
    Object.assign(errors, errorsOfPlace(scenario, fields));
  }
  return { ...errors, ...errorsOfTexts(fields) };
}

function errorsOfPlace(scenario: JiraScenario, fields: Json): FieldErrors {
  const project = scenario.projects.find(({ key }) => key === member(fields['project'], 'key'));
  if (fields['project'] !== undefined && project === undefined) return { project: 'valid project is required' };
  const type = project?.issueTypes.find(({ id }) => id === member(fields['issuetype'], 'id'));
  return fields['issuetype'] !== undefined && type === undefined ? { issuetype: 'Specify a valid issue type' } : {};
}

function errorsOfTexts({ summary, description, labels }: Json): FieldErrors {
  const errors: Record<string, string> = {};
  if (summary !== undefined) {
    if (typeof summary !== 'string' || summary.trim() === '')
      errors['summary'] = 'You must specify a summary of the issue.';
    else if (/[\r\n]/.test(summary))
      errors['summary'] = 'The summary is invalid because it contains newline characters.';
    else if (summary.length > 255) errors['summary'] = 'Summary must be less than 255 characters.';
  }
  if (description !== undefined) {
    const fault = faultOfAdf(description);
    if (fault)
      errors['description'] =
        `Operation value must be an Atlassian Document (see the Atlassian Document Format): ${fault}`;
  }
  if (
    labels !== undefined &&
    !(Array.isArray(labels) && labels.every((label) => /^[^\s]{1,255}$/.test(String(label))))
  ) {
    errors['labels'] = 'The label contains spaces which is invalid.';
  }
  return errors;
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
