import { realHttp } from '../../connectors/http/request.ts';
import type { Reply } from '../../connectors/pages/reply.ts';
import { openIdProvider } from '../../connectors/sign-in/provider.ts';
import { parseConfiguration } from '../../domain/config/parse.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { SignInDeps } from '../../functions/sign-in/sign-in.ts';
import type { TestProvider } from '../fakes/openid-provider.ts';
import { CLIENT_ID } from '../fakes/openid-provider.ts';
import type { RecordingTelemetry } from '../fakes/telemetry.ts';
import { approverConfiguration, type StoryStores } from './asked-action.ts';
import { HOST } from './people-event.ts';

/** The sample story's approvers, known to a provider; the class of its action is taken from what a link may approve. */
export function signInConfiguration(
  provider: Pick<TestProvider, 'issuer'>,
  signIn: Readonly<Record<string, unknown>> = {},
): Configuration {
  const config = approverConfiguration();
  return parseConfiguration({
    ...config,
    approvals: {
      ...config.approvals,
      linkMayApprove: ['annotation'],
      signIn: { issuer: provider.issuer, clientId: CLIENT_ID, ...signIn },
    },
    approvers: config.approvers.map((approver) => ({ ...approver, oidcSubject: `subject-of-${approver.id}` })),
  });
}

export function signInDeps(of: {
  readonly stores: StoryStores;
  readonly config: Configuration;
  readonly telemetry: RecordingTelemetry;
  readonly now: () => Date;
}): SignInDeps {
  const { stores, config, telemetry, now } = of;
  const { signIn } = config.approvals;
  if (signIn === undefined) throw new Error('the configuration has no sign-in');
  let made = 0;
  return {
    config,
    signIn,
    links: stores.links,
    tokens: stores.sessions,
    provider: openIdProvider({ http: realHttp, signIn, secrets: stores.secrets, now }),
    random() {
      made += 1;
      return `${made}`.padStart(43, 'r');
    },
    telemetry,
    now,
  };
}

/** A browser at the people's edge: it keeps cookies and sends them back. */
export interface Browser {
  readonly cookies: Map<string, string>;
  /** What an HTTP API hands over for a GET of this address. */
  get(address: string): unknown;
  keep(reply: Reply): Reply;
  lines(): string[];
}

export function browser(): Browser {
  const cookies = new Map<string, string>();
  const lines = (): string[] => [...cookies].map(([name, value]) => `${name}=${value}`);
  return {
    cookies,
    lines,
    get(address) {
      const url = new URL(address, `https://${HOST}`);
      return {
        version: '2.0',
        rawPath: url.pathname,
        rawQueryString: url.search.slice(1),
        headers: { host: HOST },
        cookies: lines(),
        queryStringParameters: Object.fromEntries(url.searchParams),
        requestContext: { http: { method: 'GET' } },
      };
    },
    keep(reply) {
      for (const line of reply.cookies ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      return reply;
    },
  };
}
