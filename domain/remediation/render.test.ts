import { describe, expect, it } from 'vitest';
import { sampleIncident } from '../../test/fakes/incidents.ts';
import { cryptoMinerPack, storyWith } from '../../test/stories/crypto-miner.ts';
import { analysisSchema } from '../analysis/analysis.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';
import { digestOf } from '../json/canonical.ts';
import { incidentDocument } from '../publish/incident-document.ts';
import { guidanceBlocks } from './render.ts';

const pack = cryptoMinerPack();
const body = analyseByRules(pack);
const analysis = {
  ...body,
  incidentId: pack.incidentId,
  packDigest: digestOf(pack),
  writtenBy: { rules: { name: 'rules-analyst' as const, version: '1' } },
  dropped: [],
};

describe('guidance in a ticket', () => {
  it('is parsed as it was stored, and an analysis from before there was any still is', () => {
    expect(analysisSchema.parse(JSON.parse(JSON.stringify(analysis)))).toEqual(analysis);
    const { guidance: _, ...before } = analysis;
    expect(analysisSchema.parse(before)).toEqual(before);
  });

  it('shows each command as code, with what it does and who must agree', () => {
    const blocks = guidanceBlocks(body.guidance);
    const at = blocks.findIndex((block) => block.type === 'code' && block.text.startsWith('kubectl delete'));
    expect(blocks.slice(at - 1, at + 1)).toEqual([
      {
        type: 'paragraph',
        text: 'Remove the binding; Parapet offers the same as an action that is approved, verified and can be undone (destroys something; a second person must agree):',
      },
      { type: 'code', text: 'kubectl delete clusterrolebinding/checkout-cluster-admin' },
    ]);
  });

  it('defangs addresses like the rest of the ticket, and says so where one must be typed', () => {
    const blocks = incidentDocument({ incident: sampleIncident(), analysis, pack });
    const at = blocks.findIndex((block) => block.type === 'code' && block.text.includes('kind: NetworkPolicy'));
    expect(blocks[at]).toMatchObject({ text: expect.stringContaining('- "203[.]0[.]113[.]50/32"') });
    expect(blocks[at - 1]).toMatchObject({ text: expect.stringContaining('(write each [.] as a dot)') });
  });

  it('stays within what a ticket takes, and counts what is left out, the least urgent first', () => {
    expect(JSON.stringify(incidentDocument({ incident: sampleIncident(), analysis, pack })).length).toBeLessThan(
      32_767,
    );
    const long = {
      ...body.guidance,
      items: Array.from({ length: 40 }, () => body.guidance?.items ?? []).flat(),
      blocked: [],
      leftOut: [],
    };
    const blocks = guidanceBlocks(long);
    expect(JSON.stringify(blocks).length).toBeLessThan(15_000);
    expect(blocks.at(-1)).toMatchObject({ items: [expect.stringMatching(/^\d+ more in the analysis itself/)] });
  });

  it('says what was not written and why', () => {
    const bare = storyWith((draft) => (draft.fact.kind === 'controller' ? undefined : draft));
    expect(guidanceBlocks(analyseByRules(bare).guidance).at(-1)).toMatchObject({
      items: expect.arrayContaining([
        'Not written: drop-privileges, because the evidence names no controller whose template could be changed.',
      ]),
    });
    expect(guidanceBlocks(undefined)).toEqual([]);
  });
});
