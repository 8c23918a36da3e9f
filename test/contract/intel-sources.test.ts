import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHttp } from '../../connectors/http/request.ts';
import { type Asked, askAll } from '../../connectors/intel/ask.ts';
import { intelDrafts } from '../../connectors/intel/evidence.ts';
import type { IntelSource, Subject } from '../../connectors/intel/port.ts';
import { intelSources } from '../../connectors/intel/registry.ts';
import { type IntelligenceConfiguration, intelligenceSchema, KEYED_INTEL } from '../../domain/config/intelligence.ts';
import { evidenceDraftSchema } from '../../domain/evidence/pack.ts';
import { intelSandbox } from '../../local/sandbox/intel/intel.ts';
import { intelScenario } from '../../local/sandbox/intel/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type MemoryIntelCache, memoryIntelCache } from '../fakes/intel-cache.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';

const NOW = new Date('2025-10-14T09:18:30.000Z');
const BUDGET = 8_000;
const MD5 = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const ADDRESS: Subject = { kind: 'ip', value: '45.9.148.10', ourSide: 'client' };
const POOL: Subject = { kind: 'domain', value: 'pool.example.net', ourSide: 'client' };
const FILE: Subject = { kind: 'hash', value: MD5, ourSide: 'unknown' };
const cve = (value: string): Subject => ({ kind: 'cve', value, ourSide: 'unknown' });
const LOG4SHELL = cve('CVE-2021-44228');

let server: SandboxServer;
let secrets: MemorySecrets;
let cache: MemoryIntelCache;
let trouble: unknown[];
let now: Date;

beforeEach(async () => {
  const scenario = intelScenario();
  server = await serve({ systems: { intel: intelSandbox(scenario) }, mount: 'prefix' });
  secrets = memorySecrets(
    Object.fromEntries(KEYED_INTEL.map((name) => [`parapet/${name}`, { apiKey: scenario.keys[name] }])),
  );
  cache = memoryIntelCache();
  trouble = [];
  now = NOW;
});
afterEach(async () => await server.close());

function configuration(change: Record<string, unknown> = {}): IntelligenceConfiguration {
  const at = (name: string) => ({ baseUrl: `${server.url}/intel/${name}` });
  return intelligenceSchema.parse({
    ...Object.fromEntries(['kev', 'epss', 'osv'].map((name) => [name, at(name)])),
    ...Object.fromEntries(KEYED_INTEL.map((name) => [name, { ...at(name), secret: `parapet/${name}` }])),
    ...change,
  });
}

const sourcesOf = (change?: Record<string, unknown>): readonly IntelSource[] =>
  intelSources(configuration(change), { http: realHttp, secrets, cache, now: () => now });

async function ask(
  subjects: readonly Subject[],
  {
    sources = sourcesOf(),
    budgetMs = BUDGET,
  }: { readonly sources?: readonly IntelSource[]; readonly budgetMs?: number } = {},
): Promise<Asked> {
  return await askAll(
    { sources, cache, now: () => now, onCacheTrouble: (error) => trouble.push(error) },
    subjects,
    budgetMs,
  );
}

const answersOf = ({ told }: Asked) => Object.fromEntries(told.map(({ source, answer }) => [source, answer]));
const received = () => server.calls.map(({ path }) => path);

