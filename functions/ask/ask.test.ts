import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AskOutput, exchangeSchema } from '../../domain/ask/exchange.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { hostileWords } from '../../test/arbitraries/evidence.ts';
import { askWorld } from '../../test/stories/ask-world.ts';
import { INCIDENT_ID, PACK_KEY, storyIncident, storyPack } from '../../test/stories/asked-action.ts';
import { IMAGE_DIGEST } from '../../test/stories/crypto-miner.ts';
import { type AskDeps, ask } from './ask.ts';

const SPAWNED = 'What spawned this process?';
type Answered = Extract<AskOutput, { outcome: 'answered' }>;

async function asked(deps: AskDeps, question: string, more: object = {}): Promise<Answered> {
  const said = await ask(deps, { incidentId: INCIDENT_ID, question, asker: 'dana', ...more });
  if (said.outcome !== 'answered') throw new Error(`refused: ${said.reason}`);
  return said;
}

describe('ask, without a model', () => {
  it('answers a query, with the lines of the evidence it stands on', async () => {
    const { deps } = await askWorld();
    const said = await asked(deps, SPAWNED);
    expect(said).toMatchObject({
      kind: 'query',
      queries: ['spawned'],
      threadId: 'th-000000000001',
      turn: 1,
      askedBy: 'dana',
      question: SPAWNED,
      author: { by: 'queries', version: '1.0.0' },
      pack: { key: PACK_KEY },
      dropped: [],
    });
    const items = storyPack().items.filter(({ id }) => said.citations.includes(id));
    expect(said.evidence).toEqual(
      items.map(({ id, source, observedAt, trust, text }) => ({ id, source, observedAt, trust, text })),
    );
    expect(said).not.toHaveProperty('fallback');
  });

  it('keeps the exchange in the bucket, and of the question only its digest in the audit log', async () => {
    const { deps, stores, threads } = await askWorld();
    const { outcome: _, turn, ...exchange } = await asked(deps, SPAWNED);
    const [kept] = await threads.all(INCIDENT_ID, { limit: 9 });
    const body = await stores.blobs.get(kept?.key ?? '');
    expect(exchangeSchema.parse(JSON.parse(body))).toEqual(exchange);
    const entries = await stores.audit.read(INCIDENT_ID);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      kind: 'question.answered',
      actor: { type: 'function', id: 'ask' },
      data: {
        threadId: exchange.threadId,
        turn,
        askedBy: 'dana',
        questionSha256: sha256Hex(SPAWNED),
        key: kept?.key,
        sha256: sha256Hex(body),
        kind: 'query',
        queries: ['spawned'],
        citations: storyPack()
          .items.filter(({ id }) => exchange.citations.includes(id))
          .map(({ id, digest }) => ({ id, digest })),
      },
    });
    expect(JSON.stringify(entries)).not.toContain(SPAWNED);
  });

  it('cannot tell what is no query, and says what it can be asked', async () => {
    const { deps } = await askWorld();
    const said = await asked(deps, 'Is customer data gone?');
    expect(said).toMatchObject({ kind: 'cannot-tell', citations: [], sentences: [], queries: [] });
    expect(said.answer).toMatch(/^I cannot tell from the evidence\..*what spawned a process/);
  });

  it('redacts a secret that was pasted into a question before anything keeps it', async () => {
    const { deps, stores } = await askWorld();
    const secret = `AKIA${'EXAMPLE7'.repeat(2)}`;
    const said = await asked(deps, `What spawned this process? password=hunter2 ${secret}`);
    expect(said.question).toBe('What spawned this process? password=[secret] [secret]');
    const kept = await Promise.all(stores.blobs.keys().map((key) => stores.blobs.get(key)));
    expect(kept.join('')).not.toMatch(/hunter2|AKIAEXAMPLE/);
  });

  it.each([
    ['', 'question', /at least one word/],
    ['?'.repeat(501), 'question', /at most 500/],
    ['x'.repeat(1_000_000), 'question', /at most 500/],
  ])('refuses what is no question', async (question, because, reason) => {
    const { deps, stores } = await askWorld();
    expect(await ask(deps, { incidentId: INCIDENT_ID, question })).toEqual({
      outcome: 'refused',
      because,
      reason: expect.stringMatching(reason),
    });
    expect(await stores.audit.read(INCIDENT_ID)).toEqual([]);
  });

  it('refuses an incident that is unknown, not analysed, or whose evidence cannot be read', async () => {
    const { deps, stores } = await askWorld();
    const because = async (incidentId: string) => {
      const said = await ask(deps, { incidentId, question: SPAWNED });
      return said.outcome === 'refused' ? said.reason : said.outcome;
    };
    expect(await because('inc-unknown')).toBe('there is no such incident');
    await stores.blobs.put(PACK_KEY, '{"not": "a pack"');
    expect(await because(INCIDENT_ID)).toBe('its evidence cannot be read any more');
    stores.incidents.seed(storyIncident({ blobs: {} }));
    expect(await because(INCIDENT_ID)).toMatch(/not analysed yet/);
  });

  it('tells of incidents that came to share the image since, as evidence in a pack of its own', async () => {
    const { deps, links, stores } = await askWorld();
    const other = {
      incidentId: 'inc-other',
      openedAt: '2025-10-14T09:35:00.000Z',
      workload: 'shop/basket in prod-eks',
    };
    await links.link(other, [{ what: 'image', value: IMAGE_DIGEST }], new Date('2025-10-14T09:35:00.000Z'));
    const said = await asked(deps, 'Which other workloads run this image?');
    expect(said.answer).toContain('shop/basket in prod-eks runs it: its incident inc-other');
    const pack = evidencePackSchema.parse(JSON.parse(await stores.blobs.get(said.pack.key)));
    expect(said.pack.key).toMatch(new RegExp(`^incidents/${INCIDENT_ID}/packs/`));
    expect(pack.items.slice(0, storyPack().items.length)).toEqual(storyPack().items);
    expect(pack.items.map(({ id }) => id)).toEqual(expect.arrayContaining(said.citations));
    expect(await stores.blobs.get(PACK_KEY)).toBe(JSON.stringify(storyPack()));
  });
});

