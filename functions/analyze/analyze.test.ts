import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../connectors/store/ports.ts';
import { RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import { EVIDENCE_PARTS } from '../../domain/evidence/pack.ts';
import { digestOf, sha256Hex } from '../../domain/json/canonical.ts';
import { analyzeOutputSchema } from '../../domain/orchestration.ts';
import { analysisOf, NOW, packOf, type World, world } from '../../test/stories/analyze-world.ts';
import { cryptoMinerPack, cryptoMinerParts } from '../../test/stories/crypto-miner.ts';
import { analyze } from './analyze.ts';

describe('analyze', () => {
  it('stores pack and analysis, tells the incident and writes the audit entry that names every piece of evidence', async () => {
    const here = await world();
    const output = await analyze(here.deps, here.event);
    expect(analyzeOutputSchema.parse(output)).toEqual({
      incidentId: 'inc-story',
      packKey: 'incidents/inc-story/pack.json',
      analysisKey: 'incidents/inc-story/analysis.json',
      verdict: 'malicious',
      severity: 'critical',
      confirmed: true,
    });
    const pack = await packOf(here);
    expect(pack).toEqual(cryptoMinerPack());
    const analysis = await analysisOf(here);
    expect(analysis).toMatchObject({
      incidentId: 'inc-story',
      packDigest: digestOf(pack),
      writtenBy: { rules: { name: 'rules-analyst', version: RULES_VERSION } },
      dropped: [],
    });
    expect(await here.incidents.get('inc-story')).toMatchObject({
      headline: analysis.headline,
      verdict: 'malicious',
      confirmed: true,
      severity: 'high',
      times: { triaged: NOW.toISOString() },
      blobs: { pack: output.packKey, analysis: output.analysisKey },
    });
    expect(await here.audit.read('inc-story')).toMatchObject([
      {
        chain: 'inc-story',
        at: NOW.toISOString(),
        actor: { type: 'function', id: 'analyze' },
        kind: 'analysis.made',
        data: {
          packDigest: digestOf(pack),
          evidence: pack.items.map(({ id, digest }) => ({ id, digest })),
          rulesVersion: RULES_VERSION,
          verdict: 'malicious',
          severity: 'critical',
          confirmed: true,
          dropped: 0,
          gaps: 1,
          packSha256: sha256Hex(await here.blobs.get(output.packKey)),
          analysisSha256: sha256Hex(await here.blobs.get(output.analysisKey)),
        },
      },
    ]);
  });

  it('gives the same pack and analysis when the state machine repeats it', async () => {
    const here = await world();
    await analyze(here.deps, here.event);
    const first = [await packOf(here), await analysisOf(here)];
    await analyze(here.deps, { ...here.event, parts: [...here.event.parts].reverse() });
    expect([await packOf(here), await analysisOf(here)]).toEqual(first);
  });

  it('names the gap of a gatherer that died, with its cleaned reason, and goes on (rule 9)', async () => {
    const here = await world();
    const parts = here.event.parts.map((part) =>
      part.part === 'identity' ? { part: part.part, error: 'Lambda.Timeout\u001b[31m token=hunter22' } : part,
    );
    await analyze(here.deps, { incidentId: 'inc-story', parts });
    const gaps = (await packOf(here)).items.filter(({ fact }) => fact.kind === 'gap').map(({ fact }) => fact);
    expect(gaps[0]).toEqual({
      kind: 'gap',
      missing: 'identity',
      reason: 'gathering it failed: Lambda.Timeout token=[secret] [removed: 1 terminal sequences]',
    });
    const analysis = await analysisOf(here);
    expect(analysis.verdict).toBe('malicious');
    expect(analysis.unknowns.map(({ whyItMatters }) => whyItMatters)).toContain(
      'Without it the rights of the workload, and so the possible damage, are not known.',
    );
  });

  it.each([
    [
      'is no longer stored',
      (here: World) => ({ ...here.event.parts[4], key: 'incidents/inc-story/evidence/gone.json' }),
    ],
    ['was changed after it was stored', (here: World) => ({ ...here.event.parts[4], sha256: '0'.repeat(64) })],
  ])('does not use a part that %s', async (reason, changed) => {
    const here = await world();
    const parts = here.event.parts.map((part, index) => (index === 4 ? changed(here) : part));
    await analyze(here.deps, { incidentId: 'inc-story', parts });
    const pack = await packOf(here);
    expect(pack.items.map(({ fact }) => fact.kind)).not.toContain('role-binding');
    expect(pack.items.some(({ fact }) => fact.kind === 'gap' && fact.reason.includes(reason))).toBe(true);
  });

  it('does not use a body that is no evidence, or that belongs to another part', async () => {
    for (const body of ['not json', '{"part":"identity"}', JSON.stringify(cryptoMinerParts()[0])]) {
      const here = await world();
      const { key, sha256 } = await here.blobs.put('incidents/inc-story/evidence/odd.json', body);
      const parts = here.event.parts.map((part) => (part.part === 'identity' ? { ...part, key, sha256 } : part));
      await analyze(here.deps, { incidentId: 'inc-story', parts });
      expect(
        (await packOf(here)).items.some(
          ({ fact }) => fact.kind === 'gap' && fact.reason.includes('cannot be read as evidence'),
        ),
      ).toBe(true);
    }
  });

  it('judges nothing when nothing was gathered, and names every part as a gap', async () => {
    const here = await world();
    const output = await analyze(here.deps, { incidentId: 'inc-story', parts: [] });
    expect(output).toMatchObject({ verdict: 'undetermined', severity: 'high', confirmed: false });
    expect((await packOf(here)).items.map(({ part }) => part)).toEqual(EVIDENCE_PARTS);
    expect((await analysisOf(here)).actions).toEqual([]);
  });

  it('keeps the incident unconfirmed when one of its alerts was denied - a forged one may have joined it (rule 7)', async () => {
    const here = await world((part) => {
      const [first] = part.drafts;
      return part.part === 'alert-details' && first
        ? {
            ...part,
            drafts: [
              ...part.drafts,
              { ...first, fact: { kind: 'confirmation', confirmed: false, reason: 'the vendor does not know it' } },
            ],
          }
        : part;
    });
    expect(await analyze(here.deps, here.event)).toMatchObject({ verdict: 'malicious', confirmed: false });
    expect((await here.incidents.get('inc-story'))?.confirmed).toBe(false);
  });

  it('refuses an incident that does not exist', async () => {
    const here = await world();
    await expect(analyze(here.deps, { ...here.event, incidentId: 'inc-none' })).rejects.toThrow(NotFoundError);
  });

  it('fails loudly when the store is down, and leaves one audit entry when it is repeated', async () => {
    const here = await world();
    here.incidents.failNext('update', new Error('the table is throttled'));
    await expect(analyze(here.deps, here.event)).rejects.toThrow('the table is throttled');
    await analyze(here.deps, here.event);
    expect(await here.audit.read('inc-story')).toHaveLength(1);
  });
});
