import { writeFileSync } from 'node:fs';
import { anchorsOf, chainsToRead, type Proof, type Proofs, proofsOf, proofsOfFile } from '../audit-proof.ts';
import type { Connection } from '../context.ts';
import { type Host, type PlaceOptions, type Register, withPlace } from '../host.ts';
import { type Io, printable, printableJson } from '../io.ts';
import { parseDays } from '../parse.ts';
import { SetupError } from '../setup-error.ts';

/** As long as an incident may change: an approval waits seven days at most. */
const USUAL_DAYS = 8;

interface VerifyOptions extends PlaceOptions {
  readonly file?: string;
  readonly anchor?: string;
  readonly publicKey?: string;
  readonly since: number;
  /** False with `--no-anchors`. */
  readonly anchors: boolean;
}

interface ExportOptions extends PlaceOptions {
  readonly anchors?: string;
  readonly publicKey?: string;
  readonly since: number;
}

export const audit: Register = (program, host, answer) => {
  const group = program.command('audit').description('The append-only log: prove it, or take it with you.');

  withPlace(
    group
      .command('verify')
      .description(
        'Recompute the hash chain of an incident, of all incidents, or of an export, and hold it against the signed anchors; name the first entry that does not hold.',
      )
      .argument('[id]', 'incident id; without it, every chain, those that only an anchor still names included'),
  )
    .option('--since <days>', 'look at the anchors of the last so many days, such as 400d', parseDays, USUAL_DAYS)
    .option('--no-anchors', 'do not look at anchors (they need permissions of their own)')
    .option(
      '--file <export>',
      'verify an export instead; needs no connection (of one incident: name its id, else every other anchored chain is missing)',
    )
    .option('--anchor <file>', 'with --file: anchors as JSON lines, or one as it lies in the bucket')
    .option('--public-key <file>', 'PEM of the key that signs anchors, instead of asking KMS for it')
    .action(async (id: string | undefined, options: VerifyOptions) => {
      await answer((async () => report(host.io, await verify(host, id, options), options.json ?? false))());
    });

  withPlace(
    group
      .command('export')
      .description(
        'Print audit entries as JSON lines, in order; `audit verify --file` proves them without a connection.',
      )
      .argument('[id]', 'incident id; without it, every chain'),
  )
    .option('--anchors <file>', 'write the anchors beside them, as JSON lines')
    .option('--public-key <file>', 'write the key that signs anchors, as PEM')
    .option('--since <days>', 'the anchors of the last so many days', parseDays, USUAL_DAYS)
    .action(async (id: string | undefined, options: ExportOptions) => {
      await answer(
        (async () => {
          const connection = await host.connect(options);
          // Before the entries: every chain then has at least what the anchors say.
          await exportAnchors(connection, options, host.now());
          let entries = 0;
          for (const chain of (await chainsToRead(connection, id)).keys()) {
            for (const entry of await connection.audit.readUnparsed(chain)) {
              host.io.out(printableJson(entry));
              entries += 1;
            }
          }
          if (entries === 0)
            host.io.err(id === undefined ? 'The log is empty.' : `There is no chain ${printable(id)}.`);
          return entries > 0 || id === undefined;
        })(),
      );
    });
};

async function verify(host: Host, id: string | undefined, options: VerifyOptions): Promise<Proofs> {
  if (options.file !== undefined) return proofsOfFile(options.file, id, options);
  if (options.anchor !== undefined) throw new SetupError('--anchor is for --file; a stack has its own anchors.');
  const connection = await host.connect(options);
  const anchors = options.anchors ? await anchorsOf(connection, options, host.now()) : undefined;
  return await proofsOf(connection, id, anchors);
}

async function exportAnchors(
  { anchors, anchorKey }: Connection,
  { anchors: anchorFile, publicKey, since }: ExportOptions,
  now: Date,
): Promise<void> {
  if (publicKey !== undefined) writeFileSync(publicKey, await anchorKey());
  if (anchorFile === undefined) return;
  const found = await anchors.since(new Date(now.getTime() - since * 24 * 3600_000));
  // One line each, whatever somebody may have put into the bucket.
  writeFileSync(anchorFile, found.map(({ text }) => `${text.replaceAll(/[\r\n]+/g, ' ')}\n`).join(''));
}

function report(io: Io, { chains, anchors }: Proofs, asJson: boolean): boolean {
  const ok = chains.every((proof) => proof.ok) && (anchors?.broken.length ?? 0) === 0;
  const entries = chains.reduce((sum, proof) => sum + proof.entries, 0);
  if (asJson) {
    const seen = anchors && { checked: anchors.checked, newest: anchors.newest ?? null, broken: anchors.broken };
    io.out(printableJson({ ok, chains: chains.length, entries, verdicts: chains, anchors: seen ?? null }));
    return ok;
  }
  for (const proof of chains) io.out(lineOf(proof));
  for (const { anchor, reason } of anchors?.broken ?? [])
    io.out(`BROKEN  anchor ${printable(anchor)}: ${printable(reason)}`);
  io.err(anchorsLine(anchors));
  if (chains.length === 0) io.err('There are no chains yet.');
  else
    io.err(`${chains.length} chains, ${entries} entries: ${ok ? 'every hash holds.' : 'the log was tampered with.'}`);
  return ok;
}

function lineOf(proof: Proof): string {
  if (!proof.ok) return `BROKEN  ${printable(proof.chain)}: at entry ${proof.firstBroken}: ${printable(proof.reason)}`;
  const { anchored } = proof;
  const upTo = anchored === undefined ? '' : `, anchored up to entry ${anchored.sequence} at ${anchored.at}`;
  return `holds   ${printable(proof.chain)}: ${proof.entries} entries, head ${proof.head}${upTo}`;
}

function anchorsLine(anchors: Proofs['anchors']): string {
  if (anchors === undefined)
    return 'Anchors were not looked at: a chain that was removed as a whole would not be missed.';
  const { checked, newest, broken } = anchors;
  if (checked === 0) return 'There is no anchor of this time: a chain that was removed as a whole would not be missed.';
  const what = `${checked} anchors${newest === undefined ? '' : `, the newest of ${newest}`}`;
  return broken.length === 0 ? `${what}: each is signed and whole.` : `${what}: not all of them hold.`;
}
