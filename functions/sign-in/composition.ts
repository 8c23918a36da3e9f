import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { realHttp } from '../../connectors/http/request.ts';
import { approvalLinks } from '../../connectors/links/approval-links.ts';
import { bundledConfiguration, MissingSettingError } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsFrom } from '../../connectors/secrets/secrets.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { openIdProvider } from '../../connectors/sign-in/provider.ts';
import { signInTokens } from '../../connectors/sign-in/sealed.ts';
import type { SignInDeps } from './sign-in.ts';

export function compose(telemetry: Telemetry): SignInDeps {
  const config = bundledConfiguration();
  const { signIn, linkSecret } = config.approvals;
  if (signIn === undefined) throw new MissingSettingError('approvals.signIn is not configured; deploy the stack again');
  const issued = { secrets: secretsFrom(new SecretsManagerClient()), secretName: linkSecret };
  const now = (): Date => new Date();
  return {
    config,
    signIn,
    links: approvalLinks(issued),
    tokens: signInTokens(issued),
    provider: openIdProvider({ http: realHttp, signIn, secrets: secretsOf(config), now }),
    random: () => randomBytes(32).toString('base64url'),
    telemetry,
    now,
  };
}
