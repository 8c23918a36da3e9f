import type { Fact } from '../../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft } from '../../../domain/evidence/pack.ts';
import { present } from '../../../domain/ocsf/present.ts';
import type { Workload } from '../../../domain/workload.ts';
import { TargetError } from '../errors.ts';
import type { AwsReader } from './api.ts';
import { principalIn } from './protection.ts';

export interface IamUser {
  readonly account: string;
  readonly arn: string;
  readonly name: string;
}

/** The IAM user an alert is about; undefined: it is about something else, or does not name it by its ARN. */
export function iamUserIn(workload: Workload): IamUser | undefined {
  if (workload.kind !== 'resource' || workload.uid === undefined) return undefined;
  const named = principalIn(workload.uid);
  if (named?.kind !== 'user') return undefined;
  return { account: named.account, arn: workload.uid, name: named.name };
}

/**
 * The access keys of a user as IAM lists them, each with its last use. Without the account in the configuration, or where IAM does
 * not answer, that is a named gap (rule 9).
 */
export async function readUserKeys(
  read: AwsReader | undefined,
  { account, arn, name }: IamUser,
  observedAt: string,
): Promise<EvidenceDraft[]> {
  const told = (field: string, fact: Fact, entities: readonly EntityRef[] = []): EvidenceDraft => ({
    source: 'cloud_api',
    field,
    trust: 'own',
    observedAt,
    fact,
    entities: [{ kind: 'principal', canonical: arn, label: `IAM user ${name}` }, ...entities],
  });
  const missing = (what: string, reason: string): EvidenceDraft =>
    told('iam:ListAccessKeys', { kind: 'gap', missing: what, reason });
  const gap = (reason: string): EvidenceDraft[] => [missing(`access keys of IAM user ${name}`, reason)];
  if (read === undefined) return gap(`AWS account ${account} is not in the configuration`);
  try {
    const user = await read.getUser(name);
    if (user?.Arn !== arn) return gap(`account ${account} has no user with the ARN ${arn}`);
    const drafts: EvidenceDraft[] = [];
    for (const key of await read.getAccessKeys(name)) {
      const use = await read.getAccessKeyUse(key.AccessKeyId);
      const lastUsed = use?.AccessKeyLastUsed?.LastUsedDate;
      const known = use?.UserName === name && (isNever(lastUsed) || timeOf(lastUsed) !== undefined);
      // Not knowing when it was used must never read as never used.
      if (!known) {
        drafts.push(missing(`last use of access key ${key.AccessKeyId}`, 'IAM does not say when it was used'));
        continue;
      }
      drafts.push(
        told(
          'iam:ListAccessKeys, iam:GetAccessKeyLastUsed',
          present({
            kind: 'access-key' as const,
            accessKeyId: key.AccessKeyId,
            user: name,
            account,
            status: key.Status === 'Active' ? ('active' as const) : ('inactive' as const),
            createdAt: timeOf(key.CreateDate),
            lastUsedAt: timeOf(lastUsed),
            basis: isNever(lastUsed) ? 'IAM lists it, and knows of no use' : 'IAM lists it',
          }),
          [{ kind: 'secret', canonical: key.AccessKeyId, label: `access key ${key.AccessKeyId}` }],
        ),
      );
    }
    return drafts;
  } catch (error) {
    if (error instanceof TargetError) return gap(error.message);
    throw error;
  }
}

function isNever(lastUsed: string | undefined): boolean {
  return lastUsed === undefined || lastUsed === 'N/A';
}

function timeOf(text: string | undefined): string | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
