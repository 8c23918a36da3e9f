import { describe, expect, it } from 'vitest';
import { whyStopped } from './execution-switch.ts';

describe('whyStopped', () => {
  it('lets a deployment run whose switch was never set, and one that was resumed', () => {
    expect(whyStopped(undefined)).toBeUndefined();
    expect(whyStopped({ state: 'running', by: 'ada', at: '2025-10-14T09:00:00.000Z' })).toBeUndefined();
  });

  it('says who stopped it, when and why', () => {
    expect(whyStopped({ state: 'stopped', by: 'ada', at: '2025-10-14T09:00:00.000Z', reason: 'a change freeze' })).toBe(
      'Every execution is stopped since 2025-10-14T09:00:00.000Z by ada: a change freeze',
    );
  });

  it('refuses when the switch cannot be read - a guard that cannot be evaluated refuses (rule 9)', () => {
    expect(whyStopped('unreadable')).toContain('cannot be read');
  });
});
