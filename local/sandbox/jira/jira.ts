import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { faultOfAdf } from './adf.ts';
import { errorsOfFields, type FieldErrors, member } from './fields.ts';
import { type JiraScenario, jiraScenarioSchema } from './scenario.ts';

interface Comment {
  readonly id: string;
  readonly body: unknown;
}
interface Issue {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly issueTypeId: string;
  summary: string;
  description: unknown;
  labels: readonly string[];
  edits: number;
  readonly comments: Comment[];
  readonly properties: Map<string, unknown>;
  /** By globalId: a second one with the same id replaces the first. */
  readonly remoteLinks: Map<string, unknown>;
}

export interface JiraSandbox extends SandboxSystem {
  /** The next this many searches do not yet see what was created: Jira's index lags. */
  lagSearches(times: number): void;
}

/** A refusal on its way to the answer. */
class Refusal extends Error {
  readonly reply: SandboxReply;
  constructor(reply: SandboxReply) {
    super('refused');
    this.reply = reply;
  }
}

const BASE = '/rest/api/3';

/** Jira Cloud's REST v3 as far as the connector uses it, and as strict about it (reference of 2026-11). */
export function jiraSandbox(scenarioFile: unknown): JiraSandbox {
  const scenario = jiraScenarioSchema.parse(scenarioFile);
  const issues: Issue[] = [];
  let lag = 0;
  let nextId = 10_000;
  for (const seed of scenario.issues) add(seed, undefined, seed.labels);

  function add(
    place: { readonly project: string; readonly issueTypeId: string; readonly summary: string },
    description: unknown,
    labels: readonly string[],
  ): Issue {
    nextId += 1;
    const number = issues.filter(({ project }) => project === place.project).length + 1;
    const issue: Issue = {
      ...place,
      id: String(nextId),
      key: `${place.project}-${number}`,
      description,
      labels,
      edits: 0,
      comments: [],
      properties: new Map(),
      remoteLinks: new Map(),
    };
    issues.push(issue);
    return issue;
  }

  function route(call: SandboxCall): SandboxReply {
    if (!call.path.startsWith(`${BASE}/`)) return notFound();
    const [resource, key, part] = call.path.slice(BASE.length + 1).split('/');
    const what = `${call.method} ${[resource, key === undefined ? undefined : '*', part].filter((p) => p !== undefined).join('/')}`;
    switch (what) {
      case 'POST search/*':
        return key === 'jql' ? search(bodyOf(call)) : notFound();
      case 'POST issue':
        return create(bodyOf(call));
      case 'GET issue/*':
        return json(200, shown(issueAt(key)));
      case 'PUT issue/*':
        return edit(issueAt(key), bodyOf(call));
      case 'GET issue/*/comment':
        return listComments(issueAt(key), call.query);
      case 'POST issue/*/comment':
        return comment(issueAt(key), bodyOf(call));
      case 'POST issue/*/remotelink':
        return remoteLink(issueAt(key), bodyOf(call));
      default:
        return notFound();
    }
  }

  function issueAt(key: string | undefined): Issue {
    const issue = issues.find((one) => one.key === key || one.id === key);
    if (issue) return issue;
    throw new Refusal(
      json(404, { errorMessages: ['Issue does not exist or you do not have permission to see it.'], errors: {} }),
    );
  }

  function search(body: Body): SandboxReply {
    refuseUnknown(body, ['jql', 'fields', 'maxResults', 'nextPageToken', 'expand', 'properties']);
    const found = /^project = "([^"]+)" AND labels = "([^"]+)"(?: ORDER BY created ASC)?$/.exec(String(body['jql']));
    if (!found)
      return badRequest([`Error in the JQL Query: this sandbox knows project and labels, not ${String(body['jql'])}`]);
    const [, project, label] = found;
    if (!scenario.projects.some(({ key }) => key === project)) {
      return badRequest([`The value '${project}' does not exist for the field 'project'.`]);
    }
    const hidden = lag > 0;
    if (hidden) lag -= 1;
    const hits = hidden
      ? []
      : issues.filter((issue) => issue.project === project && issue.labels.includes(label ?? ''));
    return json(200, { isLast: true, issues: hits.map(shown) });
  }

  function create(body: Body): SandboxReply {
    refuseUnknown(body, ['fields', 'properties', 'transition', 'update']);
    const fields = body['fields'];
    if (!isBody(fields)) return badRequest(['fields is required']);
    refuseFields(errorsOfFields(scenario, fields, 'create'));
    const issue = add(
      {
        project: String(member(fields['project'], 'key')),
        issueTypeId: String(member(fields['issuetype'], 'id')),
        summary: String(fields['summary']),
      },
      fields['description'],
      Array.isArray(fields['labels']) ? fields['labels'].map(String) : [],
    );
    const properties = Array.isArray(body['properties']) ? body['properties'] : [];
    for (const property of properties) issue.properties.set(String(member(property, 'key')), member(property, 'value'));
    return json(201, { id: issue.id, key: issue.key, self: `${BASE}/issue/${issue.id}` });
  }

  function edit(issue: Issue, body: Body): SandboxReply {
    refuseUnknown(body, ['fields', 'update', 'properties', 'transition', 'historyMetadata']);
    const fields = isBody(body['fields']) ? body['fields'] : {};
    refuseFields(errorsOfFields(scenario, fields, 'edit'));
    if (typeof fields['summary'] === 'string') issue.summary = fields['summary'];
    if (fields['description'] !== undefined) issue.description = fields['description'];
    issue.edits += 1;
    return { status: 204 };
  }

  function listComments(issue: Issue, query: URLSearchParams): SandboxReply {
    const newestFirst = query.get('orderBy') === '-created';
    const all = newestFirst ? [...issue.comments].reverse() : issue.comments;
    const maxResults = Number(query.get('maxResults') ?? 5_000);
    return json(200, { startAt: 0, maxResults, total: all.length, comments: all.slice(0, maxResults) });
  }

  function comment(issue: Issue, body: Body): SandboxReply {
    refuseUnknown(body, ['body', 'visibility', 'properties']);
    const fault = faultOfAdf(body['body']);
    if (fault) refuseFields({ comment: `Comment body is not valid: ${fault}` });
    const made: Comment = { id: String(issue.comments.length + 1), body: body['body'] };
    issue.comments.push(made);
    return json(201, made);
  }

  function remoteLink(issue: Issue, body: Body): SandboxReply {
    refuseUnknown(body, ['globalId', 'application', 'relationship', 'object']);
    const url = member(body['object'], 'url');
    const title = member(body['object'], 'title');
    if (typeof url !== 'string' || !URL.canParse(url)) refuseFields({ 'object.url': 'A URL is required.' });
    if (typeof title !== 'string' || title === '') refuseFields({ 'object.title': 'A title is required.' });
    const globalId = String(body['globalId'] ?? url);
    const known = issue.remoteLinks.has(globalId);
    issue.remoteLinks.set(globalId, body['object']);
    return json(known ? 200 : 201, {
      id: [...issue.remoteLinks.keys()].indexOf(globalId) + 1,
      self: linkAddress(issue),
    });
  }

  return {
    handle(call) {
      try {
        return authorised(scenario, call) ?? wrongContent(call) ?? route(call);
      } catch (error) {
        if (error instanceof Refusal) return error.reply;
        throw error;
      }
    },
    view: () => ({
      issues: issues.map((issue) => ({
        ...issue,
        properties: Object.fromEntries(issue.properties),
        remoteLinks: Object.fromEntries(issue.remoteLinks),
      })),
    }),
    lagSearches(times) {
      lag = times;
    },
  };
}