describe('the sources of intelligence', () => {
  it('say of a vulnerability since when it is exploited, how likely it is, and which version holds the fix', async () => {
    expect(answersOf(await ask([LOG4SHELL]))).toEqual({
      kev: {
        kind: 'knowledge',
        knowledge: {
          knownExploited: {
            since: '2021-12-10',
            dueDate: '2021-12-24',
            ransomware: true,
            action: expect.stringContaining('Apply updates'),
          },
          fixedIn: [],
        },
      },
      epss: {
        kind: 'knowledge',
        knowledge: { epss: { probability: 0.94432, percentile: 0.9996, on: '2025-10-14' }, fixedIn: [] },
      },
      osv: {
        kind: 'knowledge',
        knowledge: {
          fixedIn: ['2.15.0', '2.12.2', '2.3.1'].map((version) => ({
            packageName: 'org.apache.logging.log4j:log4j-core',
            ecosystem: 'Maven',
            version,
          })),
        },
      },
    });
  });

  it('say so when they do not know a vulnerability - that is an answer, and it is remembered too', async () => {
    const unknown = cve('CVE-2031-99999');
    const asked = await ask([unknown]);
    expect(asked.gaps).toEqual([]);
    expect(asked.told.map(({ answer }) => answer)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'knowledge', knowledge: { fixedIn: [] } })),
    );
    const calls = server.calls.length;
    expect((await ask([unknown])).told).toHaveLength(3);
    expect(server.calls).toHaveLength(calls);
  });

  it('say of an address, a name and a hash what they think, in numbers and never in the words of a community', async () => {
    const asked = await ask([ADDRESS, POOL, FILE]);
    expect(asked.gaps).toEqual([]);
    const opinions = asked.told.flatMap(({ source, subject, answer }) =>
      answer.kind === 'opinion'
        ? [[`${source} ${subject.kind}`, answer.opinion.verdict, answer.opinion.weight, answer.opinion.detail]]
        : [],
    );
    expect(opinions.sort()).toEqual([
      ['abuseipdb ip', 'malicious', 1.2, 'abuse score 92 of 100 from 210 reports of 61 reporters'],
      ['greynoise ip', 'malicious', 1.5, 'classified as malicious, and our side called it'],
      ['otx domain', 'malicious', 0.8, 'in 3 reports of the community within a year'],
      ['otx hash', 'unknown', 0, 'not known to it'],
      ['otx ip', 'unknown', 0, 'not known to it'],
      ['virustotal domain', 'malicious', 2, '9 of 93 engines call it malicious'],
      ['virustotal hash', 'malicious', 3, '48 of 64 engines call it malicious'],
      ['virustotal ip', 'malicious', 1.5, '11 of 91 engines call it malicious'],
    ]);
    expect(JSON.stringify(asked)).not.toMatch(/ignore previous/);
  });

  it('lower the urgency of a scanner that called us, which everybody sees', async () => {
    const { told } = await ask([{ ...ADDRESS, ourSide: 'server' }]);
    expect(told.find(({ source }) => source === 'greynoise')?.answer).toMatchObject({
      opinion: { verdict: 'suspicious', weight: 0.3 },
    });
  });

  it('are asked with a key only where a secret is configured', async () => {
    const names = (change?: Record<string, unknown>) =>
      intelSources(change === undefined ? undefined : intelligenceSchema.parse(change), {
        http: realHttp,
        secrets,
        cache,
        now: () => now,
      }).map(({ name }) => name);
    expect(names()).toEqual(['kev', 'epss', 'osv']);
    expect(names({ kev: { enabled: false }, otx: { secret: 'x' } })).toEqual(['epss', 'osv', 'otx']);
  });

  it('are named in the configuration by their real addresses', () => {
    const { kev, epss, osv } = intelligenceSchema.parse({});
    expect([kev, epss, osv].map(({ baseUrl }) => baseUrl)).toEqual([
      'https://www.cisa.gov/sites/default/files/feeds',
      'https://api.first.org',
      'https://api.osv.dev',
    ]);
  });
});

describe('an answer', () => {
  it('is asked for once within its lifetime, and again after it', async () => {
    const sources = sourcesOf();
    await ask([POOL], { sources });
    await ask([POOL], { sources });
    expect(received().filter((path) => path.includes('/domains/'))).toHaveLength(1);
    now = new Date(NOW.getTime() + 13 * 3_600_000);
    await ask([POOL], { sources });
    expect(received().filter((path) => path.includes('/domains/'))).toHaveLength(2);
  });

  it('is asked for again when what is remembered cannot be read - another version may have written it', async () => {
    await cache.put('epss#cve#CVE-2021-44228', {
      body: '{"kind":"of another version"}',
      checkedAt: NOW.toISOString(),
      expiresAt: new Date(NOW.getTime() + 60_000),
    });
    expect(answersOf(await ask([LOG4SHELL]))['epss']).toMatchObject({ knowledge: { epss: { probability: 0.94432 } } });
  });

  it('does not need the cache to be remembered, only to be counted', async () => {
    cache.failNext('get', new Error('throttled'), 50);
    cache.failNext('put', new Error('throttled'), 50);
    const asked = await ask([POOL]);
    expect(asked.told).toHaveLength(2);
    expect(trouble.length).toBeGreaterThan(0);
  });

  it('is not asked for when the calls cannot be counted - breaking a limit would end the key for everybody', async () => {
    cache.failNext('take', new Error('throttled'), 50);
    const asked = await ask([POOL]);
    expect(asked.told).toEqual([]);
    expect(asked.gaps.map(({ source }) => source)).toEqual(['virustotal', 'otx']);
    expect(server.calls).toEqual([]);
  });

  it('keeps to the four calls a minute of a public VirusTotal key, over several incidents', async () => {
    const names = (from: number) =>
      Array.from({ length: 3 }, (_, index): Subject => ({ ...POOL, value: `h${from + index}.example.net` }));
    const first = await ask(names(0));
    const second = await ask(names(3));
    const toVirusTotal = received().filter((path) => path.startsWith('/virustotal'));
    expect(toVirusTotal).toHaveLength(4);
    expect(first.gaps).toEqual([]);
    expect(second.gaps).toEqual([
      {
        source: 'virustotal',
        subjects: expect.arrayContaining([expect.objectContaining({ kind: 'domain' })]),
        reason: 'the calls its key allows are used up for now',
      },
    ]);
    now = new Date(NOW.getTime() + 60_000);
    expect((await ask([{ ...POOL, value: 'h9.example.net' }])).gaps).toEqual([]);
  });
});

