import type { Configuration } from '../../../domain/config/schema.ts';
import type { HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { CwppPart, EvidenceSource } from '../evidence-source.ts';
import { type WizClient, wizClient } from './client.ts';
import { readAlertDetails } from './evidence/alert-details.ts';
import { WizAttempts } from './evidence/attempt.ts';
import { readNetwork } from './evidence/network.ts';
import type { PartReader } from './evidence/part.ts';
import { readRuntimeActivity } from './evidence/runtime-activity.ts';
import { readVulnerabilities } from './evidence/vulnerabilities.ts';
import { DEFAULT_READ_LIMITS } from './limits.ts';
import { wizTokens } from './token.ts';

const READERS: Readonly<Record<CwppPart, PartReader>> = {
  'alert-details': readAlertDetails,
  'runtime-activity': readRuntimeActivity,
  vulnerabilities: readVulnerabilities,
  network: readNetwork,
};

/** What storing the part may take after reading. */
const AFTER_READING_MS = 3_000;

/**
 * Evidence from a Wiz tenant.
 * @param deps `wiz` makes a client for each part, with a fresh budget of at most so many milliseconds
 */
export function wizEvidence(deps: {
  readonly wiz: (maxMilliseconds: number) => WizClient;
  readonly now: () => Date;
}): EvidenceSource {
  const { now } = deps;
  return {
    async gather(part, findings, deadline) {
      const left = deadline.getTime() - now().getTime() - AFTER_READING_MS;
      const wiz = deps.wiz(Math.max(0, Math.min(left, DEFAULT_READ_LIMITS.maxMilliseconds)));
      const attempts = new WizAttempts(now);
      const drafts = await READERS[part]({ wiz, attempts, findings, now });
      return { drafts: [...drafts, ...attempts.gaps], cost: wiz.cost() };
    },
  };
}

export function evidenceOf(
  configuration: Configuration,
  deps: { readonly http: HttpDeps; readonly secrets: Secrets; readonly now: () => Date },
): EvidenceSource | undefined {
  const api = configuration.sources.wiz?.api;
  if (api === undefined) return undefined;
  const { http, secrets } = deps;
  const now = (): number => deps.now().getTime();
  const tokens = wizTokens({ http, secrets, api, limits: DEFAULT_READ_LIMITS.http, now });
  return wizEvidence({
    wiz: (maxMilliseconds) => wizClient({ http, secrets, api, tokens, now, limits: { maxMilliseconds } }),
    now: deps.now,
  });
}
