import { describe, expect, it } from 'vitest';
import { incidentIdFor, incidentSchema } from './incident.ts';

describe('incidentIdFor', () => {
  it('gives two racing openers the same id, and each generation and workload its own', () => {
    expect(incidentIdFor('pod/1/a', 1)).toBe(incidentIdFor('pod/1/a', 1));
    const ids = [incidentIdFor('pod/1/a', 1), incidentIdFor('pod/1/a', 2), incidentIdFor('pod/1/b', 1)];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^inc-[0-9a-f]{20}$/);
  });

  it('does not confuse a key that ends like a generation', () => {
    expect(incidentIdFor('a#1', 1)).not.toBe(incidentIdFor('a', 11));
  });
});

describe('incidentSchema', () => {
  it('refuses an incident without its workload or with a status nobody knows', () => {
    expect(incidentSchema.safeParse({}).success).toBe(false);
    expect(incidentSchema.unwrap().shape.status.safeParse('closed').success).toBe(false);
    expect(incidentSchema.unwrap().shape.times.safeParse({ received: 'yesterday', opened: 'today' }).success).toBe(
      false,
    );
  });
});
