import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryParts, STORY_WORKLOAD } from '../../test/arbitraries/evidence.ts';
import { digestOf } from '../json/canonical.ts';
import { composePack, type EvidencePart, evidencePackSchema } from './pack.ts';

function compose(parts: readonly EvidencePart[]) {
  return composePack({ incidentId: 'inc-1', workload: STORY_WORKLOAD, vendorSeverity: 'high', parts });
}

describe('composePack', () => {
  it('gives the same ids and the same digest in whatever order the parts arrive - they are read side by side', () => {
    fc.assert(
      fc.property(
        arbitraryParts.chain((parts) =>
          fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })),
        ),
        ([parts, shuffled]) => {
          expect(digestOf(compose(shuffled))).toBe(digestOf(compose(parts)));
        },
      ),
    );
  });

  it('keeps equal facts once and numbers without a hole, so that an id always means one fact', () => {
    fc.assert(
      fc.property(arbitraryParts, (parts) => {
        const pack = compose([...parts, ...parts.map((part) => ({ ...part, drafts: [...part.drafts].reverse() }))]);
        expect(pack.items.map(({ id }) => id)).toEqual(pack.items.map((_, index) => `E${index + 1}`));
        expect(new Set(pack.items.map(({ digest }) => digest)).size).toBe(pack.items.length);
        const distinct = new Set(parts.flatMap(({ drafts }) => drafts.map(({ fact }) => digestOf(fact))));
        expect(pack.items).toHaveLength(distinct.size);
      }),
    );
  });

  it('resolves every entity an item names, each entity once', () => {
    fc.assert(
      fc.property(arbitraryParts, (parts) => {
        const pack = compose(parts);
        const known = new Set(pack.entities.map(({ id }) => id));
        expect(known.size).toBe(pack.entities.length);
        for (const item of pack.items) for (const id of item.entities) expect(known).toContain(id);
        expect(new Set(pack.entities.map(({ kind, canonical }) => JSON.stringify([kind, canonical]))).size).toBe(
          pack.entities.length,
        );
        expect(evidencePackSchema.parse(pack)).toEqual(pack);
      }),
    );
  });

  it('keeps the entities of all drafts with the same fact - two replicas have the same security context', () => {
    const twice = (['N-a', 'N-b'] as const).map((canonical) => ({
      source: 'kubernetes_api' as const,
      field: canonical,
      trust: 'own' as const,
      observedAt: '2025-10-14T09:18:00.000Z',
      fact: { kind: 'gap' as const, missing: 'x', reason: 'y' },
      entities: [{ kind: 'pod' as const, canonical, label: canonical }],
    }));
    const cost = { calls: 0, bytes: 0, milliseconds: 0 };
    const pack = compose([{ part: 'workload', gatheredAt: '2025-10-14T09:18:00.000Z', drafts: twice, cost }]);
    expect(pack.items.map(({ entities }) => entities)).toEqual([['N1', 'N2']]);
  });

  it('carries the digest of each fact, which the audit log names', () => {
    const pack = compose([
      {
        part: 'network',
        gatheredAt: '2025-10-14T09:18:00.000Z',
        drafts: [
          {
            source: 'cwpp_api',
            field: 'connections[0]',
            trust: 'vendor',
            observedAt: '2025-10-14T09:18:00.000Z',
            fact: {
              kind: 'connection',
              direction: 'outbound',
              destinationIp: '203.0.113.50',
              destinationPort: 3333,
              at: '2025-10-14T09:15:44.000Z',
            },
            entities: [{ kind: 'ip', canonical: '203.0.113.50', label: '203.0.113.50' }],
          },
        ],
        cost: { calls: 1, bytes: 200, milliseconds: 30 },
      },
    ]);
    expect(pack.items).toEqual([
      {
        id: 'E1',
        part: 'network',
        source: 'cwpp_api',
        field: 'connections[0]',
        trust: 'vendor',
        observedAt: '2025-10-14T09:18:00.000Z',
        digest: digestOf({
          kind: 'connection',
          direction: 'outbound',
          destinationIp: '203.0.113.50',
          destinationPort: 3333,
          at: '2025-10-14T09:15:44.000Z',
        }),
        text: 'Outbound connection to 203.0.113.50 port 3333 at 2025-10-14T09:15:44.000Z.',
        entities: ['N1'],
        fact: {
          kind: 'connection',
          direction: 'outbound',
          destinationIp: '203.0.113.50',
          destinationPort: 3333,
          at: '2025-10-14T09:15:44.000Z',
        },
      },
    ]);
    expect(pack.cost).toEqual({ calls: 1, bytes: 200, milliseconds: 30 });
  });
});
