import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STRUCTURED_MODES } from '../../domain/config/models.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { fromMessage } from './anthropic/from-message.ts';
import { messageSchema } from './anthropic/schema.ts';
import { fromConverse } from './bedrock/from-converse.ts';
import { converseResponseSchema } from './bedrock/schema.ts';
import { fromCompletion } from './openai-compatible/from-completion.ts';
import { completionSchema } from './openai-compatible/schema.ts';
import type { ModelReply, ModelRequest } from './port.ts';

const REQUEST: ModelRequest = {
  system: 's',
  turns: [{ role: 'user', text: 'u' }],
  output: { name: 'n', schema: { type: 'object' } },
  metadata: {},
};
const WITH_TOOLS: ModelRequest = {
  ...REQUEST,
  tools: [{ name: 'look', description: 'd', schema: { type: 'object' } }],
};

/** Anything, mixed with what the wires mean, so that hostile parts sit where honest ones are read. */
const anything = fc.jsonValue({ maxDepth: 3 });
const or = (...values: readonly unknown[]) => fc.oneof(anything, fc.constantFrom(...values));
const part = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof({ weight: 1, arbitrary: anything }, { weight: 4, arbitrary: fc.record(shape, { requiredKeys: [] }) });
const many = (one: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 1, arbitrary: anything }, { weight: 4, arbitrary: fc.array(one, { maxLength: 3 }) });
const text = or('{"a":1}', '{"a":', '[1]', '', 'no');
const name = or('look', 'give_answer', 'delete_cluster');
const stop = or('end_turn', 'tool_use', 'stop', 'tool_calls', 'max_tokens', 'length', 'refusal', 'pause_turn');
const usage = part({
  inputTokens: or(5),
  input_tokens: or(5),
  prompt_tokens: or(5),
  prompt_tokens_details: part({ cached_tokens: or(9) }),
});

const converse = part({
  output: part({
    message: part({ content: many(part({ text, toolUse: part({ toolUseId: or('t'), name, input: or({ a: 1 }) }) })) }),
  }),
  stopReason: stop,
  usage,
  trace: anything,
});
const message = part({
  content: many(part({ type: or('text', 'tool_use', 'thinking'), text, id: or('t'), name, input: or({ a: 1 }) })),
  stop_reason: stop,
  usage,
});
const call = part({ id: or('c'), type: or('function'), function: part({ name, arguments: text }) });
const completion = part({
  choices: many(
    part({ finish_reason: stop, message: part({ content: text, refusal: or(null, 'no'), tool_calls: many(call) }) }),
  ),
  usage,
});

type Read = (body: unknown, request: ModelRequest, mode: ModelReply['mode']) => ModelReply;
const CALL = { type: 'function', function: { name: 'look', arguments: '{}' } };
/** Among a thousand bodies some must be whole, or nothing but refusals would be seen. */
const HONEST = {
  bedrock: [
    { output: { message: { content: [{ text: '{"a":1}' }] } }, stopReason: 'end_turn' },
    {
      output: { message: { content: [{ toolUse: { toolUseId: 't', name: 'look', input: {} } }] } },
      stopReason: 'tool_use',
    },
    { stopReason: 'max_tokens' },
  ],
  anthropic: [
    { content: [{ type: 'text', text: '{"a":1}' }], stop_reason: 'end_turn' },
    { content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }], stop_reason: 'tool_use' },
    { stop_reason: 'max_tokens' },
  ],
  openai: [
    { choices: [{ finish_reason: 'stop', message: { content: '{"a":1}' } }] },
    { choices: [{ finish_reason: 'tool_calls', message: { tool_calls: [CALL] } }] },
    { choices: [{ finish_reason: 'length', message: { content: '' } }] },
  ],
};
const mixed = (hostile: fc.Arbitrary<unknown>, honest: readonly unknown[]) =>
  fc.oneof({ weight: 4, arbitrary: hostile }, { weight: 1, arbitrary: fc.constantFrom(...honest) });

const WIRES: readonly (readonly [string, fc.Arbitrary<unknown>, Read])[] = [
  // The SDK gives an object in any case.
  [
    'Bedrock',
    mixed(
      converse.filter((body) => typeof body === 'object' && body !== null && !Array.isArray(body)),
      HONEST.bedrock,
    ),
    (body, request, mode) => fromConverse(converseResponseSchema.parse(body), request, mode, 1),
  ],
  [
    'Anthropic',
    mixed(message, HONEST.anthropic),
    (body, request, mode) => fromMessage(messageSchema.parse(body), request, mode),
  ],
  [
    'an OpenAI-compatible server',
    mixed(completion, HONEST.openai),
    (body, request, mode) => fromCompletion(completionSchema.parse(body), request, mode),
  ],
];

describe('whatever a service answers', () => {
  it.each(WIRES)(
    '%s: it is read without a fault, an answer is an object, and calls come only where tools were offered',
    (_, bodies, read) => {
      const outcomes = new Set<string>();
      fc.assert(
        fc.property(bodies, fc.boolean(), fc.constantFrom(...STRUCTURED_MODES), (body, offered, mode) => {
          const reply = read(body, offered ? WITH_TOOLS : REQUEST, mode);
          outcomes.add(reply.outcome);
          expect(typeof reply.json).toBe(reply.outcome === 'json' ? 'object' : 'undefined');
          expect((reply.calls ?? []).length > 0).toBe(reply.outcome === 'tool_calls');
          expect(reply.outcome === 'tool_calls' && !offered).toBe(false);
          // What is kept and sent again must be JSON, and every count a number.
          canonicalJson(reply);
          for (const tokens of Object.values(reply.usage)) expect(tokens).toBeGreaterThanOrEqual(0);
        }),
        { numRuns: 1_000 },
      );
      // The property means something only if the interesting ends were reached.
      for (const outcome of ['json', 'tool_calls', 'truncated', 'unparseable']) expect(outcomes).toContain(outcome);
    },
  );
});