type Body = Readonly<Record<string, unknown>>;

function linkAddress({ id }: Issue): string {
  return `${BASE}/issue/${id}/remotelink`;
}

function shown(issue: Issue) {
  const { id, key, summary, description, labels } = issue;
  return { id, key, fields: { summary, description, labels } };
}

function authorised({ email, apiToken }: JiraScenario, { headers }: SandboxCall): SandboxReply | undefined {
  const expected = `Basic ${Buffer.from(`${email}:${apiToken}`).toString('base64')}`;
  return headers['authorization'] === expected
    ? undefined
    : json(401, {
        errorMessages: ['You are not authenticated. Authentication required to perform this operation.'],
        errors: {},
      });
}

function wrongContent({ method, headers }: SandboxCall): SandboxReply | undefined {
  if (method === 'GET') return undefined;
  const mediaType = headers['content-type']?.split(';')[0]?.trim();
  return mediaType === 'application/json'
    ? undefined
    : json(415, { errorMessages: ['Unsupported Media Type'], errors: {} });
}

function bodyOf({ body }: SandboxCall): Body {
  try {
    const value: unknown = JSON.parse(body);
    if (isBody(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refusal(badRequest(['There was an error parsing JSON. Check that your request body is valid.']));
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseUnknown(body: Body, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Refusal(badRequest([`Unrecognized field "${unknown}"`]));
}

function refuseFields(errors: FieldErrors): void {
  if (Object.keys(errors).length > 0) throw new Refusal(json(400, { errorMessages: [], errors }));
}

function badRequest(errorMessages: readonly string[]): SandboxReply {
  return json(400, { errorMessages, errors: {} });
}

function notFound(): SandboxReply {
  return json(404, { errorMessages: ['No such resource in this sandbox of Jira Cloud.'], errors: {} });
}
