import { describe, expect, it } from 'vitest';
import { actionTargetSchema, identityOf, targetLabel, targetRows, type VendorTarget } from './target.ts';

const TARGET: VendorTarget = {
  system: 'vendor',
  entityId: 'N1',
  entity: { kind: 'pod', canonical: 'prod-eks/payments/checkout', label: 'payments/checkout' },
  vendor: 'prisma-cloud-compute',
  kind: 'incident',
  id: '68ee2c16b2a8e98a1c36a9db',
};

describe('a record of a vendor as a target', () => {
  it('is shown to people by vendor, id and what it is about', () => {
    expect(targetLabel(TARGET)).toBe('incident 68ee2c16b2a8e98a1c36a9db of Prisma Cloud Compute');
    expect(targetRows(TARGET)).toEqual([
      ['Vendor', 'Prisma Cloud Compute'],
      ['Incident', '68ee2c16b2a8e98a1c36a9db'],
      ['About', 'payments/checkout'],
    ]);
    expect(identityOf(TARGET)).toBe(TARGET.id);
  });

  it('comes out of a stored plan as it went in, and never with an id that is a path', () => {
    expect(actionTargetSchema.parse(JSON.parse(JSON.stringify(TARGET)))).toEqual(TARGET);
    expect(actionTargetSchema.safeParse({ ...TARGET, id: '../../policies' }).success).toBe(false);
  });
});
