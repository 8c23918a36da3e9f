import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anthropicSandbox } from '../../local/sandbox/anthropic/anthropic.ts';
import { bedrockSandbox } from '../../local/sandbox/bedrock/bedrock.ts';
import { openAiSandbox } from '../../local/sandbox/openai/openai.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { desk } from '../../test/desk/desk.ts';
import { writtenConfiguration } from '../../test/fakes/configuration.ts';

const KEY = 'sesame-key-of-a-model';
let server: SandboxServer;
let folder = '';
const bedrock = bedrockSandbox({ withoutNativeOutput: ['picky'], withoutForcedTools: ['picky'] });
const [openai, anthropic] = [openAiSandbox(), anthropicSandbox({ keys: new Set([KEY]) })];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-models-'));
  server = await serve({ systems: { bedrock, openai, anthropic }, mount: 'prefix' });
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

async function doctor(profiles: object | undefined, argv: readonly string[] = ['--models'], secret = KEY) {
  const configuration = join(folder, 'parapet.config.json');
  const models = profiles === undefined ? {} : { models: { profiles, routes: [{ profiles: [] }] } };
  writeFileSync(configuration, JSON.stringify(writtenConfiguration(models)));
  const one = await desk({ connection: { configuration } });
  one.secrets.set('parapet/models/anthropic', JSON.stringify({ apiKey: secret }));
  await one.type('doctor', '--json', ...argv);
  const { checks } = JSON.parse(one.out.join('\n'));
  const asked = checks.filter(
    ({ name, facts }: { name: string; facts?: object }) => /^models?$/.test(name) || facts !== undefined,
  );
  return { asked, text: [...one.out, ...one.err].join('\n') };
}

const usual = () => ({ provider: 'bedrock', modelId: 'usual', region: 'us-east-1', endpoint: `${server.url}/bedrock` });
const keyed = () => ({
  provider: 'anthropic',
  modelId: 'keyed',
  secret: 'parapet/models/anthropic',
  endpoint: `${server.url}/anthropic`,
});

describe('doctor --models', () => {
  it('asks every profile once, and says which way to structured output each takes', async () => {
    const { asked } = await doctor({
      usual: usual(),
      picky: { ...usual(), modelId: 'picky' },
      keyed: keyed(),
      own: { provider: 'openai-compatible', modelId: 'own', endpoint: `${server.url}/openai/v1` },
    });
    const latencyMs = expect.any(Number);
    expect(asked).toMatchObject([
      { name: 'model usual', ok: true, facts: { kind: 'json', rung: 'native', refused: [], latencyMs } },
      {
        name: 'model picky',
        ok: true,
        detail: expect.stringContaining('refuses native and forced_tool'),
        facts: { kind: 'json', rung: 'prompt', refused: ['native', 'forced_tool'], latencyMs },
      },
      { name: 'model keyed', ok: true, facts: { rung: 'native' } },
      { name: 'model own', ok: true, detail: expect.stringContaining('says it is own-2026-01-01') },
    ]);
  });

  it('says what is wrong with a profile and what to do, and nothing of its key', async () => {
    bedrock.enqueue({ play: 'error', name: 'AccessDeniedException', status: 403, message: 'not for you' });
    const { asked, text } = await doctor({ usual: usual(), keyed: keyed() }, ['--models'], 'sesame-of-yesterday');
    expect(asked).toMatchObject([
      {
        name: 'model usual',
        ok: false,
        fix: expect.stringContaining('rights to the model'),
        facts: { kind: 'denied' },
      },
      { name: 'model keyed', ok: false, detail: expect.stringMatching(/^does not work \(denied\)/) },
    ]);
    expect(text).not.toContain('sesame');
  });

  it('does not take any answer for a working one', async () => {
    bedrock.enqueue({ play: 'text', text: 'Of course!', end: 'end' });
    expect((await doctor({ usual: usual() })).asked).toMatchObject([
      { name: 'model usual', ok: false, facts: { kind: 'unparseable', rung: 'native' } },
    ]);
  });

  it('asks no model unless it is told to - a call costs money', async () => {
    const before = server.calls.length;
    expect((await doctor({ usual: usual() }, [])).asked).toEqual([]);
    expect(server.calls.slice(before).filter(({ path }) => path.endsWith('/converse'))).toEqual([]);
  });

  it('says that there is no model to ask', async () => {
    expect((await doctor(undefined)).asked).toEqual([
      { name: 'models', ok: true, detail: 'none is configured: the rules analyst writes alone' },
    ]);
  });
});
