import fc from 'fast-check';
import { composePack, type EvidencePack } from '../../domain/evidence/pack.ts';
import { SEVERITIES } from '../../domain/severity.ts';
import { cryptoMinerParts, WORKLOAD } from '../stories/crypto-miner.ts';
import { arbitraryDraft, arbitraryPack } from './evidence.ts';

/** The sample story with some of its evidence gone and some hostile evidence among it: close to the rules' conditions. */
const disturbedStory: fc.Arbitrary<EvidencePack> = fc
  .tuple(
    fc.tuple(
      ...cryptoMinerParts().map((part) =>
        fc
          .tuple(fc.subarray(part.drafts), fc.array(arbitraryDraft, { maxLength: 2 }))
          .map(([kept, added]) => ({ ...part, drafts: [...kept, ...added] })),
      ),
    ),
    fc.constantFrom(...SEVERITIES),
  )
  .map(([parts, vendorSeverity]) =>
    composePack({ incidentId: 'inc-disturbed', workload: WORKLOAD, vendorSeverity, parts }),
  );

/** Packs of every kind. */
export const anyPack: fc.Arbitrary<EvidencePack> = fc.oneof(arbitraryPack, disturbedStory);
