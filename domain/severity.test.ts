import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxSeverity, ocsfSeverityId, SEVERITIES, severityRank } from './severity.ts';

const severity = fc.constantFrom(...SEVERITIES);

describe('severity', () => {
  it('has the ids of OCSF 1.8.0', () => {
    expect(SEVERITIES.map((name) => [name, ocsfSeverityId(name)])).toEqual([
      ['informational', 1],
      ['low', 2],
      ['medium', 3],
      ['high', 4],
      ['critical', 5],
    ]);
  });

  it('is only ever raised by what arrives later, in whatever order it arrives', () => {
    fc.assert(
      fc.property(fc.array(severity, { minLength: 1 }), (arriving) => {
        const highest = arriving.reduce(maxSeverity);
        expect([...arriving].reverse().reduce(maxSeverity)).toBe(highest);
        for (const one of arriving) expect(severityRank(highest)).toBeGreaterThanOrEqual(severityRank(one));
        expect(arriving).toContain(highest);
      }),
    );
  });
});
