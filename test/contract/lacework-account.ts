import type { CwppPart, Gathered } from '../../connectors/cwpp/evidence-source.ts';
import { type CallBudget, memoryBudget, memoryCache } from '../../connectors/cwpp/lacework/budget.ts';
import { type LaceworkClient, laceworkClient } from '../../connectors/cwpp/lacework/client.ts';
import { laceworkEvidence } from '../../connectors/cwpp/lacework/evidence.ts';
import type { ReadLimits } from '../../connectors/cwpp/lacework/limits.ts';
import { type LaceworkConfiguration, laceworkTokens } from '../../connectors/cwpp/lacework/token.ts';
import { DEFAULT_LIMITS, realHttp } from '../../connectors/http/request.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { type LaceworkSandbox, laceworkSandbox } from '../../local/sandbox/lacework/lacework.ts';
import { laceworkScenario } from '../../local/sandbox/lacework/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';
import { STORY_FOLDER } from './lacework-fixtures.ts';

const SECRET = 'parapet/lacework/read';
/** Half an hour after the story. */
export const NOW = Date.parse('2026-03-17T02:59:00.000Z');
export const MID = '5318008731415926535';
export const AROUND = { from: '2026-03-17T01:00:00.000Z', to: '2026-03-17T04:00:00.000Z' };

/** A Lacework account with the sample story on loopback; nothing waits for anything but the server. */
export interface Account {
  readonly sandbox: LaceworkSandbox;
  readonly server: SandboxServer;
  readonly secrets: MemorySecrets;
  readonly budget: CallBudget;
  client(options?: Partial<ReadLimits>): LaceworkClient;
  gather(part: CwppPart, findings: readonly NormalizedFinding[], options?: Partial<ReadLimits>): Promise<Gathered>;
  /** Calls the account received, as `METHOD path`. */
  received(): string[];
  close(): Promise<void>;
}

export async function startAccount(
  options: { readonly callsPerHour?: number; readonly subAccount?: string } = {},
): Promise<Account> {
  const scenario = laceworkScenario(STORY_FOLDER);
  const sandbox = laceworkSandbox(scenario);
  const server = await serve({ systems: { lacework: sandbox }, mount: 'prefix' });
  const secrets = memorySecrets({ [SECRET]: scenario.credentials });
  const http = { ...realHttp, sleep: async () => undefined, random: () => 0.5 };
  const callsPerHour = options.callsPerHour ?? 400;
  const config: LaceworkConfiguration = {
    api: {
      baseUrl: `${server.url}/lacework`,
      readSecret: SECRET,
      callsPerHour,
      ...(options.subAccount === undefined ? {} : { subAccount: options.subAccount }),
    },
  };
  const now = (): number => NOW;
  const budget = memoryBudget({ callsPerHour, now });
  const cache = memoryCache(now);
  const impatient = { ...DEFAULT_LIMITS, timeoutMs: 1_000, attempts: 1 };
  const tokens = laceworkTokens({ http, secrets, config, limits: impatient, now });
  const shared = { http, config, tokens, budget };
  return {
    sandbox,
    server,
    secrets,
    budget,
    // A cache of its own for each client, so that a test sees every call; evidence shares one, as it does in production.
    client: (limits = {}) =>
      laceworkClient({ ...shared, cache: memoryCache(now), limits: { http: impatient, ...limits }, now }),
    gather: (part, findings, limits = {}) =>
      laceworkEvidence({ ...shared, cache, limits: { http: impatient, ...limits }, now: () => new Date(NOW) }).gather(
        part,
        findings,
        new Date(NOW + 120_000),
      ),
    received: () => server.calls.map(({ method, path }) => `${method} ${path.replace('/api/v2/', '')}`),
    close: () => server.close(),
  };
}
