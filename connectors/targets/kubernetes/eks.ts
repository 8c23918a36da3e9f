import type { EksConfiguration } from '../../../domain/config/accounts.ts';
import { type AwsCredentials, presignedUrl } from '../../aws/signature.ts';
import { type SessionDeps, sessionOf } from '../aws/session.ts';

export interface EksRole {
  readonly eks: EksConfiguration;
  readonly role: string;
}

/** Makes tokens for EKS clusters. One serves as long as it is valid: whoever has it is that role, so it never leaves the client. */
export interface EksLogin {
  /** @throws TargetError */
  token(role: EksRole, options: { readonly fresh: boolean }): Promise<string>;
}

const PREFIX = 'k8s-aws-v1.';
/** STS honours the address for 15 minutes from its date, whatever it says of its expiry; aws-iam-authenticator says 60. */
const EXPIRES_SECONDS = 60;
const USED_MS = 10 * 60_000;

export function eksLogin(deps: SessionDeps): EksLogin {
  const sessions = new Map<string, () => Promise<AwsCredentials>>();
  const held = new Map<string, { readonly token: string; readonly until: number }>();
  return {
    async token({ eks, role }, { fresh }) {
      const key = `${eks.region}/${eks.name}/${role}`;
      const now = deps.now();
      const known = held.get(key);
      if (known !== undefined && !fresh && now.getTime() < known.until) return known.token;
      const session = sessions.get(role) ?? sessionOf({ regions: [eks.region] }, { role, name: 'parapet-eks' }, deps);
      sessions.set(role, session);
      const token = eksToken(await session(), eks, now);
      held.set(key, { token, until: now.getTime() + USED_MS });
      return token;
    },
  };
}

/**
 * A login of EKS: a call of `sts:GetCallerIdentity`, signed for this one cluster and not sent. The cluster sends it and learns
 * from AWS who signed it. Signing is local, so it costs no call.
 */
export function eksToken(
  credentials: AwsCredentials,
  eks: Pick<EksConfiguration, 'name' | 'region'>,
  now: Date,
): string {
  const url = presignedUrl({
    credentials,
    region: eks.region,
    service: 'sts',
    host: `sts.${eks.region}.amazonaws.com`,
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    // Bound to the cluster: a token that was captured by one is of no use at another.
    headers: { 'x-k8s-aws-id': eks.name },
    expiresSeconds: EXPIRES_SECONDS,
    now,
  });
  return `${PREFIX}${Buffer.from(url).toString('base64url')}`;
}
