import * as z from 'zod';
import type { AccountConfiguration } from '../../../domain/config/accounts.ts';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import type { AwsCredentials } from '../../aws/signature.ts';
import { SecretError, type Secrets } from '../../secrets/secrets.ts';
import { TargetError } from '../errors.ts';
import { type IamPolicy, MAX_SESSION_POLICY } from './permissions.ts';
import { type AwsClientDeps, awsClient } from './wire/client.ts';
import { numbered, queryCall } from './wire/request.ts';
import { parseXml } from './wire/xml.ts';

/** What a session is for; all of it stands in CloudTrail beside every call that is made with it. */
export interface SessionAsk {
  readonly role: string;
  /** 2 to 64 of `[\w+=,.@-]`. */
  readonly name: string;
  /** The person who decided; it stays with the session whatever it assumes further. */
  readonly sourceIdentity?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly policy?: IamPolicy | undefined;
}

export interface SessionDeps extends AwsClientDeps {
  readonly secrets: Secrets;
  /** The function's own. */
  readonly credentials: () => Promise<AwsCredentials>;
}

/** What a session needs to know of the place: an account, or the cluster of one. */
export type SessionPlace = Pick<AccountConfiguration, 'regions'> &
  Partial<Pick<AccountConfiguration, 'externalIdSecret' | 'endpoint'>>;

/** As short as STS gives them. */
const SECONDS = 900;
/** Renewed so long before their end, so that no call is caught by it. */
const MARGIN_MS = 60_000;

export const externalIdSchema = z.object({ externalId: z.string().min(2).max(1224) });

const answerSchema = z.object({
  AssumeRoleResponse: z.object({
    AssumeRoleResult: z.object({
      Credentials: z.object({
        AccessKeyId: z.string(),
        SecretAccessKey: z.string(),
        SessionToken: z.string(),
        Expiration: z.string(),
      }),
    }),
  }),
});

/** Credentials of a role of the account, assumed when first asked for and again when they near their end. */
export function sessionOf(account: SessionPlace, ask: SessionAsk, deps: SessionDeps): () => Promise<AwsCredentials> {
  let held: { readonly credentials: Promise<AwsCredentials>; readonly until: number } | undefined;
  return async () => {
    const at = deps.now().getTime();
    if (held === undefined || at >= held.until) {
      held = { credentials: assume(account, ask, deps), until: at + SECONDS * 1000 - MARGIN_MS };
      // Not remembered: the next call may have more luck.
      held.credentials.catch(() => {
        held = undefined;
      });
    }
    return await held.credentials;
  };
}

/** @throws TargetError */
async function assume(account: SessionPlace, ask: SessionAsk, deps: SessionDeps): Promise<AwsCredentials> {
  const policy = ask.policy === undefined ? undefined : canonicalJson(ask.policy);
  if (policy !== undefined && policy.length > MAX_SESSION_POLICY) {
    throw new TargetError(
      'invalid',
      `the plan touches too many things for one session: its policy has ${policy.length} characters, AWS takes ${MAX_SESSION_POLICY}`,
    );
  }
  const tags = Object.entries(ask.tags ?? {});
  const region = account.regions[0];
  if (region === undefined) throw new TargetError('unusable', `there is no region to assume ${ask.role} in`);
  const call = queryCall('sts', region, 'AssumeRole', {
    RoleArn: ask.role,
    RoleSessionName: ask.name,
    DurationSeconds: String(SECONDS),
    ...(await externalId(account, deps.secrets)),
    ...(ask.sourceIdentity === undefined ? {} : { SourceIdentity: ask.sourceIdentity }),
    ...(policy === undefined ? {} : { Policy: policy }),
    ...numberedTags(tags),
    ...numbered(
      'TransitiveTagKeys.member',
      tags.map(([key]) => key),
    ),
  });
  const client = awsClient(account, deps.credentials, deps);
  // Assuming a role changes nothing, so it may be repeated like a read.
  const { text } = await client.send(call, { use: 'read' }).catch((error: unknown) => {
    if (error instanceof TargetError)
      throw new TargetError(error.kind, `role ${ask.role} could not be assumed: ${error.message}`, { cause: error });
    throw error;
  });
  const answer = answerSchema.safeParse(parseXml(text));
  if (!answer.success) throw new TargetError('unusable', 'sts:AssumeRole answered without credentials');
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.data.AssumeRoleResponse.AssumeRoleResult.Credentials;
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

function numberedTags(tags: readonly (readonly [string, string])[]): Record<string, string> {
  return {
    ...Object.fromEntries(tags.map(([key], index) => [`Tags.member.${index + 1}.Key`, key])),
    ...Object.fromEntries(tags.map(([, value], index) => [`Tags.member.${index + 1}.Value`, value])),
  };
}

async function externalId(
  { externalIdSecret }: SessionPlace,
  secrets: Secrets,
): Promise<{ readonly ExternalId?: string }> {
  if (externalIdSecret === undefined) return {};
  try {
    return { ExternalId: (await secrets.get(externalIdSecret, externalIdSchema)).externalId };
  } catch (cause) {
    if (cause instanceof SecretError) throw new TargetError('unusable', cause.message, { cause });
    throw cause;
  }
}

/** What may stand in a session's name or source identity, at least two characters of it. */
export function sessionWord(text: string): string {
  return text
    .replace(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '_');
}
