import type { AuditEntry, AuditRecord } from '../audit/entry.ts';
import type { Configuration } from '../config/schema.ts';
import { canonicalJson, digestOf } from '../json/canonical.ts';

/** Chain of the audit log in which configurations are recorded: it belongs to no incident. */
export const CONFIGURATION_CHAIN = 'configuration';

/**
 * What is to be written because this configuration is not the one written last; undefined: it is. The whole configuration by its
 * digest, and in words what decides who is asked and what is done without anybody: phases, gates and playbooks.
 */
export function configurationRecord(
  config: Configuration,
  last: Pick<AuditEntry, 'data'> | undefined,
  at: string,
): AuditRecord | undefined {
  const digest = digestOf(config);
  if (last?.data['digest'] === digest) return undefined;
  const decisive = {
    rollout: config.rollout.map(({ scope, phase }) => ({ scope, phase })),
    actions: config.actions,
    playbooks: config.playbooks,
    automaticPerHour: config.response.automaticPerHour,
  };
  const changed = Object.entries(decisive)
    .filter(([name, value]) => canonicalJson(value) !== canonicalJson(last?.data[name] ?? null))
    .map(([name]) => name);
  return {
    chain: CONFIGURATION_CHAIN,
    at,
    actor: { type: 'function', id: 'plan' },
    kind: 'configuration.changed',
    data: { digest, before: last?.data['digest'] ?? null, changed, ...decisive },
  };
}
