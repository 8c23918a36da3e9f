import * as z from 'zod';
import { type Heard, lookUpsOf, retell, type WantedCall } from './analyst.ts';

/** How the next call is answered, whatever the wire. Written in a scenario file, or put in the queue by a test. */
export const modelScenarioSchema = z.discriminatedUnion('play', [
  /** A faithful analyst: one sentence for each of the first pieces of evidence, in their own words. */
  z.strictObject({ play: z.literal('summarise'), sentences: z.number().int().positive().default(5) }),
  /** The same, but it first looks something up where tools are offered. */
  z.strictObject({ play: z.literal('scripted'), sentences: z.number().int().positive().default(5) }),
  /** This JSON as the answer, in the way that was asked for. */
  z.strictObject({ play: z.literal('answer'), json: z.unknown() }),
  /** This text as the answer. `end`: a word of ours (see `End`) or any of the provider's. */
  z.strictObject({ play: z.literal('text'), text: z.string(), end: z.string().default('end') }),
  /** These calls of tools. */
  z.strictObject({
    play: z.literal('calls'),
    calls: z.array(z.strictObject({ name: z.string(), input: z.unknown() })).min(1),
    text: z.string().default(''),
  }),
  /** Content blocks as they are, for blocks nobody knows yet. */
  z.strictObject({ play: z.literal('blocks'), content: z.array(z.unknown()) }),
  /** A body that is not what the wire says. */
  z.strictObject({ play: z.literal('body'), body: z.string() }),
  /** An error of the service, by its name. */
  z.strictObject({
    play: z.literal('error'),
    name: z.string(),
    status: z.number().int(),
    message: z.string(),
    retryAfter: z.string().optional(),
  }),
]);
export type ModelScenario = z.infer<typeof modelScenarioSchema>;

/** Why an answer ended, in our words; each wire has its own. */
export type End = 'end' | 'calls' | 'length' | 'refusal' | 'filter';

export type Said =
  | { readonly kind: 'text'; readonly text: string; readonly end: string }
  | { readonly kind: 'calls'; readonly calls: readonly WantedCall[]; readonly text: string }
  | { readonly kind: 'blocks'; readonly content: readonly unknown[] }
  | { readonly kind: 'body'; readonly body: string }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly status: number;
      readonly message: string;
      readonly retryAfter?: string | undefined;
    };

/** @param answerTool the tool the answer must be given by, if any */
export function play(scenario: ModelScenario, heard: Heard, answerTool: string | undefined): Said {
  const give = (json: unknown): Said =>
    answerTool === undefined
      ? { kind: 'text', text: JSON.stringify(json), end: 'end' }
      : { kind: 'calls', calls: [{ name: answerTool, input: json }], text: '' };
  switch (scenario.play) {
    case 'summarise':
      return give(retell(heard, scenario.sentences));
    case 'scripted': {
      const calls = lookUpsOf(heard);
      return calls.length > 0
        ? { kind: 'calls', calls, text: 'I look at the processes and the image first.' }
        : give(retell(heard, scenario.sentences));
    }
    case 'answer':
      return give(scenario.json);
    case 'text':
      return { kind: 'text', text: scenario.text, end: scenario.end };
    case 'calls':
      return { kind: 'calls', calls: scenario.calls, text: scenario.text };
    case 'blocks':
      return { kind: 'blocks', content: scenario.content };
    case 'body':
      return { kind: 'body', body: scenario.body };
    case 'error': {
      const { name, status, message, retryAfter } = scenario;
      return { kind: 'error', name, status, message, retryAfter };
    }
  }
}