describe('a source that fails', () => {
  const others = (asked: Asked, but: string) => asked.told.filter(({ source }) => source !== but).length;

  it.each([
    ['429', { status: 429, headers: { 'retry-after': '60' } }, /refuses more calls for now \(429\)/],
    ['500', { status: 500, body: 'oops' }, /answered 500/],
    ['a page of HTML', { status: 200, body: '<html>maintenance</html>' }, /is not JSON/],
    ['JSON of another form', { status: 200, body: '{"data":[]}' }, /no object of VirusTotal/],
    ['half an answer', { cutAfterBytes: 20 }, /could not be reached/],
  ] as const)('leaves a gap with its reason at %s, and the others are heard', async (_name, reply, reason) => {
    server.misbehave({ system: 'intel', path: '^/virustotal/', reply });
    const asked = await ask([POOL]);
    expect(asked.gaps).toEqual([{ source: 'virustotal', subjects: [POOL], reason: expect.stringMatching(reason) }]);
    expect(others(asked, 'virustotal')).toBe(1);
  });

  it('leaves a gap that says to check the key when the key is refused', async () => {
    secrets.stored.set('parapet/otx', { apiKey: 'revoked' });
    secrets.stored.set('parapet/virustotal', { placeholder: 'true' });
    const asked = await ask([POOL]);
    expect(asked.told).toEqual([]);
    expect(asked.gaps.map(({ source, reason }) => `${source}: ${reason}`)).toEqual([
      expect.stringMatching(/^virustotal: secret parapet\/virustotal/),
      expect.stringMatching(/^otx: .*403; check its key$/),
    ]);
  });

  it('does not delay the others: what is there when the time is over is told, the rest is a gap', async () => {
    server.misbehave({ system: 'intel', path: '^/otx/', reply: { hangMs: 60_000 } });
    const asked = await ask([POOL], { budgetMs: 700 });
    expect(asked.told.map(({ source }) => source)).toEqual(['virustotal']);
    expect(asked.gaps).toEqual([{ source: 'otx', subjects: [POOL], reason: expect.stringMatching(/did not answer/) }]);
  });

  it('is no reason to believe a catalogue that lost entries: what it lost would count as not exploited', async () => {
    await ask([LOG4SHELL]);
    const whole = intelScenario().kev;
    const entries = whole['vulnerabilities'];
    const short = { ...whole, vulnerabilities: Array.isArray(entries) ? entries.slice(0, 5) : [] };
    const without = { ...short, count: 5 };
    for (const body of [short, without]) {
      server.misbehave({ system: 'intel', path: '^/kev/', reply: { status: 200, body: JSON.stringify(body) } });
      // A new execution environment, and another vulnerability than the remembered one.
      const asked = await ask([cve('CVE-2017-5638')], { sources: sourcesOf() });
      expect(asked.gaps.map(({ source, reason }) => `${source}: ${reason}`)).toEqual([
        'kev: the catalogue of exploited vulnerabilities holds 5 entries, and there should be 11',
      ]);
    }
  });
});

describe('the evidence made of it', () => {
  it('holds one fact for each thing asked about, the confidence with who said what, and each gap', async () => {
    server.misbehave({ system: 'intel', path: '^/osv/', reply: { status: 429 } });
    const asked = await ask([FILE, ADDRESS, POOL, LOG4SHELL]);
    const indicator = ({ kind, value, ourSide }: Subject) =>
      kind === 'cve'
        ? []
        : [{ kind, value, ourSide, entities: [{ kind: 'file' as const, canonical: value, label: value }] }];
    const drafts = intelDrafts(asked, [FILE, ADDRESS, POOL].flatMap(indicator), NOW.toISOString());
    expect(drafts.map((draft) => evidenceDraftSchema.parse(draft))).toEqual(drafts);
    const facts = drafts.map(({ fact, source }) => ({ source, ...fact }));
    expect(facts).toMatchObject([
      { source: 'threat_intel', kind: 'threat-intel', indicator: MD5, confidence: 87 },
      { source: 'threat_intel', kind: 'threat-intel', indicator: '45.9.148.10', confidence: 85 },
      {
        source: 'threat_intel',
        kind: 'threat-intel',
        indicator: 'pool.example.net',
        confidence: 79,
        answers: [
          { source: 'virustotal', verdict: 'malicious', weight: 2 },
          { source: 'otx', verdict: 'malicious', weight: 0.8 },
        ],
      },
      {
        source: 'vuln_db',
        kind: 'exploit-knowledge',
        cve: 'CVE-2021-44228',
        checked: ['kev', 'epss'],
        knownExploited: { since: '2021-12-10', ransomware: true },
        epss: { probability: 0.94432 },
      },
      {
        source: 'vuln_db',
        kind: 'gap',
        missing: 'what OSV knows of CVE-2021-44228',
        reason: expect.stringContaining('429'),
      },
    ]);
  });
});
