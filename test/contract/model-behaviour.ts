import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANSWER_TOOL } from '../../connectors/models/answer.ts';
import { ModelError, type ModelReply } from '../../connectors/models/port.ts';
import type { StructuredMode } from '../../domain/config/models.ts';
import type { ModelTraits } from '../../local/sandbox/models/sandbox.ts';
import type { ModelScenario } from '../../local/sandbox/models/scenario.ts';
import { failureOf, KEY, MODEL_REQUEST, ModelStage, type ModelWire, OLD_KEY, told, WITH_TOOLS } from './model-stage.ts';

/** The contract of connectors/models/port.ts, over HTTP. */
export function describeModel(name: string, wire: ModelWire): void {
  describe(`${name}, as every model behind the port`, () => {
    let stage: ModelStage;
    beforeEach(async () => {
      stage = await ModelStage.open(wire);
    });
    afterEach(() => stage.server.close());

    async function reopen(traits: ModelTraits): Promise<void> {
      await stage.server.close();
      stage = await ModelStage.open(wire, traits);
    }

    answers();
    ladder();
    tools();
    nonsense();
    failures();
    bounds();
    if (wire.secret !== undefined) keys();

    function answers(): void {
      it.each(['native', 'forced_tool', 'prompt'] as const)('gives the answer of the rung %s, whole', async (rung) => {
        stage.sandbox.enqueue({ play: 'answer', json: { a: 1 } });
        const ladderFrom = { native: ['native', 'prompt'], forced_tool: ['forced_tool', 'prompt'], prompt: ['prompt'] };
        const reply = await (await stage.model({ structured: ladderFrom[rung] })).generate(MODEL_REQUEST);
        expect(reply).toEqual({
          outcome: 'json',
          json: { a: 1 },
          rawText: '{"a":1}',
          stop: rung === 'forced_tool' ? wire.stops.calls : wire.stops.end,
          mode: rung,
          usage: wire.usage,
          provider: expect.objectContaining({
            latencyMs: expect.any(Number),
            attempts: 1,
            requestId: expect.any(String),
          }),
        });
        expect(stage.steps).toEqual([]);
      });

      it('finds the JSON in prose and in a code fence - models say a word before they answer', async () => {
        const text = 'Here it is:\n```json\n{"a": "}"}\n```\nI hope {this} helps.';
        stage.sandbox.enqueue({ play: 'text', text, end: 'end' });
        const reply = await (await stage.model({ structured: ['prompt'] })).generate(MODEL_REQUEST);
        expect(reply).toMatchObject({ outcome: 'json', json: { a: '}' }, rawText: text });
      });

      it('sends no temperature and no effort unless the profile says so', async () => {
        const port = await stage.model();
        await port.generate(MODEL_REQUEST);
        expect(JSON.stringify(stage.sent())).not.toMatch(/temperature|effort/);
      });

      it('sends what the profile says', async () => {
        await reopen({ withTemperature: [wire.modelId] });
        await (await stage.model({ temperature: 0.5, effort: 'low' })).generate(MODEL_REQUEST);
        expect(JSON.stringify(stage.sent())).toMatch(/"temperature":0\.5/);
        expect(JSON.stringify(stage.sent())).toMatch(/effort":"low"/);
      });

      it('carries a repair turn: what the model said, and what was wrong with it', async () => {
        const turns = [
          { role: 'user', text: 'What happened?' },
          { role: 'assistant', text: '{"a":' },
          { role: 'user', text: 'V1: it must be one JSON object.' },
        ] as const;
        stage.sandbox.enqueue({ play: 'answer', json: { a: 2 } });
        expect(await (await stage.model()).generate({ ...MODEL_REQUEST, turns })).toMatchObject({ json: { a: 2 } });
      });
    }

    function ladder(): void {
      it('leaves a way that the model refuses, remembers it and tells it once', async () => {
        await reopen({ withoutNativeOutput: [wire.modelId] });
        const port = await stage.model();
        const modes = [(await port.generate(MODEL_REQUEST)).mode, (await port.generate(MODEL_REQUEST)).mode];
        expect(modes).toEqual(['forced_tool', 'forced_tool']);
        expect(stage.steps).toEqual(['native -> forced_tool']);
        expect(stage.server.calls).toHaveLength(3);
      });

      it('ends with words, which every model takes', async () => {
        await reopen({ withoutNativeOutput: [wire.modelId], withoutForcedTools: [wire.modelId] });
        const port = await stage.model();
        stage.sandbox.enqueue({ play: 'answer', json: { a: 1 } }, { play: 'answer', json: { a: 2 } });
        expect(await port.generate(MODEL_REQUEST)).toMatchObject({ mode: 'prompt', json: { a: 1 } });
        expect(await port.generate(MODEL_REQUEST)).toMatchObject({ mode: 'prompt', json: { a: 2 } });
        expect(stage.steps).toEqual(['native -> prompt']);
        expect(stage.server.calls).toHaveLength(4);
        expect(JSON.stringify(stage.sent()[2])).toContain('It must satisfy this JSON Schema');
      });

      it('does not leave a way because of a request that no way can mend', async () => {
        const port = await stage.model();
        stage.fail(wire.errors.invalid, 3);
        expect((await failureOf(port.generate(MODEL_REQUEST))).kind).toBe('invalid_request');
        expect(await port.generate(MODEL_REQUEST)).toMatchObject({ mode: 'native' });
        expect(stage.steps).toEqual([]);
      });

      it('is walked by two calls at once without being told twice', async () => {
        await reopen({ withoutNativeOutput: [wire.modelId] });
        const port = await stage.model();
        const replies = await Promise.all([port.generate(MODEL_REQUEST), port.generate(MODEL_REQUEST)]);
        expect(replies.map(({ mode }) => mode)).toEqual(['forced_tool', 'forced_tool']);
        expect(stage.steps).toEqual(['native -> forced_tool']);
      });
    }

    function tools(): void {
      const one = { name: 'process_tree', input: { entity: 'N1' } };
      const two = { name: 'process_tree', input: { entity: 'N2' } };

      const ladders: readonly (readonly [StructuredMode, readonly StructuredMode[]])[] = [
        ['native', ['native', 'prompt']],
        ['forced_tool', ['forced_tool', 'prompt']],
        ['prompt', ['prompt']],
      ];
      it.each(ladders)(
        'on the rung %s: calls, results, answer - what was said goes back as it came',
        async (rung, structured) => {
          const port = await stage.model({ structured });
          stage.sandbox.enqueue(
            { play: 'calls', calls: [one, two], text: 'Let me look.' },
            { play: 'answer', json: { a: 3 } },
          );
          const asked = await port.generate(WITH_TOOLS);
          const calls = asked.calls ?? [];
          expect(asked).toMatchObject({
            outcome: 'tool_calls',
            stop: wire.stops.calls,
            mode: rung,
            rawText: 'Let me look.',
          });
          expect(calls.map(({ name, input }) => ({ name, input }))).toEqual([one, two]);
          // The request is kept as JSON between two calls.
          const continuation: unknown = JSON.parse(JSON.stringify(asked.continuation));
          const answered = await port.generate({
            ...WITH_TOOLS,
            turns: [
              ...WITH_TOOLS.turns,
              { role: 'calls', calls, continuation },
              {
                role: 'results',
                results: calls.map(({ id, name }, index) => ({ id, name, text: `result ${index}`, ok: index === 0 })),
              },
            ],
            toolsClosed: true,
          });
          expect(answered).toMatchObject({ outcome: 'json', json: { a: 3 }, mode: rung });
          expect(stage.steps).toEqual([]);
          expect(JSON.stringify(stage.sent()[1])).toContain('result 1');
        },
      );

      it('gives a call back as it was said, known or not - who offered the tools judges it', async () => {
        stage.sandbox.enqueue({ play: 'calls', calls: [{ name: 'delete_cluster', input: { entity: 7 } }], text: '' });
        const reply = await (await stage.model()).generate(WITH_TOOLS);
        expect(reply.calls).toEqual([{ id: expect.any(String), name: 'delete_cluster', input: { entity: 7 } }]);
      });

      it('takes a call for nonsense where no tool was offered', async () => {
        stage.sandbox.enqueue({ play: 'calls', calls: [one], text: '' });
        const reply = await (await stage.model()).generate(MODEL_REQUEST);
        expect(reply.outcome).toBe('unparseable');
        expect(reply.calls).toBeUndefined();
      });

      it('takes the answer when a model gives it and calls more beside it', async () => {
        stage.sandbox.enqueue({ play: 'calls', calls: [one, { name: ANSWER_TOOL, input: { a: 4 } }], text: '' });
        const port = await stage.model({ structured: ['forced_tool', 'prompt'] });
        expect(await port.generate(WITH_TOOLS)).toMatchObject({ outcome: 'json', json: { a: 4 }, rawText: '{"a":4}' });
      });

      it.each([
        ['a number', 7],
        ['a list', [1]],
        ['nothing', null],
      ])('does not take %s for an answer', async (_, input) => {
        stage.sandbox.enqueue({ play: 'calls', calls: [{ name: ANSWER_TOOL, input }], text: '' });
        const port = await stage.model({ structured: ['forced_tool', 'prompt'] });
        expect(await port.generate(MODEL_REQUEST)).toMatchObject({
          outcome: 'unparseable',
          rawText: JSON.stringify(input),
        });
      });

      it('keeps tools declared and says that they are closed', async () => {
        for (const structured of [['native', 'prompt'], ['forced_tool', 'prompt'], ['prompt']]) {
          stage.sandbox.enqueue({ play: 'answer', json: { a: 1 } });
          await (await stage.model({ structured })).generate({ ...WITH_TOOLS, toolsClosed: true });
          expect(JSON.stringify(stage.sent().at(-1))).toContain('process_tree');
        }
        const [native, forced] = stage.sent().map((body) => JSON.stringify(body));
        expect(native).toMatch(/No more evidence can be looked up|"tool_choice":\{"type":"none"\}/);
        expect(forced).toMatch(
          new RegExp(`hoice":\\{[^}]*"${ANSWER_TOOL}"|hoice":\\{"tool":\\{"name":"${ANSWER_TOOL}"`),
        );
      });
    }

    function nonsense(): void {
      const text = (said: string, end = 'end'): ModelScenario => ({ play: 'text', text: said, end });
      const cases: readonly (readonly [string, ModelScenario, ModelReply['outcome'], string])[] = [
        ['a refusal', text('I cannot help with that.', 'refusal'), 'refused', 'I cannot help with that.'],
        ['a content filter', text('', 'filter'), 'refused', ''],
        ['an answer that was cut', text('{"a": {"b": 1}', 'length'), 'truncated', '{"a": {"b": 1}'],
        ['a whole answer that counts as cut', text('{"a": 1}', 'length'), 'truncated', '{"a": 1}'],
        ['malformed JSON', text('{"a": 1,, }'), 'unparseable', '{"a": 1,, }'],
        ['an object that never ends', text('{"a": {"b": 1}'), 'unparseable', '{"a": {"b": 1}'],
        ['prose', text('This alert is benign.'), 'unparseable', 'This alert is benign.'],
        ['a list', text('[1]'), 'unparseable', '[1]'],
        ['nothing', text(''), 'unparseable', ''],
        ['a stop word nobody knows', text('{"a": 1}', 'paused_for_tea'), 'unparseable', '{"a": 1}'],
        [
          'an object deeper than anything meant',
          text(`{"a":${'['.repeat(9_000)}1${']'.repeat(9_000)}}`),
          'unparseable',
          expect.any(String),
        ],
      ];
      it.each(cases)(
        'names the outcome of %s and keeps the text for the record',
        async (_name, scenario, outcome, rawText) => {
          stage.sandbox.enqueue(scenario);
          const reply = await (await stage.model({ structured: ['prompt'] })).generate(MODEL_REQUEST);
          expect(reply).toMatchObject({ outcome, rawText });
          expect(reply.json).toBeUndefined();
          expect(stage.server.calls).toHaveLength(1);
        },
      );

      it('reads past a content block it does not know', async () => {
        stage.sandbox.enqueue({ play: 'blocks', content: [...wire.unknownBlock] });
        expect(await (await stage.model()).generate(MODEL_REQUEST)).toMatchObject({ outcome: 'json', json: { a: 1 } });
      });

      it.each(['{"output":7,"choices":{},"content":"x"}', '{}', '[]', '7'])('survives the body %s', async (body) => {
        stage.sandbox.enqueue({ play: 'body', body });
        const reply = await (await stage.model()).generate(MODEL_REQUEST);
        expect(reply).toMatchObject({ outcome: 'unparseable', rawText: '', usage: { input: 0, output: 0 } });
      });

      it.each(['{"broken', '<html>gateway</html>', `{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`])(
        'makes a body that is no JSON a failure of the service',
        async (body) => {
          stage.sandbox.enqueue(...Array.from({ length: 5 }, (): ModelScenario => ({ play: 'body', body })));
          expect((await failureOf((await stage.model()).generate(MODEL_REQUEST))).kind).toBe('unavailable');
        },
      );
    }

    function failures(): void {
      it('gets through throttling that passes', async () => {
        stage.fail(wire.errors.throttled, wire.attempts - 1);
        const reply = await (await stage.model()).generate(MODEL_REQUEST);
        expect(reply).toMatchObject({ outcome: 'json', provider: { attempts: wire.attempts } });
      });

      it('is throttled twice and then fine, if need be in two calls', async () => {
        const port = await stage.model();
        stage.fail(wire.errors.throttled, 2);
        const first = await port.generate(MODEL_REQUEST).catch((error: unknown) => error);
        if (first instanceof ModelError) expect(first.kind).toBe('throttled');
        const reply = first instanceof ModelError ? await port.generate(MODEL_REQUEST) : first;
        expect(reply).toMatchObject({ outcome: 'json' });
        expect(stage.server.calls).toHaveLength(3);
      });

      it.each([
        ['throttled', 'throttled', wire.attempts],
        ['unavailable', 'unavailable', wire.attempts],
        ['denied', 'denied', wire.secret === undefined ? 1 : undefined],
        ['missing', 'invalid_request', 1],
        ['tooLong', 'too_long', 1],
      ] as const)(
        'makes a service that stays %s a %s after so many calls, and tells nothing of what it said',
        async (error, kind, calls) => {
          stage.fail(wire.errors[error], 10);
          const failure = await failureOf((await stage.model()).generate(MODEL_REQUEST));
          expect(failure.kind).toBe(kind);
          expect(failure.message).not.toContain('confidential');
          if (calls !== undefined) expect(stage.server.calls).toHaveLength(calls);
        },
      );

      it('makes a service that is not there a failure, not a crash', async () => {
        const failure = await failureOf(
          (await stage.model({ endpoint: 'http://127.0.0.1:9' })).generate(MODEL_REQUEST),
        );
        expect(failure.kind).toBe('unavailable');
      });

      it('makes an answer that breaks off a failure of the service', async () => {
        stage.fault({ cutAfterBytes: 20 });
        expect((await failureOf((await stage.model()).generate(MODEL_REQUEST))).kind).toBe('unavailable');
      });
    }

    function bounds(): void {
      it.each([
        ['never begins to answer', { hangMs: 60_000 }],
        ['begins an answer and never goes on', { stallAfterBytes: 20 }],
      ] as const)('ends with the deadline when the service %s, and does not start again', async (_, reply) => {
        stage.fault(reply);
        const failure = await failureOf((await stage.model({ timeoutSeconds: 0.4 })).generate(MODEL_REQUEST));
        expect(failure.kind).toBe('timeout');
        expect(stage.server.calls).toHaveLength(1);
      });

      it('ends when who asked does not want to wait any more', async () => {
        stage.fault({ stallAfterBytes: 20 });
        const stop = new AbortController();
        const failure = failureOf((await stage.model()).generate({ ...MODEL_REQUEST, signal: stop.signal }));
        setTimeout(() => stop.abort(), 100);
        expect((await failure).kind).toBe('timeout');
      });

      it('does not ask at all when it was stopped before', async () => {
        const failure = await failureOf(
          (await stage.model()).generate({ ...MODEL_REQUEST, signal: AbortSignal.abort() }),
        );
        expect(failure.kind).toBe('timeout');
      });

      it('reads an answer of a megabyte and more not to its end', async () => {
        stage.fault({ endless: true }, 1);
        expect((await failureOf((await stage.model()).generate(MODEL_REQUEST))).kind).toBe('unavailable');
        stage.sandbox.enqueue({ play: 'answer', json: { a: 'x'.repeat(1_100_000) } });
        expect((await failureOf((await stage.model()).generate(MODEL_REQUEST))).kind).toBe('unavailable');
        // Neither is asked for again: each answer was paid for.
        expect(stage.server.calls).toHaveLength(2);
      });

      it('takes a long answer below that', async () => {
        const json = { a: 'x'.repeat(900_000) };
        stage.sandbox.enqueue({ play: 'answer', json });
        expect((await (await stage.model()).generate(MODEL_REQUEST)).json).toEqual(json);
      });
    }

    function keys(): void {
      it('asks for the key again once after 401 - a rotated key is learned without a new deployment', async () => {
        stage.stored = { cached: OLD_KEY, fresh: KEY };
        expect(await (await stage.model()).generate(MODEL_REQUEST)).toMatchObject({ outcome: 'json' });
        expect(stage.keysRead).toEqual([false, true]);
      });

      it('asks for it no more than that, and tells the key to nobody', async () => {
        stage.stored = { cached: OLD_KEY, fresh: OLD_KEY };
        const failure = await failureOf((await stage.model()).generate(MODEL_REQUEST));
        expect(failure.kind).toBe('denied');
        expect(stage.server.calls).toHaveLength(2);
        expect(told(failure)).not.toContain('sesame');
      });

      it('says that a key it cannot read is a matter of configuration', async () => {
        stage.stored = { cached: '', fresh: '' };
        expect((await failureOf((await stage.model()).generate(MODEL_REQUEST))).kind).toBe('config');
        expect(stage.server.calls).toHaveLength(0);
      });

      it('waits as long as it is told, if that is short', async () => {
        stage.fail(wire.errors.throttled, 1, '2');
        await (await stage.model()).generate(MODEL_REQUEST);
        expect(stage.waits).toEqual([2_000]);
      });

      it('leaves a long wait to whoever has the patience, and says how long', async () => {
        stage.fail(wire.errors.throttled, 1, '600');
        const failure = await failureOf((await stage.model()).generate(MODEL_REQUEST));
        expect({ kind: failure.kind, wait: failure.retryAfterMs }).toEqual({ kind: 'throttled', wait: 600_000 });
        expect(stage.waits).toEqual([]);
        expect(stage.server.calls).toHaveLength(1);
      });
    }
  });
}