describe('a thread', () => {
  it('is gone on with: "it" is what was spoken of last, also over a turn that could not tell', async () => {
    const { deps } = await askWorld();
    const { threadId } = await asked(deps, 'What spawned /bin/sh?');
    await asked(deps, 'Is that usual?', { threadId });
    const next = await asked(deps, 'What started it?', { threadId });
    expect(next).toMatchObject({ threadId, turn: 3, subject: { label: expect.stringMatching(/\/bin\/sh$/) } });
  });

  it('of another incident, or that nobody began, is refused', async () => {
    const { deps } = await askWorld();
    const said = await ask(deps, { incidentId: INCIDENT_ID, question: SPAWNED, threadId: 'th-ffffffffffff' });
    expect(said).toMatchObject({ outcome: 'refused', because: 'thread' });
  });

  it('remembers no turn whose text was changed in the bucket', async () => {
    const { deps, stores, threads } = await askWorld();
    const { threadId } = await asked(deps, 'What spawned /bin/sh?');
    const [turn] = await threads.all(INCIDENT_ID, { limit: 1 });
    const text = await stores.blobs.get(turn?.key ?? '');
    await stores.blobs.put(turn?.key ?? '', text.replaceAll('/bin/sh', '/bin/xx'));
    expect((await asked(deps, 'What started it?', { threadId })).subject?.label).toMatch(/xmrig$/);
  });

  it('loses nothing when two people ask at once', async () => {
    const { deps, threads } = await askWorld();
    const { threadId } = await asked(deps, SPAWNED);
    await Promise.all(['dana', 'sam'].map((asker) => asked(deps, 'What changed before?', { threadId, asker })));
    expect((await threads.turns(INCIDENT_ID, threadId, { last: 9 })).map(({ turn }) => turn)).toEqual([1, 2, 3]);
  });
});

describe('ask, whatever is typed', () => {
  it('never fails, and cites only what is in the pack it names', async () => {
    const { deps } = await askWorld();
    const ids = new Set(storyPack().items.map(({ id }) => id));
    const words = fc.constantFrom(
      'what',
      'spawned',
      'E5',
      'N3',
      'connect to',
      'image',
      'which other',
      'CVEs',
      '/bin/sh',
      '?',
    );
    const question = fc.array(fc.oneof(words, hostileWords), { maxLength: 12 }).map((parts) => parts.join(' '));
    await fc.assert(
      fc.asyncProperty(question, async (text) => {
        const said = await ask(deps, { incidentId: INCIDENT_ID, question: text });
        if (said.outcome === 'answered') for (const id of said.citations) expect(ids).toContain(id);
        else expect(said.because).toBe('question');
      }),
      { numRuns: 60 },
    );
  });
});
