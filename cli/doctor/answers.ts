import { writeSecretOf } from '../../domain/config/channels.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { vendorName, vendorOfAction } from '../../domain/evidence/vendor-record.ts';
import type { Check } from './check.ts';

/** An action that answers alerts at a vendor is only advice while there is no credential that may. */
export function checkAnswers({ actions, sources }: Pick<Configuration, 'actions' | 'sources'>): readonly Check[] {
  return Object.entries(actions).flatMap(([action, { gate }]): readonly Check[] => {
    const vendor = vendorOfAction(action);
    if (vendor === undefined || gate === 'suggest') return [];
    const name = `action ${action}`;
    if (writeSecretOf(sources, vendor) !== undefined)
      return [{ name, ok: true, detail: `has a credential that may answer alerts at ${vendorName(vendor)}` }];
    return [
      {
        name,
        ok: false,
        detail: `is switched on, but no credential may answer alerts at ${vendorName(vendor)}: it stays advice`,
        fix: `name a secret of its own under sources.${vendor}.api.writeSecret and deploy; docs/actions.md has the rights it needs`,
      },
    ];
  });
}
