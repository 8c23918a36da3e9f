import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../incident/incident.ts';
import { briefingOf, type Counted } from './count.ts';
import { type Briefing, briefingSchema, type Figure, MEASURES, sentenceOf, shown, UNITS } from './figures.ts';
import { figuresView, toldByRules, verifyNarrative } from './narrate.ts';

const PERIOD = { from: '2026-11-16T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
const GUARD = { canary: 'markquietharbourlantern', boundary: 'boundaryamberwillowriver' };
const at = (minutes: number): string => new Date(Date.parse(PERIOD.from) + minutes * 60_000).toISOString();

function incident(
  change: Partial<Incident> & { readonly triaged?: number; readonly contained?: number } = {},
): Incident {
  const { triaged, contained, ...rest } = change;
  return {
    incidentId: 'inc-1',
    source: 'falco',
    status: 'concluded',
    severity: 'high',
    workload: { kind: 'pod', cluster: 'prod-eks', namespace: 'payments', pod: 'checkout-0', controller: 'checkout' },
    workloadKey: 'k',
    generation: 1,
    windowEndsAt: at(30),
    findingCount: 2,
    duplicateCount: 3,
    confirmed: true,
    verdict: 'malicious',
    outcome: 'contained',
    times: {
      received: at(0),
      opened: at(0),
      ...(triaged === undefined ? {} : { triaged: at(triaged) }),
      ...(contained === undefined ? {} : { contained: at(contained) }),
    },
    blobs: {},
    ...rest,
  };
}
const NO_MODELS = { calls: 0, tokens: 0, microUsd: 0, unpricedCalls: 0 };
const WEEK: Counted = {
  incidents: [
    incident({ triaged: 4, contained: 20 }),
    incident({ triaged: 6, contained: 40 }),
    incident({ triaged: 11, severity: 'medium', verdict: 'suspicious', outcome: 'advice-only' }),
  ],
  actions: [
    { action: 'kubernetes.quarantine-pod', ended: 'verified' },
    { action: 'kubernetes.quarantine-pod', ended: 'verified' },
  ],
  models: { calls: 7, tokens: 12_345, microUsd: 1_234_567, unpricedCalls: 0 },
};
const BEFORE: Counted = { incidents: [incident({ triaged: 9, contained: 60 })], actions: [], models: NO_MODELS };
const BRIEFING = briefingOf('soc', PERIOD, WEEK, BEFORE);

function figure(measure: Figure['measure'], of?: string): Figure {
  const found = BRIEFING.figures.find((one) => one.measure === measure && (of === undefined || one.of === of));
  if (found === undefined) throw new Error(`no figure ${measure}`);
  return found;
}
const answer = (text: string, evidence: readonly string[]) => ({
  outcome: 'told',
  claims: [{ text, kind: 'observed', evidence: [...evidence], entities: [] }],
});
function stands(text: string, ...cited: readonly Figure[]): boolean {
  const { sentences } = verifyNarrative(
    answer(
      text,
      cited.map(({ id }) => id),
    ),
    BRIEFING,
    GUARD,
  );
  return sentences.some((one) => one.by === 'model');
}

describe('the figures of a period', () => {
  it('are counted by code: volume, noise removed, times, verdicts, outcomes, actions, cost - with those of the period before', () => {
    expect(briefingSchema.parse(BRIEFING)).toEqual(BRIEFING);
    expect(toldByRules(BRIEFING).map(({ text, evidence }) => `${evidence.join()} ${text}`)).toEqual([
      'E1 3 incidents were opened (1 in the period before).',
      'E2 15 alerts came in (5 in the period before).',
      'E3 9 alerts were repetitions (3 in the period before).',
      'E4 80 % of alerts were noise: repetitions, or part of an incident that was open (80 % in the period before).',
      'E5 Triage took 6 minutes in the median (9 minutes in the period before).',
      'E6 The slowest tenth of triage took from 10 minutes on (9 minutes in the period before).',
      'E7 Containment took 30 minutes in the median (60 minutes in the period before).',
      'E8 The slowest tenth of containment took from 38 minutes on (60 minutes in the period before).',
      'E9 2 incidents were judged malicious (1 in the period before).',
      'E10 1 incident was judged suspicious.',
      'E11 2 incidents ended with outcome contained (1 in the period before).',
      'E12 1 incident ended with outcome advice-only.',
      'E13 2 actions ended: kubernetes.quarantine-pod verified.',
      'E14 Models were asked in 7 calls (0 in the period before).',
      'E15 Models cost USD 1.23 by the configured prices, an estimate (USD 0.00 in the period before).',
      'E16 Models read and wrote 12,345 tokens (0 in the period before).',
      'E17 2 incidents were of severity high (1 in the period before).',
      'E18 1 incident was of severity medium.',
      'E19 3 incidents were of workload "payments/checkout in prod-eks" (1 in the period before).',
    ]);
  });

  it('are fewer for who decides about money, and the same where both have them', () => {
    const ciso = briefingOf('ciso', PERIOD, WEEK, BEFORE);
    const measures = new Set(ciso.figures.map(({ measure }) => measure));
    for (const detail of ['workload', 'severity', 'model-tokens', 'triage-slowest-tenth'] as const)
      expect(measures.has(detail)).toBe(false);
    for (const { id: _, ...one } of ciso.figures)
      expect(BRIEFING.figures.map(({ id: __, ...other }) => other)).toContainEqual(one);
  });

  it('of an empty period are zero where something can be counted, and unknown where not - never a zero nobody counted', () => {
    const empty = briefingOf('soc', PERIOD, { incidents: [], actions: [], models: NO_MODELS }, undefined);
    expect(empty.figures.map(({ measure, value }) => [measure, value])).toEqual([
      ['incidents', 0],
      ['alerts', 0],
      ['duplicates', 0],
      ['model-calls', 0],
      ['model-cost', 0],
      ['model-tokens', 0],
    ]);
    expect(empty.unknown.map(({ measure }) => measure)).toEqual(['suppressed', 'triage-median', 'containment-median']);
  });
});

describe('a narrated sentence', () => {
  const [incidents, alerts, noise] = [figure('incidents'), figure('alerts'), figure('noise-removed')];
  const [triage, cost, high] = [figure('triage-median'), figure('model-cost'), figure('severity', 'high')];

  it.each<[string, readonly Figure[]]>([
    ['3 incidents were opened, 1 in the period before.', [incidents]],
    ['There were three incidents from 15 alerts.', [incidents, alerts]],
    ['More incidents were opened than in the period before: 3 and 1.', [incidents]],
    ['80 % of alerts were noise.', [noise]],
    ['Triage was faster: it took 6 minutes, after 9 minutes in the period before.', [triage]],
    ['Models cost USD 1.23.', [cost]],
    ['2 incidents were of severity high.', [high]],
    ['From 2026-11-16 to 2026-11-23 there were 3 incidents.', [incidents]],
  ])('stands when each number, direction and name is that of the figures it cites: %s', (text, cited) => {
    expect(stands(text, ...cited)).toBe(true);
  });

  it.each<[string, string, readonly Figure[]]>([
    ['a number nobody counted', '4 incidents were opened.', [incidents]],
    ['a number of a figure it does not cite', '15 alerts came in.', [incidents]],
    ['a figure of something else', '15 incidents were opened.', [alerts]],
    ['a figure in another unit', '80 alerts came in.', [noise]],
    ['minutes told as hours', 'Triage took 6 hours.', [triage]],
    ['a percentage of nothing', '3 % of incidents were opened.', [incidents]],
    ['money that was not spent', 'Models cost USD 123.', [cost]],
    ['a number in words', 'Four incidents were opened.', [incidents]],
    ['a quantity without a number', 'Most incidents were contained.', [incidents]],
    ['a multiple', 'Incidents doubled to 3.', [incidents]],
    ['a rounding', 'About 3 incidents were opened.', [incidents]],
    ['a fall that was a rise', 'Fewer incidents were opened: 3.', [incidents]],
    ['a rise that was a fall', 'Triage took longer: 6 minutes.', [triage]],
    [
      'a direction of a figure without a before',
      '1 incident, more than expected, was judged suspicious.',
      [figure('verdict', 'suspicious')],
    ],
    ['that there was nothing', 'There was no incident.', [incidents]],
    ['a person', 'Kevin opened 3 incidents.', [incidents]],
    ['a product', '3 incidents were opened by CrowdStrike.', [incidents]],
    ['a workload it does not cite', '3 incidents were opened in payments/checkout.', [incidents]],
    ['a comparison with others', '3 incidents is better than the industry.', [incidents]],
    ['a call to do something', 'Close the incidents.', [incidents]],
    ['an excuse', '3 incidents were harmless.', [incidents]],
    ['no citation', '3 incidents were opened.', []],
    ['another language', 'Es gab 3 Vorfälle und keine Gefahr.', [incidents]],
    ['a link', '3 incidents, see https://example.com.', [incidents]],
  ])('is dropped and counted when it holds %s', (_what, text, cited) => {
    expect(stands(text, ...cited)).toBe(false);
    const { dropped, violations, sentences } = verifyNarrative(
      answer(
        text,
        cited.map(({ id }) => id),
      ),
      BRIEFING,
      GUARD,
    );
    expect([dropped.length, violations.length]).toEqual([1, 1]);
    expect(sentences).toEqual(toldByRules(BRIEFING));
  });

  it('never stands with a number that is none of the cited figures, whatever is around it', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 200_000 }),
        fc.subarray([...BRIEFING.figures], { minLength: 1 }),
        fc.constantFrom('', ' %', ' minutes', ' hours', ' incidents', ' alerts', ' USD'),
        fc.constantFrom(
          (n: string) => `There were ${n} in the period.`,
          (n: string) => `Triage took ${n}.`,
          (n: string) => `It was ${n}, and 3 incidents were opened.`,
        ),
        (value, cited, unit, frame) => {
          fc.pre(cited.every((one) => one.value !== value && one.before !== value));
          fc.pre(!cited.some(({ of = '' }) => of.includes(String(value))));
          for (const written of [String(value), value.toLocaleString('en-US')])
            expect(stands(frame(`${written}${unit}`), ...cited)).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a narrative', () => {
  const anyFigure = (index: number): fc.Arbitrary<Figure> =>
    fc
      .record({
        measure: fc.constantFrom(...MEASURES.filter((measure) => measure !== 'suppressed' && measure !== 'workload')),
        value: fc.nat({ max: 1_000_000 }),
        before: fc.option(fc.nat({ max: 1_000_000 }), { nil: undefined }),
      })
      .map(({ measure, value, before }) => ({
        id: `E${index + 1}`,
        measure,
        unit: unitOf(measure),
        value,
        ...(of(measure) === undefined ? {} : { of: of(measure) }),
        ...(before === undefined ? {} : { before }),
      }));
  const unitOf = (measure: Figure['measure']): Figure['unit'] =>
    measure === 'noise-removed'
      ? 'percent'
      : measure === 'model-cost'
        ? 'usd'
        : /median|tenth/.test(measure)
          ? 'minutes'
          : 'count';
  const of = (measure: Figure['measure']): string | undefined =>
    (
      ({
        severity: 'high',
        verdict: 'malicious',
        outcome: 'rolled-back',
        action: 'kubernetes.cordon-node verified',
      }) as Record<string, string>
    )[measure];

  it('of the rules stands before its own verifier, whatever the figures are', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 8 })
          .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyFigure(index)))),
        (figures) => {
          const briefing: Briefing = { audience: 'ciso', period: PERIOD, figures, unknown: [] };
          const claims = toldByRules(briefing).map(({ text, evidence }) => ({
            text,
            kind: 'observed',
            evidence: [...evidence],
            entities: [],
          }));
          const { sentences, dropped } = verifyNarrative({ outcome: 'told', claims }, briefing, GUARD);
          expect(dropped).toEqual([]);
          expect(sentences.filter(({ by }) => by === 'model').map(({ text }) => text)).toEqual(figures.map(sentenceOf));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('keeps every figure the rules told, whatever a model answers', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            outcome: fc.constantFrom('told', 'cannot_tell', 'declined'),
            claims: fc.array(
              fc.record({
                text: fc.string({ unit: 'binary' }),
                kind: fc.constant('observed'),
                evidence: fc.array(fc.constantFrom('E1', 'E99', '')),
                entities: fc.constant([]),
              }),
            ),
          }),
        ),
        (anything) => {
          const { sentences } = verifyNarrative(anything, BRIEFING, GUARD);
          expect(sentences.filter(({ by }) => by === 'rules')).toEqual(toldByRules(BRIEFING));
        },
      ),
    );
  });

  it('of a model that was turned or declines is not used at all', () => {
    for (const [claims, outcome] of [
      [answer(`3 incidents, ${GUARD.canary}.`, ['E1']).claims, 'told'],
      [[], 'declined'],
    ] as const)
      expect(verifyNarrative({ outcome, claims }, BRIEFING, GUARD)).toMatchObject({
        refused: expect.any(String),
        sentences: toldByRules(BRIEFING),
      });
  });

  it('is asked for with the figures alone, and with names from alerts that read as no sentence', () => {
    const view: unknown = JSON.parse(figuresView(BRIEFING));
    expect(view).toMatchObject({ audience: 'soc', period: { from: '2026-11-16', to: '2026-11-23' } });
    expect(figuresView(BRIEFING)).toContain('payments/checkout^in^prod-eks');
    expect(figuresView(BRIEFING)).not.toContain('checkout in prod-eks');
  });

  it('tells each value in one way', () => {
    expect(UNITS.map((unit) => shown(1234, unit))).toEqual(['1,234', '1234 %', '1234 minutes', 'USD 1234.00']);
  });
});
