import { capped } from '../../../domain/ocsf/text.ts';
import type { Knowledge } from '../port.ts';
import type { Catalogue } from './schema.ts';

export type KnownExploited = NonNullable<Knowledge['knownExploited']>;

/** By CVE id, in capitals. */
export function knownExploitedOf({ vulnerabilities }: Catalogue): ReadonlyMap<string, KnownExploited> {
  return new Map(
    vulnerabilities.flatMap((entry) =>
      entry === undefined
        ? []
        : [
            [
              entry.cveID.toUpperCase(),
              {
                since: capped(entry.dateAdded, 40),
                ...(entry.dueDate === '' ? {} : { dueDate: capped(entry.dueDate, 40) }),
                ransomware: entry.knownRansomwareCampaignUse === 'Known',
                action: capped(entry.requiredAction, 500),
              },
            ] as const,
          ],
    ),
  );
}
