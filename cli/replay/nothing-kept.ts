import type { ConversationDeps } from '../../connectors/models/question.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import { nextEntry } from '../../domain/audit/entry.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { tokensOf } from '../../domain/models/spending.ts';

/** Stores of a replay: everything goes through the same code, and nothing of it stays. Only the ceiling of tokens holds. */
export function nothingKept(): Pick<ConversationDeps, 'audit' | 'spending'> & { readonly blobs: BlobStore } {
  let tokens = 0;
  const bodies = new Map<string, string>();
  return {
    blobs: {
      async put(key, body) {
        bodies.set(key, body);
        return { key, sha256: sha256Hex(body), bytes: Buffer.byteLength(body) };
      },
      async get(key) {
        return bodies.get(key) ?? '';
      },
    },
    audit: { append: async (record) => nextEntry(undefined, record) },
    spending: {
      async reserve(want, { tokensPerIncident }) {
        if (tokens + want.tokens > tokensPerIncident) return 'incident-tokens';
        tokens += want.tokens;
        return 'reserved';
      },
      async settle(reserved, spent) {
        tokens += tokensOf(spent.tokens) - reserved.tokens;
      },
    },
  };
}
