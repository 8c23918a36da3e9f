import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfiguration } from '../domain/config/parse.ts';
import { bundleFunctions, MissingEntryError } from './bundle.ts';
import { bundleSizes, describeBundleSizes } from './bundle-report.ts';
import { FUNCTION_NAMES } from './functions/names.ts';

const PROJECT = resolve(import.meta.dirname, '..');
const configuration = parseConfiguration({ deployment: { name: 'stubs' }, sources: {} });

/** A project in miniature: below ours, so that its imports of our dependencies resolve. */
let root: string;
beforeEach(() => {
  mkdirSync(join(PROJECT, 'dist'), { recursive: true });
  root = mkdtempSync(join(PROJECT, 'dist', 'bundle-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

describe('bundleFunctions', () => {
  it('gives each function a folder with its handler and the configuration, and nothing else - that folder is the asset', async () => {
    write('functions/plan/handler.ts', 'export const handler = async (event: unknown) => ({ got: event });');
    write('functions/verify/handler.ts', "export const handler = async () => 'verified';");
    const { functions } = bundleFunctions({ configuration, root, names: ['plan', 'verify'] });
    const [plan] = functions;
    if (!plan) throw new Error('no bundle');
    expect(functions.map(({ name }) => name)).toEqual(['plan', 'verify']);
    expect(readdirSync(plan.directory).sort()).toEqual(['index.mjs', 'parapet.config.json']);
    const written = JSON.parse(readFileSync(join(plan.directory, 'parapet.config.json'), 'utf8'));
    // Exactly the parsed form: functions read it without the schema (docs/decisions/0002).
    expect(written).toEqual(JSON.parse(JSON.stringify(configuration)));
    expect(written.approvals).toEqual({
      delegations: [],
      expiresAfterSeconds: 1800,
      groups: [],
      linkMayApprove: ['annotation', 'evidence', 'network-isolation'],
      linkSecret: 'parapet/approval-links',
      policy: [],
    });
    expect(parseConfiguration(written)).toEqual(configuration);
    const { handler } = await import(pathToFileURL(join(plan.directory, 'index.mjs')).href);
    expect(await handler({ a: 1 })).toEqual({ got: { a: 1 } });
  });

  it('writes equal bytes for equal sources - an unchanged function must not be uploaded again', () => {
    write('functions/plan/handler.ts', "import { x } from './x.ts'; export const handler = async () => x;");
    write('functions/plan/x.ts', "import * as z from 'zod'; export const x = z.string().parse('x');");
    const bytes = (outdir: string) => {
      const { functions } = bundleFunctions({ configuration, root, names: ['plan'], outdir: join(root, outdir) });
      return functions.map(({ directory }) =>
        readdirSync(directory).map((f) => readFileSync(join(directory, f), 'utf8')),
      );
    };
    expect(bytes('one')).toEqual(bytes('two/deeper'));
  });

  it('lets a CommonJS dependency require a module of Node - an ES module has no require of its own', async () => {
    write('node_modules/legacy/package.json', '{"name":"legacy","version":"1.0.0","main":"index.js"}');
    write('node_modules/legacy/index.js', "module.exports = { id: require('node:os').EOL.length };");
    write('functions/plan/handler.ts', "import legacy from 'legacy'; export const handler = async () => legacy.id;");
    const { functions } = bundleFunctions({ configuration, root, names: ['plan'] });
    const { handler } = await import(pathToFileURL(join(functions[0]?.directory ?? '', 'index.mjs')).href);
    expect(await handler()).toBeGreaterThan(0);
  });

  it('renders JSX through hono - the approval page is written in it', async () => {
    write('functions/decide/page.tsx', 'export const Page = (p: { name: string }) => <p>{p.name}</p>;');
    write(
      'functions/decide/handler.ts',
      "import { Page } from './page.tsx'; export const handler = async () => String(Page({ name: '<ada>' }));",
    );
    const { functions } = bundleFunctions({ configuration, root, names: ['decide'] });
    const { handler } = await import(pathToFileURL(join(functions[0]?.directory ?? '', 'index.mjs')).href);
    expect(await handler()).toBe('<p>&lt;ada&gt;</p>');
  });

  it('names every missing entry - a half-finished checkout must not deploy eighteen of nineteen functions', () => {
    write('functions/plan/handler.ts', 'export const handler = 1;');
    const attempt = () => bundleFunctions({ configuration, root, names: ['plan', 'verify', 'execute'] });
    expect(attempt).toThrow(MissingEntryError);
    expect(attempt).toThrow(
      'no entry file for 2 of 3 functions: functions/verify/handler.ts, functions/execute/handler.ts',
    );
  });

  it('leaves nothing of an earlier build behind - a stale file would change the hash of the asset', () => {
    write('functions/plan/handler.ts', 'export const handler = 1;');
    const { functions } = bundleFunctions({ configuration, root, names: ['plan'] });
    writeFileSync(join(functions[0]?.directory ?? '', 'left-over.txt'), 'x');
    bundleFunctions({ configuration, root, names: ['plan'] });
    expect(readdirSync(functions[0]?.directory ?? '').sort()).toEqual(['index.mjs', 'parapet.config.json']);
  });

  it('bundles as many functions as there are folders with a handler - a forgotten name would never be deployed', () => {
    const folders = readdirSync(join(PROJECT, 'functions'), { withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() && readdirSync(join(PROJECT, 'functions', entry.name)).includes('handler.ts'),
      )
      .map(({ name }) => name);
    expect(FUNCTION_NAMES).toEqual(expect.arrayContaining(folders));
  });
});

describe('credentials in a bundle', () => {
  const HANDLER =
    "import { DynamoDBClient } from '@aws-sdk/client-dynamodb'; const { config } = new DynamoDBClient({}); export const handler = () => config.credentials();";
  const KEYS = { AWS_ACCESS_KEY_ID: 'ASIAINVENTED', AWS_SECRET_ACCESS_KEY: 'invented', AWS_SESSION_TOKEN: 'session' };
  const FOUND = { accessKeyId: 'ASIAINVENTED', secretAccessKey: 'invented', sessionToken: 'session' };

  /** In a process of its own, because the SDK reads the environment when it is loaded. */
  async function credentialsOf(name: 'collect' | 'plan', environment: Readonly<Record<string, string>>) {
    write(`functions/${name}/handler.ts`, HANDLER);
    const { functions } = bundleFunctions({ configuration, root, names: [name] });
    const file = pathToFileURL(join(functions[0]?.directory ?? '', 'index.mjs')).href;
    const script = `const { handler } = await import('${file}'); console.log(JSON.stringify(await handler().catch(({ message }) => ({ message }))));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--no-warnings', '-e', script],
      { env: { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true', ...environment } },
    );
    return JSON.parse(stdout);
  }

  it.each(['collect', 'plan'] as const)('are those of the environment, as Lambda gives them (%s)', async (name) => {
    expect(await credentialsOf(name, KEYS)).toMatchObject(FOUND);
  });

  it('are those of a container address, as Lambda gives them with SnapStart - past every provider that is left out', async () => {
    const [AccessKeyId, SecretAccessKey, Token] = Object.values(FOUND);
    const server = createServer((_, reply) => {
      reply.setHeader('content-type', 'application/json');
      reply.end(JSON.stringify({ AccessKeyId, SecretAccessKey, Token, Expiration: '2100-01-01T00:00:00Z' }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no address');
      const uri = `http://127.0.0.1:${address.port}/credentials`;
      expect(await credentialsOf('plan', { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri })).toMatchObject(FOUND);
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });

  it('are not those of a profile or a token file - that is what a person has, and given up for 80 KB of each asset', async () => {
    write('config', '[profile somebody]\naws_access_key_id = AKIAPERSON\naws_secret_access_key = invented\n');
    const profile = { AWS_PROFILE: 'somebody', AWS_CONFIG_FILE: join(root, 'config') };
    expect(await credentialsOf('plan', profile)).toMatchObject({ message: expect.stringMatching(/credentials/) });
    const { metafile } = bundleFunctions({ configuration, root, names: ['plan'] });
    const inputs = Object.keys(metafile.inputs).join('\n');
    expect(inputs).not.toMatch(/credential-provider-(?:sso|ini|process|web-identity|login)\//);
  });
});

describe('bundleSizes', () => {
  it('tells what weighs most, our own code apart from packages', () => {
    write('functions/plan/handler.ts', "import * as z from 'zod'; export const handler = () => z.string().parse('x');");
    const sizes = bundleSizes(bundleFunctions({ configuration, root, names: ['plan'] }));
    expect(sizes[0]?.largest.map(({ from }) => from)).toEqual(['zod', 'parapet']);
    expect(sizes[0]?.bytes).toBeGreaterThan(sizes[0]?.gzipBytes ?? Number.POSITIVE_INFINITY);
    expect(describeBundleSizes(sizes)).toMatch(/^plan +\d+ KB +\d+ KB gz {2}zod \d+ KB, parapet \d+ KB$/);
  });
});
