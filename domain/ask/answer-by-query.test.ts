import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryPack, hostileWords } from '../../test/arbitraries/evidence.ts';
import { storyAnalysis, storyPack } from '../../test/stories/asked-action.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';
import type { Fact } from '../evidence/fact.ts';
import {
  composePack,
  EVIDENCE_PARTS,
  type EvidenceDraft,
  type EvidencePack,
  type EvidencePartName,
  extendPack,
} from '../evidence/pack.ts';
import type { Reply } from './answer.ts';
import { answerByQuery } from './answer-by-query.ts';
import { QuestionError } from './question.ts';

const pack = storyPack();
const analysis = storyAnalysis();
const ask = (question: string, over: EvidencePack = pack): Reply => answerByQuery(question, over, analysis);
const factsCited = (reply: Reply, over: EvidencePack = pack): Fact[] =>
  over.items.filter(({ id }) => reply.citations.includes(id)).map(({ fact }) => fact);

/** A pack of a few facts, each in its part. */
function packOf(...facts: readonly (readonly [EvidencePartName, Fact])[]): EvidencePack {
  const draft = (fact: Fact): EvidenceDraft => ({
    source: 'cwpp_api',
    field: 'invented',
    trust: 'vendor',
    observedAt: '2025-10-14T09:20:00.000Z',
    fact,
    entities: [],
  });
  return composePack({
    incidentId: 'inc-1',
    workload: pack.workload,
    vendorSeverity: 'high',
    parts: EVIDENCE_PARTS.map((part) => ({
      part,
      gatheredAt: '2025-10-14T09:20:00.000Z',
      drafts: facts.flatMap(([of, fact]) => (of === part ? [draft(fact)] : [])),
      cost: { calls: 0, bytes: 0, milliseconds: 0 },
    })),
  });
}

