import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXECUTABLE_ACTIONS } from '../analysis/analysis.ts';
import { ANSWERABLE_VENDORS, vendorOfAction, vendorRecord } from './vendor-record.ts';

describe('the id of a record that can be answered', () => {
  it.each(['68ee2c16b2a8e98a1c36a9db', 'P-5101', '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0001', '402131'])(
    'is %s as the vendors write them',
    (id) => {
      expect(vendorRecord('wiz', 'issue', id)).toEqual({ vendor: 'wiz', kind: 'issue', id });
    },
  );

  it('never holds what could lead a path or a query elsewhere, whatever a vendor answers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (id) => {
        const record = vendorRecord('prisma-cloud-compute', 'incident', id);
        if (record === undefined) return;
        expect(encodeURIComponent(record.id)).toBe(record.id);
        expect(record.id).not.toMatch(/[./\\%?#]/);
      }),
    );
    for (const id of ['..', '../policies', 'a/b', '', 'a?b', 'a\n', undefined])
      expect(vendorRecord('lacework', 'alert', id)).toBeUndefined();
  });
});

describe('vendorOfAction', () => {
  it('takes no vendor for another whose name begins alike, and none for what acts elsewhere', () => {
    expect(vendorOfAction('prisma-cloud.dismiss-alert')).toBe('prisma-cloud');
    expect(vendorOfAction('prisma-cloud-compute.acknowledge-incident')).toBe('prisma-cloud-compute');
    const elsewhere = EXECUTABLE_ACTIONS.filter((name) => /^(?:aws|kubernetes)\./.test(name));
    expect(elsewhere.map(vendorOfAction).filter((vendor) => vendor !== undefined)).toEqual([]);
    for (const vendor of ANSWERABLE_VENDORS)
      expect(EXECUTABLE_ACTIONS.some((name) => vendorOfAction(name) === vendor)).toBe(true);
  });
});
