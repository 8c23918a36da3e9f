/**
 * One source's mapper as it is deployed, in a process of its own: a function that handles one product's alerts is compiled
 * for them. Reads the body from standard input; prints findings per second.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import type { DeliveryContext, SourceMapper } from '../connectors/cwpp/registry.ts';
import { usualChannel } from '../domain/config/channels.ts';
import { sourceSchema } from '../domain/source.ts';

const SECONDS_EACH = 2;
/** A function that handles alerts is warm; the compiler needs about two seconds of them. */
const WARM_UP_MS = 2_000;

const registrySchema = z.object({
  mapperFor: z.custom<(source: string) => SourceMapper>((value) => typeof value === 'function'),
});

const [registry = '', name, mappingFile] = process.argv.slice(2);
const source = sourceSchema.parse(name);
const text = readFileSync(0, 'utf8');
const { mapperFor } = registrySchema.parse(await import(pathToFileURL(registry).href));
const mapper = mapperFor(source);
const context: DeliveryContext = {
  sha256: 'ab'.repeat(32),
  bytes: Buffer.byteLength(text),
  receivedAt: '2026-01-01T00:00:00.000Z',
  channel: usualChannel(source),
  mapping: mappingFile === undefined ? undefined : readFileSync(mappingFile, 'utf8'),
};

async function once(): Promise<number> {
  const result = await mapper.normalize(text, context);
  if (!result.ok) throw new Error(result.reason);
  if (result.findings.length === 0) throw new Error(`the sample of ${source} gives no finding`);
  return result.findings.length;
}

for (const until = performance.now() + WARM_UP_MS; performance.now() < until; ) await once();
let findings = 0;
const begun = performance.now();
while (performance.now() - begun < SECONDS_EACH * 1000) findings += await once();
process.stdout.write(String(findings / ((performance.now() - begun) / 1000)));
