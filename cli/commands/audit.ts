import type { ChainVerdict } from '../../domain/audit/entry.ts';
import { chainsOfExport, judgeChain } from '../audit-verdict.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { type Io, printable, printableJson } from '../io.ts';
import { readBytes } from '../parse.ts';
import { SetupError } from '../setup-error.ts';

/** Chains that `audit verify` and `audit export` take when no incident is named. */
const NEWEST = 1_000;

export const audit: Register = (program, host, answer) => {
  const group = program.command('audit').description('The append-only log: prove it, or take it with you.');

  withPlace(
    group
      .command('verify')
      .description(
        'Recompute the hash chain of an incident, of all incidents, or of an export; name the first entry that does not hold.',
      )
      .argument('[id]', 'incident id; without it, every chain'),
  )
    .option('--file <export>', 'verify an export instead; needs no connection')
    .action(async (id: string | undefined, options: PlaceOptions & { readonly file?: string }) => {
      await answer(
        (async () => {
          const verdicts =
            options.file === undefined
              ? await verdictsOf(await host.connect(options), id)
              : verdictsOfFile(options.file, id);
          return report(host.io, verdicts, options.json ?? false);
        })(),
      );
    });

  withPlace(
    group
      .command('export')
      .description(
        'Print audit entries as JSON lines, in order; `audit verify --file` proves them without a connection.',
      )
      .argument('[id]', 'incident id; without it, every chain'),
  ).action(async (id: string | undefined, options: PlaceOptions) => {
    await answer(
      (async () => {
        const connection = await host.connect(options);
        let entries = 0;
        for (const { chain } of await chainsToRead(connection, id)) {
          for (const entry of await connection.audit.readUnparsed(chain)) {
            host.io.out(printableJson(entry));
            entries += 1;
          }
        }
        if (entries === 0) host.io.err(id === undefined ? 'The log is empty.' : `There is no chain ${printable(id)}.`);
        return entries > 0 || id === undefined;
      })(),
    );
  });
};

interface ChainToRead {
  readonly chain: string;
  readonly recorded: { readonly sequence: number; readonly hash: string } | undefined;
}

async function chainsToRead({ incidents }: Connection, id: string | undefined): Promise<readonly ChainToRead[]> {
  const list = id === undefined ? await incidents.list({ limit: NEWEST }) : [await incidents.get(id)];
  const known = list.flatMap((incident) =>
    incident === undefined ? [] : [{ chain: incident.incidentId, recorded: incident.auditHead }],
  );
  // The chain of an incident that is gone from its table is still there to be read.
  return known.length === 0 && id !== undefined ? [{ chain: id, recorded: undefined }] : known;
}

async function verdictsOf(connection: Connection, id: string | undefined): Promise<readonly ChainVerdict[]> {
  const verdicts: ChainVerdict[] = [];
  for (const { chain, recorded } of await chainsToRead(connection, id)) {
    verdicts.push(judgeChain(chain, await connection.audit.readUnparsed(chain), recorded));
  }
  return verdicts;
}

function verdictsOfFile(file: string, id: string | undefined): readonly ChainVerdict[] {
  const chains = chainsOfExport(readBytes(file).toString('utf8'));
  if ('unreadable' in chains) {
    throw new SetupError(`${file} is not an export of the audit log: ${chains.unreadable}.`);
  }
  if (id !== undefined) return [judgeChain(id, chains.get(id) ?? [], undefined)];
  if (chains.size === 0) throw new SetupError(`${file} holds no audit entries.`);
  return [...chains].map(([chain, entries]) => judgeChain(chain, entries, undefined));
}

function report(io: Io, verdicts: readonly ChainVerdict[], asJson: boolean): boolean {
  const ok = verdicts.every((verdict) => verdict.ok);
  const entries = verdicts.reduce((sum, verdict) => sum + verdict.entries, 0);
  if (asJson) {
    io.out(printableJson({ ok, chains: verdicts.length, entries, verdicts }));
    return ok;
  }
  for (const verdict of verdicts) {
    io.out(
      verdict.ok
        ? `holds   ${printable(verdict.chain)}: ${verdict.entries} entries, head ${verdict.head}`
        : `BROKEN  ${printable(verdict.chain)}: at entry ${verdict.firstBroken}: ${printable(verdict.reason)}`,
    );
  }
  io.err(
    verdicts.length === 0
      ? 'There are no chains yet.'
      : `${verdicts.length} chains, ${entries} entries: ${ok ? 'every hash holds.' : 'the log was tampered with.'}`,
  );
  return ok;
}
