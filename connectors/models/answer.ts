import type { StructuredMode } from '../../domain/config/models.ts';
import { measureJson } from '../../domain/intake/json-limits.ts';
import { firstJsonObject } from './first-json.ts';
import type { ModelReply, ModelRequest, ToolCall, ToolOffer } from './port.ts';

/** What the three wires have in common: how an answer is asked for, and how it is found in what came. */

/** The tool whose input is the answer, on the rung `forced_tool`. No look-up is called so. */
export const ANSWER_TOOL = 'give_answer';

/** A 32,000-token answer is 150 kB; what is longer is not read to its end. */
export const MAX_ANSWER_BYTES = 1_000_000;

/** No answer of ours is deeper than 6; every later walk over a value is recursive. */
const MAX_DEPTH = 64;

/** Whether a text may be parsed: a hostile one could be deeper than any walk over it survives. */
export function isBearable(text: string): boolean {
  return measureJson(text, { maxDepth: MAX_DEPTH, maxMembers: 50_000 }).ok;
}

/** What a rung asks for in words; part of the stable prefix. */
export function howToAnswer(request: ModelRequest, mode: StructuredMode): string {
  switch (mode) {
    case 'native':
      return 'Answer with the JSON object only.';
    case 'forced_tool':
      return `Give the answer by calling the tool ${ANSWER_TOOL} once; its parameters are the answer.`;
    case 'prompt':
      return `Answer with one JSON object and nothing else: no prose, no code fence. It must satisfy this JSON Schema:\n${JSON.stringify(request.output.schema)}`;
  }
}

/** Differs from call to call, so it stands behind what is cached. */
export const TOOLS_ARE_CLOSED = 'No more evidence can be looked up. Answer now from the evidence you have.';

/** The tools of a call, the answer among them where the rung wants it. */
export function toolsFor(request: ModelRequest, mode: StructuredMode): readonly ToolOffer[] {
  const answer: ToolOffer = {
    name: ANSWER_TOOL,
    description: 'Gives the answer. To be called once, when the evidence suffices.',
    schema: request.output.schema,
  };
  return mode === 'forced_tool' ? [...(request.tools ?? []), answer] : (request.tools ?? []);
}

/**
 * What the model must do with the tools. `answer`: call the answer's tool; `any`: call one of them; `none`: call none, which
 * not every wire can say; undefined: nothing to say.
 */
export function toolChoiceFor(
  request: ModelRequest,
  mode: StructuredMode,
): 'answer' | 'any' | 'none' | 'auto' | undefined {
  const lookUps = (request.tools ?? []).length > 0;
  const open = lookUps && request.toolsClosed !== true;
  if (mode === 'forced_tool') return open ? 'any' : 'answer';
  if (!lookUps) return undefined;
  return open ? 'auto' : 'none';
}

type Answer = Pick<ModelReply, 'outcome' | 'json' | 'calls' | 'continuation' | 'rawText'>;

/**
 * The answer of a reply that ended by itself. A call of the answer's tool is the answer, whatever else was called beside it;
 * calls of tools go back to whoever offered some, and are nonsense where nobody did.
 */
export function answerFrom(
  said: { readonly text: string; readonly calls: readonly ToolCall[]; readonly continuation: unknown },
  request: ModelRequest,
  mode: StructuredMode,
): Answer {
  const { text, calls, continuation } = said;
  const given = mode === 'forced_tool' ? calls.find(({ name }) => name === ANSWER_TOOL) : undefined;
  if (given !== undefined) {
    const rawText = typeof given.input === 'string' ? given.input : JSON.stringify(given.input ?? null);
    return isObject(given.input)
      ? { outcome: 'json', json: given.input, rawText }
      : { outcome: 'unparseable', rawText };
  }
  if (calls.length > 0)
    return (request.tools ?? []).length > 0
      ? { outcome: 'tool_calls', calls, continuation, rawText: text }
      : { outcome: 'unparseable', rawText: text };
  const json = isBearable(text) ? firstJsonObject(text) : undefined;
  return json === undefined ? { outcome: 'unparseable', rawText: text } : { outcome: 'json', json, rawText: text };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
