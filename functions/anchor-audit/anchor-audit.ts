import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AuditLog, AuditRecency, IncidentStore } from '../../connectors/store/ports.ts';
import type { AnchorStore } from '../../connectors/store/s3/anchors.ts';
import { type Anchor, anchorDigest } from '../../domain/audit/anchor.ts';
import { type ChainHead, merkleRoot, sortedHeads } from '../../domain/audit/merkle.ts';
import type { Incident } from '../../domain/incident/incident.ts';

export interface AnchorAuditDeps {
  readonly incidents: Pick<IncidentStore, 'list'>;
  readonly audit: Pick<AuditLog, 'head'> & AuditRecency;
  readonly anchors: AnchorStore;
  /** Signs 32 bytes given as hex with ECDSA_SHA_256; the private key never leaves KMS. */
  readonly sign: (digest: string) => Promise<{ readonly signature: string; readonly keyId: string }>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** Bounds memory and time of one run: the newest so many are looked at. */
export const MOST_INCIDENTS = 5_000;
/** Older incidents do not change any more: an approval waits seven days at most. When the limit cuts into these days, it is said. */
const CHANGING_DAYS = 8;
/** An entry may be a while in reaching the index of chains that were written to, and a run begins before it reads. */
const OVERLAP_MS = 3600_000;
/** Of incidents this long over only those are taken that were written to since. */
const SETTLED_AFTER_MS = 24 * 3600_000;
/** Reads at a time: enough to finish in a minute, few enough not to meet the table's limits. */
const PARALLEL = 32;

export interface Anchored {
  readonly key: string;
  readonly root: string;
  readonly chains: number;
}

/**
 * Fixes the heads of all chains that may have changed since the last anchor, in a place nobody can change. An anchor is
 * written even when nothing changed: a missing one is then a sign that the job does not run. A chain that is gone although
 * an earlier anchor names it is what this exists to show.
 */
export async function anchorAudit(deps: AnchorAuditDeps): Promise<Anchored> {
  const now = deps.now();
  const since = await deps.anchors.lastAnchoredAt(now);
  const incidents = await deps.incidents.list({ limit: MOST_INCIDENTS });
  if (isCutShort(incidents, now)) {
    deps.telemetry.warn('anchor limited', { limit: MOST_INCIDENTS });
    deps.telemetry.count('AnchorLimited');
  }
  const open = incidents.filter((incident) => mayHaveChanged(incident, since));
  const lately = new Date((since?.getTime() ?? now.getTime() - CHANGING_DAYS * 24 * 3600_000) - OVERLAP_MS);
  // Entries follow the end of an incident whenever somebody looks again or has something put back, and some chains belong to none.
  const written = await deps.audit.chainsSince(lately, now);
  const changed = new Set([...open.map(({ incidentId }) => incidentId), ...written]);
  const heads = sortedHeads(await headsOf(deps, [...changed]));
  const unsigned = { version: 1 as const, at: now.toISOString(), root: merkleRoot(heads), heads: [...heads] };
  const anchor: Anchor = { ...unsigned, ...(await deps.sign(anchorDigest(unsigned))) };
  const key = await deps.anchors.write(anchor);
  deps.telemetry.count('AuditAnchored');
  deps.telemetry.info('audit anchored', { key, root: anchor.root, chains: heads.length });
  return { key, root: anchor.root, chains: heads.length };
}

function isCutShort(newestFirst: readonly Incident[], now: Date): boolean {
  const oldest = newestFirst[MOST_INCIDENTS - 1];
  return oldest !== undefined && now.getTime() - Date.parse(oldest.times.opened) < CHANGING_DAYS * 24 * 3600_000;
}

function mayHaveChanged({ status, times }: Incident, since: Date | undefined): boolean {
  if (since === undefined || times.concluded === undefined) return true;
  const over = status === 'concluded' || status === 'failed';
  return !over || Date.parse(times.concluded) > since.getTime() - SETTLED_AFTER_MS;
}

async function headsOf(deps: AnchorAuditDeps, chains: readonly string[]): Promise<readonly ChainHead[]> {
  const heads: ChainHead[] = [];
  for (let from = 0; from < chains.length; from += PARALLEL) {
    const group = chains.slice(from, from + PARALLEL);
    const read = await Promise.all(group.map((chain) => headOf(deps, chain)));
    for (const head of read) if (head) heads.push(head);
  }
  return heads;
}

/** An incident without a chain is a moment old, or its chain was removed: the count tells which it is over time. */
async function headOf(deps: AnchorAuditDeps, chain: string): Promise<ChainHead | undefined> {
  const head = await deps.audit.head(chain);
  if (head === undefined) {
    deps.telemetry.count('AuditChainMissing');
    deps.telemetry.warn('incident without audit chain', { incidentId: chain });
    return undefined;
  }
  return { chain, sequence: head.sequence, hash: head.hash };
}
