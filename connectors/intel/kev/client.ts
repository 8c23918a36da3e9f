import { jsonOf, UnusableAnswerError } from '../../http/request.ts';
import type { CacheStore } from '../cache.ts';
import { type IntelDeps, once } from '../http.ts';
import { type Answer, DAY, type IntelSource, NOTHING_KNOWN } from '../port.ts';
import { type KnownExploited, knownExploitedOf } from './map.ts';
import { type Catalogue, catalogueSchema } from './schema.ts';

/** 1.4 MB in 2025-08; it grows by some 200 entries a year. */
const MOST_BYTES = 12_000_000;
/** A catalogue that lost more than one in a hundred is refused: entries are taken back one at a time. */
const MOST_LOST = 0.01;
const COUNT_KEY = 'kev#entries';

interface KevDeps extends Pick<IntelDeps, 'http' | 'now'> {
  readonly cache: Pick<CacheStore, 'get' | 'put'>;
}

/** CISA's catalogue of vulnerabilities that are exploited: one file, read at most once a day by one execution environment. */
export function kevSource({ http, now, cache }: KevDeps, { baseUrl }: { readonly baseUrl: string }): IntelSource {
  let held: { readonly readAt: number; readonly entries: ReadonlyMap<string, KnownExploited> } | undefined;

  async function entries(timeoutMs: number): Promise<ReadonlyMap<string, KnownExploited>> {
    const at = now().getTime();
    if (held !== undefined && at - held.readAt < DAY * 1000) return held.entries;
    const answer = await once(
      http,
      {
        method: 'GET',
        url: `${baseUrl}/known_exploited_vulnerabilities.json`,
        headers: { accept: 'application/json', 'user-agent': 'Mozilla/5.0 (compatible; Parapet)' },
      },
      { timeoutMs, maxAnswerBytes: MOST_BYTES },
    );
    const parsed = catalogueSchema.safeParse(jsonOf(answer));
    if (!parsed.success) throw new UnusableAnswerError('the catalogue of exploited vulnerabilities is not in its form');
    const read = await whole(parsed.data);
    held = { readAt: at, entries: read };
    return read;
  }

  /** A catalogue that is not whole would say of what it lost that it is not exploited. @throws UnusableAnswerError */
  async function whole(catalogue: Catalogue): Promise<ReadonlyMap<string, KnownExploited>> {
    const read = knownExploitedOf(catalogue);
    const count = catalogue.count ?? catalogue.vulnerabilities.length;
    // A store that fails takes away one safeguard, not the answer.
    const remembered = await cache.get(COUNT_KEY, now()).catch(() => undefined);
    const before = Number(remembered?.body ?? 0);
    const least = Math.max(1, count, before) * (1 - MOST_LOST);
    if (read.size < least)
      throw new UnusableAnswerError(
        `the catalogue of exploited vulnerabilities holds ${read.size} entries, and there should be ${Math.max(count, before)}`,
      );
    await cache
      .put(COUNT_KEY, {
        body: String(read.size),
        checkedAt: now().toISOString(),
        expiresAt: new Date(now().getTime() + 365 * DAY * 1000),
      })
      .catch(() => undefined);
    return read;
  }

  return {
    name: 'kev',
    accepts: ({ kind }) => kind === 'cve',
    batch: Number.POSITIVE_INFINITY,
    most: 500,
    allowances: [],
    lifetimeSeconds: () => DAY,
    async ask(subjects, { timeoutMs }) {
      const known = await entries(timeoutMs);
      return subjects.map(({ value }): Answer => {
        const knownExploited = known.get(value);
        return knownExploited === undefined
          ? NOTHING_KNOWN
          : { kind: 'knowledge', knowledge: { knownExploited, fixedIn: [] } };
      });
    },
  };
}
