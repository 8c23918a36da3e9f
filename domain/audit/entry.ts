import * as z from 'zod';
import { canonicalJson, NotCanonicalError, sha256Hex } from '../json/canonical.ts';

/** Everything the log speaks of. Names are public: reports and queries use them. */
export const AUDIT_KINDS = [
  'incident.opened',
  'finding.attached',
  'incident.claimed',
  'evidence.gathered',
  'evidence.looked-up',
  'model.called',
  'question.answered',
  'analysis.made',
  'plan.made',
  'published',
  'approval.requested',
  'approval.not-asked',
  'approval.reminded',
  'approval.escalated',
  'approval.voted',
  'approval.decided',
  'approval.refused',
  'approval.expired',
  'decision.delivered',
  'decision.late',
  'action.started',
  'action.applied',
  'action.verified',
  'action.rolled-back',
  'rollback.requested',
  'rollback.started',
  'rollback.verified',
  'rollback.concluded',
  'configuration.changed',
  'execution.stopped',
  'execution.resumed',
  'incident.concluded',
  'incident.failed',
] as const;
export const auditKindSchema = z.enum(AUDIT_KINDS);
export type AuditKind = z.infer<typeof auditKindSchema>;

/** Who did it: a function of Parapet, a person (approver id), or the vendor that sent the alert. */
export const actorSchema = z.object({ type: z.enum(['function', 'person', 'vendor']), id: z.string() });

/**
 * One entry of a chain. There is one chain per incident (`chain` is the incident id); `sequence` starts at 0; `previous`
 * is the hash of the entry before, or `GENESIS`. `data` is small (ids, digests, counts); bodies stay in the evidence bucket.
 */
export const auditEntrySchema = z.lazy(() =>
  z.object({
    chain: z.string().min(1),
    sequence: z.number().int().nonnegative(),
    at: z.iso.datetime(),
    actor: actorSchema,
    kind: auditKindSchema,
    data: z.record(z.string(), z.unknown()),
    previous: z.string(),
    hash: z.string(),
  }),
);
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What a caller says; the store adds sequence, previous and hash. */
export type AuditRecord = Pick<AuditEntry, 'chain' | 'at' | 'actor' | 'kind' | 'data'>;

/** `previous` of the first entry: no SHA-256 of anything we write. */
export const GENESIS = '0'.repeat(64);

export function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  return sha256Hex(canonicalJson(entry));
}

/** The next entry of a chain after `head` (undefined: the chain is empty). */
export function nextEntry(head: Pick<AuditEntry, 'sequence' | 'hash'> | undefined, record: AuditRecord): AuditEntry {
  const unhashed = {
    ...record,
    sequence: head === undefined ? 0 : head.sequence + 1,
    previous: head === undefined ? GENESIS : head.hash,
  };
  return { ...unhashed, hash: hashOf(unhashed) };
}

export type ChainVerdict =
  | { readonly ok: true; readonly chain: string; readonly entries: number; readonly head: string }
  | {
      readonly ok: false;
      readonly chain: string;
      readonly entries: number;
      readonly firstBroken: number;
      readonly reason: string;
    };

/**
 * Recomputes a chain from its entries alone. `entries` are unparsed on purpose: a forged entry may have any shape.
 * Names the first position (0-based sequence expected there) that does not hold.
 */
export function verifyChain(
  chain: string,
  entries: readonly unknown[],
  expectedHead?: { readonly sequence: number; readonly hash: string },
): ChainVerdict {
  let previous = GENESIS;
  for (const [index, raw] of entries.entries()) {
    const broken = checkEntry(chain, index, previous, raw);
    if (typeof broken === 'string')
      return { ok: false, chain, entries: entries.length, firstBroken: index, reason: broken };
    previous = broken.hash;
  }
  if (entries.length === 0) return { ok: false, chain, entries: 0, firstBroken: 0, reason: 'the chain has no entries' };
  if (expectedHead && (expectedHead.sequence !== entries.length - 1 || expectedHead.hash !== previous)) {
    return {
      ok: false,
      chain,
      entries: entries.length,
      firstBroken: Math.min(expectedHead.sequence, entries.length),
      reason: `the chain ends at entry ${entries.length - 1}, but its recorded head is entry ${expectedHead.sequence}`,
    };
  }
  return { ok: true, chain, entries: entries.length, head: previous };
}

function checkEntry(chain: string, index: number, previous: string, raw: unknown): string | { readonly hash: string } {
  const parsed = auditEntrySchema.unwrap().strict().safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `entry ${index} is not an audit entry: ${issue ? `${issue.path.join('.')}: ${issue.message}` : 'unreadable'}`;
  }
  const entry = parsed.data;
  if (entry.chain !== chain) return `entry ${index} belongs to chain ${entry.chain}`;
  if (entry.sequence !== index) return `entry ${index} is missing: entry ${entry.sequence} stands in its place`;
  if (entry.previous !== previous) return `entry ${index} does not follow the entry before it`;
  if (hashAsFound(raw) !== entry.hash) return `entry ${index} was changed: its content does not give its hash`;
  return { hash: entry.hash };
}

/**
 * Over what is there, not over what a parser made of it: zod leaves out a key named `__proto__`, and a forger may add one.
 * Undefined for what has no canonical form: nothing of ours, so it gives no hash at all.
 */
function hashAsFound(raw: unknown): string | undefined {
  try {
    return sha256Hex(canonicalJson(Object.fromEntries(Object.entries(raw ?? {}).filter(([key]) => key !== 'hash'))));
  } catch (error) {
    if (error instanceof NotCanonicalError) return undefined;
    throw error;
  }
}
