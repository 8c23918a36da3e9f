import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/** What one `oidc-provider` keeps. Its own store is one for the whole process, and warns of itself at each start. */
export function oidcProviderStore(): AdapterFactory {
  return (): Adapter => {
    const kept = new Map<string, AdapterPayload>();
    const found = (is: (payload: AdapterPayload) => boolean) => [...kept.values()].find(is);
    return {
      upsert: async (id, payload) => void kept.set(id, structuredClone(payload)),
      find: async (id) => kept.get(id),
      findByUid: async (uid) => found((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => found((payload) => payload.userCode === userCode),
      async consume(id) {
        const payload = kept.get(id);
        if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void kept.delete(id),
      async revokeByGrantId(grantId) {
        for (const [id, payload] of kept) if (payload.grantId === grantId) kept.delete(id);
      },
    };
  };
}
