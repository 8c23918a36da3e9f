import type { Configuration } from '../../../domain/config/schema.ts';
import { DEFAULT_LIMITS, type HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { TableAccess } from '../../store/dynamodb/client.ts';
import type { CwppPart, EvidenceSource } from '../evidence-source.ts';
import { type AnswerCache, type CallBudget, memoryBudget, memoryCache } from './budget.ts';
import { dynamoBudget, dynamoCache } from './budget-dynamodb.ts';
import { laceworkClient } from './client.ts';
import { LaceworkAttempts } from './evidence/attempt.ts';
import type { PartReader } from './evidence/part.ts';
import { readRuntimeActivity } from './evidence/read-activity.ts';
import { readAlertDetails } from './evidence/read-alert-details.ts';
import { readNetwork } from './evidence/read-network.ts';
import { readVulnerabilities } from './evidence/read-vulnerabilities.ts';
import { tenantOfAddress } from './identity.ts';
import { DEFAULT_READ_LIMITS, type ReadLimits } from './limits.ts';
import { type LaceworkConfiguration, laceworkTokens, type Tokens } from './token.ts';

const READERS: Readonly<Record<CwppPart, PartReader>> = {
  'alert-details': readAlertDetails,
  'runtime-activity': readRuntimeActivity,
  vulnerabilities: readVulnerabilities,
  network: readNetwork,
};

/** A part ends so long before its function does, so that what was read is stored. */
const RESERVE_MS = 5_000;

export interface LaceworkEvidenceDeps {
  readonly http: HttpDeps;
  readonly config: LaceworkConfiguration;
  readonly tokens: Tokens;
  readonly budget: CallBudget;
  readonly cache: AnswerCache;
  readonly now: () => Date;
  readonly limits?: Partial<ReadLimits>;
}

/** Evidence from a Lacework account; each part has a read budget of its own and shares the hour's calls with all others. */
export function laceworkEvidence(deps: LaceworkEvidenceDeps): EvidenceSource {
  const { http, config, tokens, budget, cache, now } = deps;
  const clock = (): number => now().getTime();
  const usual = { ...DEFAULT_READ_LIMITS, ...deps.limits };
  return {
    async gather(part, findings, deadline) {
      const left = deadline.getTime() - clock() - RESERVE_MS;
      const limits = { ...usual, maxMilliseconds: Math.max(0, Math.min(usual.maxMilliseconds, left)) };
      const lacework = laceworkClient({ http, config, tokens, budget, cache, limits, now: clock });
      const attempts = new LaceworkAttempts(now);
      const tenant = config.api.subAccount ?? tenantOfAddress(config.api.baseUrl);
      const drafts = findings.length === 0 ? [] : await READERS[part]({ lacework, attempts, findings, tenant, now });
      return { drafts: [...drafts, ...attempts.gaps], cost: lacework.cost() };
    },
  };
}

export interface AccountDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly now: () => Date;
  /** Absent: this process counts for itself alone. */
  readonly incidentsTable?: TableAccess | undefined;
}

/** The hour's calls and the answers of the last minutes, for every function that has the key. */
export function sharedBudget(
  { api: { callsPerHour, baseUrl, subAccount } }: LaceworkConfiguration,
  { incidentsTable, now }: AccountDeps,
): { readonly budget: CallBudget; readonly cache: AnswerCache } {
  const clock = (): number => now().getTime();
  if (incidentsTable === undefined) {
    return { budget: memoryBudget({ callsPerHour, now: clock }), cache: memoryCache(clock) };
  }
  const account = subAccount ?? tenantOfAddress(baseUrl) ?? 'account';
  return {
    budget: dynamoBudget(incidentsTable, { account, callsPerHour, now: clock }),
    cache: dynamoCache(incidentsTable, clock),
  };
}

export function evidenceOf(configuration: Configuration, deps: AccountDeps): EvidenceSource | undefined {
  const config = configuration.sources.lacework;
  if (config === undefined) return undefined;
  const { http, secrets, now } = deps;
  const clock = (): number => now().getTime();
  const limits = { ...DEFAULT_LIMITS, attempts: 2 };
  const tokens = laceworkTokens({ http, secrets, config, limits, now: clock });
  return laceworkEvidence({ http, config, tokens, ...sharedBudget(config, deps), now });
}
