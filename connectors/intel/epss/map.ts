import { capped } from '../../../domain/ocsf/text.ts';
import type { Answer } from '../port.ts';
import type { EpssAnswer } from './schema.ts';

/** By CVE id, in capitals. */
export function scoresOf({ data }: EpssAnswer): ReadonlyMap<string, Answer> {
  return new Map(
    data.flatMap((row) =>
      row === undefined
        ? []
        : [
            [
              row.cve.toUpperCase(),
              {
                kind: 'knowledge',
                knowledge: {
                  epss: {
                    probability: row.epss,
                    ...(row.percentile === undefined ? {} : { percentile: row.percentile }),
                    on: capped(row.date, 40),
                  },
                  fixedIn: [],
                },
              },
            ] as const,
          ],
    ),
  );
}
