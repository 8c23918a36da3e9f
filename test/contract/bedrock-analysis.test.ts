import { describe, expect, it } from 'vitest';
import { bedrockModel } from '../../connectors/models/bedrock/client.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import { tellWithModel } from '../../functions/analyze/ask-model.ts';
import { bedrockSandbox } from '../../local/sandbox/bedrock/bedrock.ts';
import { serve } from '../../local/sandbox/serve.ts';
import { sampleProfile } from '../fakes/model-profile.ts';
import { memoryBlobStore } from '../fakes/stores.ts';
import { cryptoMinerPack } from '../stories/crypto-miner.ts';

describe('an analysis told by a model over HTTP', () => {
  it('takes what the model retells faithfully, drops its address, and keeps every decision of the rules', async () => {
    const server = await serve({ systems: { bedrock: bedrockSandbox() }, mount: 'prefix' });
    try {
      const pack = cryptoMinerPack();
      const rules = analyseByRules(pack);
      const port = bedrockModel(sampleProfile('bedrock', { endpoint: `${server.url}/bedrock`, timeoutSeconds: 20 }), {
        credentials: { accessKeyId: 'invented', secretAccessKey: 'invented' },
      });
      const told = await tellWithModel(
        { blobs: memoryBlobStore(), model: async () => port, nonce: () => 'nonce-1' },
        pack,
        rules,
      );
      const { narrative, headline, unknowns: _u, techniques: _t, ...decisive } = told.body;
      const { narrative: _n, headline: _h, unknowns: _ru, techniques: _rt, ...expected } = rules;
      expect(decisive).toEqual(expected);
      expect(headline).toBe('Retold from the evidence by the sandbox model');
      // E1 to E4 are retold word for word; E5 holds the address of the download, which no sentence may carry.
      expect(narrative.slice(0, 4).map(({ text, evidence }) => ({ text, evidence }))).toEqual(
        pack.items.slice(0, 4).map(({ id, text }) => ({ text, evidence: [id] })),
      );
      expect(told.dropped).toEqual([
        { what: 'narrative 5', why: 'contains an address' },
        { what: 'verdict undetermined', why: 'the verdict comes from the rules' },
      ]);
      expect(told.record).toMatchObject({ outcome: 'json', mode: 'native', attempts: 1 });
    } finally {
      await server.close();
    }
  });
});
