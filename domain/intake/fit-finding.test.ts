import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleFinding } from '../../test/fakes/findings.ts';
import { normalizedFindingSchema } from '../ocsf/detection-finding.ts';
import { fitFinding } from './fit-finding.ts';

const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const filler = (bytes: number) => 'x'.repeat(bytes);

describe('fitFinding', () => {
  it('leaves a finding that fits as it is', () => {
    const finding = sampleFinding({ unmapped: { kept: true } });
    expect(fitFinding(finding, 350_000)).toBe(finding);
  });

  it('leaves out what was not mapped first, and says so in its place', () => {
    const base = sampleFinding({ unmapped: { text: filler(10_000) } });
    const finding = { ...base, finding: { ...base.finding, evidences: [{ name: 'process', data: { raw: 'kept' } }] } };
    const fitted = fitFinding(finding, 5_000);
    expect(fitted.finding.unmapped).toEqual({ left_out: expect.stringContaining('raw alert') });
    expect(fitted.finding.evidences).toEqual([{ name: 'process', data: { raw: 'kept' } }]);
    expect(size(fitted)).toBeLessThanOrEqual(5_000);
  });

  it('leaves out raw data of evidences only when that is not enough, and keeps what the evidence says', () => {
    const base = sampleFinding();
    const evidences = [{ name: 'process', process: { pid: 4711 }, data: { raw: filler(10_000) } }, { name: 'plain' }];
    const fitted = fitFinding({ ...base, finding: { ...base.finding, evidences } }, 5_000);
    expect(fitted.finding.evidences).toEqual([
      { name: 'process', process: { pid: 4711 }, data: { left_out: expect.any(String) } },
      { name: 'plain' },
    ]);
    expect(fitted.finding).not.toHaveProperty('unmapped');
  });

  it('never changes what decides, however large the finding is', () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.nat(20_000), fc.integer({ min: 100, max: 40_000 }), (a, b, limit) => {
        const base = sampleFinding({ unmapped: { text: filler(a) } });
        const evidences = [{ process: { pid: 1 }, data: { raw: filler(b) } }];
        const finding = { ...base, finding: { ...base.finding, evidences } };
        const { finding: ocsf, ...rest } = fitFinding(finding, limit);
        const { finding: original, ...before } = finding;
        expect(rest).toEqual(before);
        expect({ ...ocsf, unmapped: 0, evidences: 0 }).toEqual({ ...original, unmapped: 0, evidences: 0 });
        expect(normalizedFindingSchema.safeParse({ ...rest, finding: ocsf }).success).toBe(true);
      }),
    );
  });
});