describe('what spawned this process?', () => {
  it('is the lineage up to the entry point, each step on the records of both processes', () => {
    const reply = ask('What spawned this process?');
    expect(reply).toMatchObject({ kind: 'query', queries: ['spawned'], unknowns: [] });
    expect(reply.answer).toMatch(
      /Process \d+ \/tmp\/\.x\/xmrig( \(user \w+\))? was started by process \d+ \/bin\/sh \(.*command line/,
    );
    expect(reply.answer).toMatch(
      /started by process 1, the entry point "\/usr\/bin\/java|\/usr\/bin\/java is the entry/,
    );
    for (const { evidence } of reply.sentences) expect(evidence.length).toBeGreaterThan(0);
    expect(factsCited(reply).every(({ kind }) => kind === 'process' || kind === 'container')).toBe(true);
  });

  it('is asked of a process by its id, its path or its name', () => {
    const shell = pack.items.find(({ fact }) => fact.kind === 'process' && fact.path === '/bin/sh')?.fact;
    const pid = shell?.kind === 'process' ? shell.pid : undefined;
    for (const question of [`What spawned pid ${pid}?`, 'What spawned /bin/sh?', 'Who started the shell?'])
      expect(ask(question).subject?.label).toBe(`${pid} /bin/sh`);
  });

  it('is not answered for a process the evidence does not hold - another one is no answer', () => {
    for (const question of [
      'What spawned pid 99999?',
      'What spawned /usr/bin/unheard-of?',
      'What is the parent of E9999?',
    ])
      expect(ask(question)).toMatchObject({ kind: 'cannot-tell', citations: [] });
    expect(ask('What spawned pid 99999?').answer).toBe(
      'I cannot tell from the evidence. The evidence holds nothing called process 99999.',
    );
  });

  it('is about what the alert is about when it names nothing that is known', () => {
    expect(ask('What spawned the flux capacitor?')).toEqual(ask('What spawned this process?'));
  });

  it('tells what is missing where the evidence ends, and the gap that explains it', () => {
    const reply = ask(
      'What spawned this process?',
      packOf(
        ['runtime-activity', { kind: 'process', pid: 7, parentPid: 3, path: '/tmp/xmrig' }],
        ['runtime-activity', { kind: 'gap', missing: 'forensic data', reason: 'HTTP 503' }],
      ),
    );
    expect(reply.kind).toBe('cannot-tell');
    expect(reply.unknowns).toEqual([
      { text: 'The evidence does not hold process 3 that started process 7 /tmp/xmrig.', evidence: ['E1'] },
      { text: 'Not known: forensic data, because HTTP 503.', evidence: ['E2'] },
    ]);
  });

  it('takes the record with ids for the process an alert names by path, and says that it concludes so', () => {
    const line = '/tmp/xmrig -o pool.example.net:3333';
    const reply = ask(
      'What spawned this process?',
      packOf(
        ['alert-details', { kind: 'process', pid: 25_325, path: '/tmp/xmrig', commandLine: line }],
        ['runtime-activity', { kind: 'process', pid: 45, parentPid: 44, path: '/tmp/xmrig', commandLine: line }],
        ['runtime-activity', { kind: 'process', pid: 44, parentPid: 1, path: '/bin/sh' }],
      ),
    );
    expect(reply.sentences).toEqual([
      {
        text: 'Process 45 /tmp/xmrig was started by process 44 /bin/sh.',
        kind: 'inferred',
        evidence: ['E1', 'E2', 'E3'],
      },
    ]);
  });

  it('follows a parent that an event names without an id', () => {
    const reply = ask(
      'What spawned this process?',
      packOf(
        ['runtime-activity', { kind: 'process', path: '/bin/sh', parentPath: 'runc' }],
        ['runtime-activity', { kind: 'process', path: 'runc' }],
      ),
    );
    expect(reply.answer).toBe('Process /bin/sh was started by process runc.');
  });
});

describe('the other queries of the story', () => {
  it('name every peer with direction, port, time and what is known of it', () => {
    const reply = ask('What did it connect to?');
    const expected = pack.items.filter(({ fact }) => fact.kind === 'connection' || fact.kind === 'dns-query');
    expect(reply.citations).toEqual(expect.arrayContaining(expected.map(({ id }) => id)));
    expect(reply.answer).toMatch(/connected outbound to 203\.0\.113\.\d+ port 3333 at 2025-10-14/);
  });

  it('count records, not connections: the alert and the record of the vendor may tell of the same one', () => {
    const to = (at: string, port = 3333): Fact => ({
      kind: 'connection',
      direction: 'outbound',
      destinationIp: '203.0.113.50',
      destinationPort: port,
      at,
    });
    const twice = packOf(['network', to('2025-10-14T09:16:05.000Z')], ['network', to('2025-10-14T09:16:05.050Z')]);
    expect(ask('What did it connect to?', twice).answer).toBe(
      'The container connected outbound to 203.0.113.50 port 3333 at 2025-10-14 09:16:05 UTC, by 2 records.',
    );
    const later = packOf(['network', to('2025-10-14T09:16:05.000Z')], ['network', to('2025-10-14T09:18:05.000Z', 443)]);
    expect(ask('What did it connect to?', later).answer).toBe(
      'The container connected outbound to 203.0.113.50 ports 443 and 3333 from 2025-10-14 09:16:05 UTC to 2025-10-14 09:18:05 UTC, by 2 records.',
    );
  });

  it('name one peer alone when it is asked for', () => {
    const reply = ask('Did it connect to 203.0.113.50?');
    expect(reply.kind).toBe('query');
    expect(factsCited(reply).every((fact) => fact.kind !== 'connection' || fact.destinationIp === '203.0.113.50')).toBe(
      true,
    );
    expect(ask('Did it connect to 198.51.100.77?').kind).toBe('cannot-tell');
  });

  it('say what changed, from which image, why, and how long before the first alert', () => {
    const reply = ask('What changed before?');
    expect(reply.answer).toMatch(
      /Revision \d+ of Deployment checkout, which runs now, was made at .* before the first alert, with .*; before it ran /,
    );
    expect(reply.unknowns[0]?.text).toMatch(/Who made the revision/);
  });

  it('list each vulnerability as the analysis judged it', () => {
    const reply = ask('Which CVEs apply?');
    expect(reply.sentences.map(({ text }) => text.split(' ')[0])).toEqual(
      analysis.vulnerabilities.map(({ cve }) => cve),
    );
    expect(reply.sentences[0]?.text).toMatch(/likely exploited here \(CVSS 10; .*fixed in/);
    expect(ask('Does CVE-2021-44228 apply?').sentences).toEqual([reply.sentences[0]]);
    expect(ask('Is it vulnerable to CVE-1999-0001?').kind).toBe('cannot-tell');
  });

  it('say as whom it runs and what that one may do', () => {
    const reply = ask('What may this identity do?');
    expect(reply.answer).toMatch(/service account payments\/checkout.*full control of the cluster/);
  });

  it('name other workloads with the image that incidents and the inventory show, and that this is no whole list', () => {
    const more = extendPack(pack, {
      part: 'baseline',
      drafts: [
        {
          source: 'history',
          field: 'links',
          trust: 'own',
          observedAt: '2025-10-14T09:20:00.000Z',
          fact: {
            kind: 'linked-incident',
            incidentId: 'inc-2',
            openedAt: '2025-10-13T00:00:00.000Z',
            workload: 'payments/checkout in staging-eks',
            shared: [{ what: 'image', value: 'sha256:3f' }],
          },
          entities: [],
        },
      ],
      cost: { calls: 0, bytes: 0, milliseconds: 0 },
    });
    const reply = ask('Which other workloads run this image?', more);
    expect(reply.answer).toContain('payments/checkout in staging-eks runs it: its incident inc-2');
    expect(reply.unknowns[0]?.text).toMatch(/may be missing/);
  });
});

describe('answerByQuery', () => {
  it('answers several questions at once, and says that a part was left aside', () => {
    const reply = ask('What spawned this process and what may this identity do? Is it malicious?');
    expect(reply.queries).toEqual(['spawned', 'identity']);
    expect(reply.unknowns.at(-1)?.text).toMatch(/left aside/);
  });

  it('takes "it" for what was spoken of last, while this evidence still calls it so', () => {
    const { subject } = ask('What spawned /bin/sh?');
    const next = (question: string, about = subject) =>
      answerByQuery(question, pack, analysis, { subject: about, queries: ['spawned'] });
    expect(next('And what started it?').subject).toEqual(subject);
    expect(next('And what about xmrig?').subject?.label).toMatch(/xmrig$/);
    expect(subject && next('What started it?', { ...subject, label: 'another' }).subject?.label).toMatch(/xmrig$/);
  });

  it.each(['Is it malicious?', 'Was hat diesen Prozess gestartet?', 'rm -rf /'])(
    'cannot tell what is none of its questions: %s',
    (question) => {
      expect(ask(question)).toMatchObject({ kind: 'cannot-tell', queries: [], citations: [], sentences: [] });
    },
  );

  it.each(['', '   ', '\u200b\u202e', '?'.repeat(501), 'a'.repeat(1_000_000)])(
    'refuses what is no question (%#)',
    (question) => {
      expect(() => ask(question)).toThrow(QuestionError);
    },
  );

  it('cannot be captured by a process that is called like a word of every question', () => {
    const named = packOf(
      ['runtime-activity', { kind: 'process', pid: 9, parentPid: 1, path: '/tmp/this' }],
      ['runtime-activity', { kind: 'process', pid: 7, parentPid: 3, path: '/tmp/xmrig' }],
      ['runtime-activity', { kind: 'process', pid: 3, path: '/bin/sh' }],
    );
    expect(ask('What spawned this process?', named).subject?.label).toBe('7 /tmp/xmrig');
  });

  it('never throws on hostile evidence or questions, and cites only what exists', () => {
    const questions = fc.oneof(
      fc.constantFrom(
        'What spawned this process?',
        'What did it connect to?',
        'What changed before?',
        'Which other workloads run this image?',
        'Which CVEs apply?',
        'What may this identity do?',
        'What spawned pid 1 and what did E1 connect to?',
      ),
      hostileWords,
      fc.array(hostileWords, { maxLength: 6 }).map((words) => `what spawned ${words.join(' ')}`.slice(0, 500)),
    );
    fc.assert(
      fc.property(arbitraryPack, questions, (over, question) => {
        let reply: Reply;
        try {
          reply = answerByQuery(question, over, analyseByRules(over));
        } catch (error) {
          expect(error).toBeInstanceOf(QuestionError);
          return;
        }
        const ids = new Set(over.items.map(({ id }) => id));
        const all = [...reply.sentences, ...reply.unknowns].flatMap(({ evidence }) => evidence);
        for (const id of [...reply.citations, ...all]) expect(ids).toContain(id);
        for (const { evidence } of reply.sentences) expect(evidence.length).toBeGreaterThan(0);
        expect(reply.kind === 'cannot-tell').toBe(reply.sentences.length === 0);
      }),
      { numRuns: 150 },
    );
  });
});
