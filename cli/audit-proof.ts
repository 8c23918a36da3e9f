import type { ChainVerdict } from '../domain/audit/entry.ts';
import { type FixedHead, type FoundAnchor, type JudgedAnchors, judgeAnchors } from '../domain/audit/judge-anchors.ts';
import { readPublicKey } from './anchor-key.ts';
import { chainsOfExport, judgeChain } from './audit-verdict.ts';
import type { Connection } from './context.ts';
import { readBytes } from './parse.ts';
import { SetupError } from './setup-error.ts';

/** Chains that are looked at when no incident is named: of the newest so many incidents, and all that anchors name. */
const NEWEST = 1_000;
const DAY_MS = 24 * 3600_000;

/** A chain's verdict, and the newest entry of it that an anchor fixed. */
export type Proof = ChainVerdict & { readonly anchored?: { readonly sequence: number; readonly at: string } };

export interface Proofs {
  readonly chains: readonly Proof[];
  /** Undefined when nobody looked at anchors. */
  readonly anchors: JudgedAnchors | undefined;
}

/** Anchors as they lie in the bucket, judged with the stack's key or with one the auditor brought. */
export async function anchorsOf(
  { anchors, anchorKey }: Pick<Connection, 'anchors' | 'anchorKey'>,
  { since, publicKey }: { readonly since: number; readonly publicKey?: string | undefined },
  now: Date,
): Promise<JudgedAnchors> {
  const key = publicKey === undefined ? await anchorKey() : readPublicKey(publicKey);
  return judgeAnchors(await anchors.since(new Date(now.getTime() - since * DAY_MS)), key);
}

/** Every chain of a stack, or one, against its own hashes, the head its incident remembers, and the anchors. */
export async function proofsOf(
  connection: Connection,
  id: string | undefined,
  anchors: JudgedAnchors | undefined,
): Promise<Proofs> {
  const chains: Proof[] = [];
  const toRead = await chainsToRead(connection, id);
  // Of an incident that was removed with its chain only the anchors know.
  const others = id === undefined ? [...(anchors?.fixed.keys() ?? [])].filter((chain) => !toRead.has(chain)) : [];
  for (const chain of [...toRead.keys(), ...others]) {
    chains.push(proofOf(chain, await connection.audit.readUnparsed(chain), toRead.get(chain), anchors));
  }
  return { chains, anchors };
}

/** The chains of an export, or one of them, against their own hashes and against anchors of a file. */
export function proofsOfFile(
  file: string,
  id: string | undefined,
  given: { readonly anchor?: string | undefined; readonly publicKey?: string | undefined },
): Proofs {
  const chains = chainsOfExport(readBytes(file).toString('utf8'));
  if ('unreadable' in chains) throw new SetupError(`${file} is not an export of the audit log: ${chains.unreadable}.`);
  const anchors = anchorsOfFile(given);
  if (id === undefined && chains.size === 0) throw new SetupError(`${file} holds no audit entries.`);
  const names = id === undefined ? new Set([...chains.keys(), ...(anchors?.fixed.keys() ?? [])]) : [id];
  return {
    chains: [...names].map((chain) => proofOf(chain, chains.get(chain) ?? [], undefined, anchors)),
    anchors,
  };
}

function anchorsOfFile({
  anchor,
  publicKey,
}: {
  readonly anchor?: string | undefined;
  readonly publicKey?: string | undefined;
}): JudgedAnchors | undefined {
  if (anchor === undefined && publicKey === undefined) return undefined;
  if (anchor === undefined || publicKey === undefined) {
    throw new SetupError('Name both --anchor and --public-key: one proves nothing without the other.');
  }
  const lines = readBytes(anchor).toString('utf8').split('\n');
  const found = lines.flatMap((text, index): FoundAnchor[] =>
    text.trim() === '' ? [] : [{ name: `${anchor} line ${index + 1}`, text, hidden: false }],
  );
  if (found.length === 0) throw new SetupError(`${anchor} holds no anchor.`);
  return judgeAnchors(found, readPublicKey(publicKey));
}

function proofOf(
  chain: string,
  entries: readonly unknown[],
  recorded: RecordedHead | undefined,
  anchors: JudgedAnchors | undefined,
): Proof {
  const fixed = anchors?.fixed.get(chain) ?? [];
  const verdict = judgeChain(chain, entries, recorded, fixed);
  const newest: FixedHead | undefined = fixed.at(-1);
  return newest === undefined ? verdict : { ...verdict, anchored: { sequence: newest.sequence, at: newest.at } };
}

type RecordedHead = { readonly sequence: number; readonly hash: string };

/** Chains by their id, with the head the incident remembers. */
export async function chainsToRead(
  { incidents }: Pick<Connection, 'incidents'>,
  id: string | undefined,
): Promise<ReadonlyMap<string, RecordedHead | undefined>> {
  const list = id === undefined ? await incidents.list({ limit: NEWEST }) : [await incidents.get(id)];
  const known = new Map(list.flatMap((one) => (one === undefined ? [] : [[one.incidentId, one.auditHead] as const])));
  // The chain of an incident that is gone from its table is still there to be read.
  return known.size === 0 && id !== undefined ? new Map([[id, undefined]]) : known;
}
