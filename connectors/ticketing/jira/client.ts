import type * as z from 'zod';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import { type HttpAnswer, type HttpDeps, type HttpLimits, jsonOf, UnusableAnswerError } from '../../http/request.ts';
import { withCredential } from '../../publication/credential.ts';
import {
  DestinationRefusedError,
  DestinationUnavailableError,
  type Receipt,
  type RemoteRecord,
} from '../../publication/destination.ts';
import { sendOnce, sendSafely } from '../../publication/send-once.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { textOfAdf } from './adf.ts';
import { commentBody, createBody, jqlFor, labelOf, remoteLinkBody, type TicketContent, updateBody } from './map.ts';
import {
  commentsSchema,
  createdIssueSchema,
  issueKeySchema,
  type JiraSecret,
  jiraSecretSchema,
  searchAnswerSchema,
} from './schema.ts';

/** Jira Cloud, REST v3. Sources of the calls: reference of 2026-11 (README.md beside this file). */
export interface JiraSettings {
  readonly baseUrl: string;
  readonly project: string;
  readonly issueTypeId: string;
  readonly secret: string;
}

export interface JiraDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly settings: JiraSettings;
  readonly limits?: HttpLimits;
}

/** Search is index-backed and lags writes by seconds (unverified how many): waits before the second and third look. */
const PATIENCE_MS = [1_000, 3_000];

export function jira(deps: JiraDeps) {
  const { settings } = deps;
  const base = settings.baseUrl.replace(/\/+$/, '');

  type Send = typeof sendSafely;
  const call = (send: Send, method: string, path: string, body?: unknown): Promise<HttpAnswer> =>
    withCredential(deps.secrets, { name: settings.secret, schema: jiraSecretSchema }, (credential) =>
      send(
        deps.http,
        {
          method,
          url: `${base}/rest/api/3${path}`,
          headers: headersFor(credential),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        deps.limits,
      ),
    );

  /** Oldest first, so that of two copies everybody updates the same one. */
  async function search(incidentId: string): Promise<RemoteRecord | undefined> {
    const answer = await call(sendSafely, 'POST', '/search/jql', {
      jql: jqlFor(settings.project, incidentId),
      fields: ['labels'],
      maxResults: 2,
    });
    const { issues } = parse(searchAnswerSchema, jsonOf(answer), 'search');
    // A search that ignores a part of its query must not hand us somebody else's issue.
    const ours = issues.find(({ key, fields }) => isOurs(key, fields.labels, settings.project, incidentId));
    return ours && remote(ours.key);
  }

  const remote = (key: string): RemoteRecord => ({ remoteId: key, url: `${base}/browse/${key}` });
  const receipt = (key: string, body: unknown, answer: HttpAnswer, extra: { note?: string }): Receipt => ({
    ...remote(key),
    requestSha256: sha256Hex(JSON.stringify(body)),
    status: answer.status,
    ...extra,
  });

  /** @returns why the link is missing: a created issue must not count as failed because of an ornament. */
  async function link(key: string, ticket: TicketContent): Promise<{ note?: string }> {
    if (ticket.link === undefined) return {};
    try {
      await call(sendSafely, 'POST', `/issue/${key}/remotelink`, remoteLinkBody(ticket.incidentId, ticket.link));
      return {};
    } catch (error) {
      if (!(error instanceof DestinationRefusedError || error instanceof DestinationUnavailableError)) throw error;
      return { note: `without link: ${error.message}` };
    }
  }

  async function commentOnce(key: string, comment: NonNullable<TicketContent['comment']>): Promise<void> {
    const answer = await call(sendSafely, 'GET', `/issue/${key}/comment?orderBy=-created&maxResults=50`);
    const { comments } = parse(commentsSchema, jsonOf(answer), 'list of comments');
    if (comments.some(({ body }) => textOfAdf(body).startsWith(comment.mark))) return;
    await call(sendOnce, 'POST', `/issue/${key}/comment`, commentBody(comment));
  }

  return {
    /** The incident's issue, found by its label. `patient` looks three times over four seconds. */
    async find(incidentId: string, options?: { readonly patient: boolean }): Promise<RemoteRecord | undefined> {
      for (const wait of options?.patient ? PATIENCE_MS : []) {
        const found = await search(incidentId);
        if (found) return found;
        await deps.http.sleep(wait);
      }
      return await search(incidentId);
    },

    /** One POST; silence ends in DestinationUnavailableError with `outcomeUnknown`. */
    async create(ticket: TicketContent): Promise<Receipt> {
      const body = createBody(ticket, settings);
      const answer = await call(sendOnce, 'POST', '/issue', body);
      const { key } = parse(createdIssueSchema, jsonOf(answer), 'created issue');
      return receipt(key, body, answer, await link(key, ticket));
    },

    /** Replaces summary and description, adds the comment unless it is there, sets the link. Safe to repeat. */
    async update(remoteId: string, ticket: TicketContent): Promise<Receipt> {
      const key = issueKeySchema.parse(remoteId);
      const body = updateBody(ticket);
      const answer = await call(sendSafely, 'PUT', `/issue/${key}`, body);
      if (ticket.comment) await commentOnce(key, ticket.comment);
      return receipt(key, body, answer, await link(key, ticket));
    },
  };
}
export type Jira = ReturnType<typeof jira>;

function isOurs(key: string, labels: readonly string[], project: string, incidentId: string): boolean {
  return key.startsWith(`${project}-`) && labels.includes(labelOf(incidentId));
}

function headersFor({ email, apiToken }: JiraSecret): Readonly<Record<string, string>> {
  return {
    authorization: `Basic ${Buffer.from(`${email}:${apiToken}`).toString('base64')}`,
    accept: 'application/json',
    'content-type': 'application/json',
  };
}

function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UnusableAnswerError(`Jira's ${what} has not the shape this connector relies on`);
}
