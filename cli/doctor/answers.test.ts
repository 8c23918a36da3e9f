import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/configuration.ts';
import { checkAnswers } from './answers.ts';

const ACTION = 'prisma-cloud-compute.acknowledge-incident';

function configured(gate: 'ask' | 'suggest', writeSecret?: string) {
  const sample = sampleConfiguration();
  const compute = sample.sources['prisma-cloud-compute'];
  if (compute === undefined) throw new Error('the sample has no console');
  return sampleConfiguration({
    sources: {
      'prisma-cloud-compute': { ...compute, api: { ...compute.api, ...(writeSecret && { writeSecret }) } },
    },
    actions: { [ACTION]: { gate } },
  });
}

describe('doctor, about answers at a vendor', () => {
  it('finds an action that is switched on without a credential: it would stay advice and nobody would know why', () => {
    expect(checkAnswers(configured('ask'))).toEqual([
      {
        name: `action ${ACTION}`,
        ok: false,
        detail: expect.stringContaining('no credential may answer alerts at Prisma Cloud Compute'),
        fix: expect.stringContaining('sources.prisma-cloud-compute.api.writeSecret'),
      },
    ]);
  });

  it('is content with a credential, and says nothing of what is only suggested', () => {
    expect(checkAnswers(configured('ask', 'parapet/compute/write'))).toMatchObject([{ ok: true }]);
    expect(checkAnswers(configured('suggest'))).toEqual([]);
  });
});
