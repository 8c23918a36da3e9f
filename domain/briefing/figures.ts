import * as z from 'zod';

/** Who a briefing is for: who decides about money and priorities, or who works the incidents. */
export const AUDIENCES = ['ciso', 'soc'] as const;
export const audienceSchema = z.enum(AUDIENCES);
export type Audience = z.infer<typeof audienceSchema>;

export const MEASURES = [
  'incidents',
  'alerts',
  'duplicates',
  'suppressed',
  'noise-removed',
  'triage-median',
  'triage-slowest-tenth',
  'containment-median',
  'containment-slowest-tenth',
  'severity',
  'verdict',
  'outcome',
  'action',
  'workload',
  'model-calls',
  'model-tokens',
  'model-cost',
  'model-calls-unpriced',
] as const;
export const UNITS = ['count', 'percent', 'minutes', 'usd'] as const;

/** One number of a briefing, numbered as evidence is. `before`: the same of the period before, where that was counted. */
export const figureSchema = z.lazy(() =>
  z.object({
    id: z.string().regex(/^E\d+$/),
    measure: z.enum(MEASURES),
    /** Which of its kind: a severity, a verdict, an outcome, an action with its outcome, a workload. */
    of: z.string().optional(),
    unit: z.enum(UNITS),
    value: z.number().nonnegative(),
    before: z.number().nonnegative().optional(),
  }),
);
export type Figure = z.infer<typeof figureSchema>;

export const briefingSchema = z.lazy(() =>
  z.object({
    audience: audienceSchema,
    /** From the first moment of the one to the last before the other. */
    period: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }),
    figures: z.array(figureSchema),
    /** What a reader may expect and nobody could count, and why: an unknown figure is not zero. */
    unknown: z.array(z.object({ measure: z.enum(MEASURES), why: z.string() })),
  }),
);
export type Briefing = z.infer<typeof briefingSchema>;

/** A value as it is told, and nothing else is that value. */
export function shown(value: number, unit: Figure['unit']): string {
  switch (unit) {
    case 'count':
      return value.toLocaleString('en-US');
    case 'percent':
      return `${value} %`;
    case 'minutes':
      return `${value} ${value === 1 ? 'minute' : 'minutes'}`;
    case 'usd':
      return `USD ${value.toFixed(2)}`;
  }
}

/** What the number counts, in the words people use after it. Empty: not counted in things. */
export function nounsOf({ measure }: Pick<Figure, 'measure'>): readonly string[] {
  switch (measure) {
    case 'incidents':
    case 'severity':
    case 'verdict':
    case 'outcome':
    case 'workload':
      return ['incident', 'incidents'];
    case 'alerts':
    case 'suppressed':
      return ['alert', 'alerts'];
    case 'duplicates':
      return ['alert', 'alerts', 'duplicate', 'duplicates'];
    case 'action':
      return ['action', 'actions'];
    case 'model-calls':
    case 'model-calls-unpriced':
      return ['call', 'calls'];
    case 'model-tokens':
      return ['token', 'tokens'];
    case 'noise-removed':
    case 'triage-median':
    case 'triage-slowest-tenth':
    case 'containment-median':
    case 'containment-slowest-tenth':
    case 'model-cost':
      return [];
  }
}

/** One figure as a sentence: what a model is given, what the rules tell, and what words a sentence about it may draw on. */
export function sentenceOf(figure: Figure): string {
  const before = figure.before === undefined ? '' : ` (${shown(figure.before, figure.unit)} in the period before)`;
  return `${statement(figure)}${before}.`;
}

function statement({ measure, of = '', unit, value }: Figure): string {
  const number = shown(value, unit);
  const incidents = value === 1 ? 'incident' : 'incidents';
  const were = value === 1 ? 'was' : 'were';
  switch (measure) {
    case 'incidents':
      return `${number} ${incidents} ${were} opened`;
    case 'alerts':
      return `${number} ${value === 1 ? 'alert' : 'alerts'} came in`;
    case 'duplicates':
      return `${number} ${value === 1 ? 'alert was a repetition' : 'alerts were repetitions'}`;
    case 'suppressed':
      return `${number} ${value === 1 ? 'alert was' : 'alerts were'} suppressed`;
    case 'noise-removed':
      return `${number} of alerts were noise: repetitions, or part of an incident that was open`;
    case 'triage-median':
      return `Triage took ${number} in the median`;
    case 'triage-slowest-tenth':
      return `The slowest tenth of triage took from ${number} on`;
    case 'containment-median':
      return `Containment took ${number} in the median`;
    case 'containment-slowest-tenth':
      return `The slowest tenth of containment took from ${number} on`;
    case 'severity':
      return `${number} ${incidents} ${were} of severity ${of}`;
    case 'verdict':
      return `${number} ${incidents} ${were} judged ${of}`;
    case 'outcome':
      return `${number} ${incidents} ended with outcome ${of}`;
    case 'action':
      return `${number} ${value === 1 ? 'action' : 'actions'} ended: ${of}`;
    case 'workload':
      return `${number} ${incidents} ${were} of workload "${of}"`;
    case 'model-calls':
      return `Models were asked in ${number} ${value === 1 ? 'call' : 'calls'}`;
    case 'model-tokens':
      return `Models read and wrote ${number} ${value === 1 ? 'token' : 'tokens'}`;
    case 'model-cost':
      return `Models cost ${number} by the configured prices, an estimate`;
    case 'model-calls-unpriced':
      return `The price of ${number} ${value === 1 ? 'call' : 'calls'} is not known and not in the cost`;
  }
}
