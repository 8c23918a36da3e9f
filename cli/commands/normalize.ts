import { createHash } from 'node:crypto';
import { interpretedBecause } from '../../connectors/cwpp/generic/map.ts';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { usualChannel } from '../../domain/config/channels.ts';
import type { Normalization } from '../../domain/ocsf/detection-finding.ts';
import type { Source } from '../../domain/source.ts';
import type { Host, Register } from '../host.ts';
import { printable, printableJson } from '../io.ts';
import { parseSource, readBytes } from '../parse.ts';

export const normalize: Register = (program, host, answer) => {
  program
    .command('normalize')
    .description('Print the OCSF Detection Findings that a file gives, one JSON object per line. Nothing is sent.')
    .argument('<source>', 'who the file comes from, e.g. prisma-cloud-compute', parseSource)
    .argument('<file...>', 'bodies as the vendor sends them')
    .option('--json', 'JSON lines, which is what it prints anyway')
    .option('--mapping <file>', 'for source generic: the JSONata to try')
    .action(async (source: Source, files: string[], options: { readonly mapping?: string }) => {
      await answer(
        (async () => {
          const mapping = options.mapping === undefined ? undefined : readBytes(options.mapping).toString('utf8');
          await tellMapping(host, source, mapping);
          let all = true;
          for (const file of files) {
            all = tell(host, file, await normalizeBytes(source, readBytes(file), host.now(), mapping)) && all;
          }
          return all;
        })(),
      );
    });
};

/** Which of its two forms a mapping takes decides how many alerts it can keep up with. */
async function tellMapping({ io }: Host, source: Source, mapping: string | undefined): Promise<void> {
  if (source !== 'generic' || mapping === undefined) return;
  const reason = await interpretedBecause(mapping);
  if (reason !== undefined) io.err(`note: ${printable(reason)}`);
}

function tell({ io }: Host, file: string, made: Normalization): boolean {
  if (!made.ok) {
    io.err(`${printable(file)}: ${printable(made.reason)}`);
    return false;
  }
  for (const note of made.notes) io.err(`${printable(file)}: ${printable(note)}`);
  for (const { finding } of made.findings) io.out(printableJson(finding));
  return true;
}

/** As the pipeline reads it: the text goes to the source's mapper, which forgives what the vendor's templates do to JSON. */
async function normalizeBytes(
  source: Source,
  bytes: Buffer,
  now: Date,
  mapping: string | undefined,
): Promise<Normalization> {
  const text = textOf(bytes);
  if (text === undefined) return { ok: false, reason: 'the body is not UTF-8 text' };
  return await mapperFor(source).normalize(text, {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    receivedAt: now.toISOString(),
    channel: usualChannel(source),
    mapping,
  });
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
