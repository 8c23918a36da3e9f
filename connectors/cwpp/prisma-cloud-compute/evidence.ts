import type { CwppPart, EvidenceSource } from '../evidence-source.ts';
import type { ComputeClient } from './client.ts';
import { ConsoleAttempts } from './evidence/attempt.ts';
import { DEFAULT_SETTINGS, type EvidenceSettings, type PartReader } from './evidence/part.ts';
import { readNetwork, readRuntimeActivity } from './evidence/read-activity.ts';
import { readAlertDetails } from './evidence/read-alert-details.ts';
import { readVulnerabilities } from './evidence/read-vulnerabilities.ts';
import { subjectsOf } from './evidence/subjects.ts';

const READERS: Readonly<Record<CwppPart, PartReader>> = {
  'alert-details': readAlertDetails,
  'runtime-activity': readRuntimeActivity,
  vulnerabilities: readVulnerabilities,
  network: readNetwork,
};

/**
 * Evidence from a Compute console.
 * @param deps `compute` makes a client with a fresh budget for each part
 */
export function computeEvidence(deps: {
  readonly compute: () => ComputeClient;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly settings?: Partial<EvidenceSettings>;
}): EvidenceSource {
  const { now, sleep } = deps;
  const settings = { ...DEFAULT_SETTINGS, ...deps.settings };
  return {
    async gather(part, findings, deadline) {
      const compute = deps.compute();
      const attempts = new ConsoleAttempts(now);
      const subjects = subjectsOf(findings);
      const drafts = await READERS[part]({ compute, attempts, findings, subjects, settings, deadline, now, sleep });
      return { drafts: [...drafts, ...attempts.gaps], cost: compute.cost() };
    },
  };
}
