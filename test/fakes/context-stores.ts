import type {
  BaselineStore,
  LinkedIncident,
  LinkStore,
  PollState,
  PollStore,
} from '../../connectors/store/context-ports.ts';
import { type Baseline, isNews, learn } from '../../domain/baseline/baseline.ts';
import type { Link } from '../../domain/baseline/links.ts';
import type { Source } from '../../domain/source.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryBaselineStore = BaselineStore &
  Failing<keyof BaselineStore> & { readonly held: Map<string, Baseline> };

export function memoryBaselineStore(): MemoryBaselineStore {
  const held = new Map<string, Baseline>();
  return failing({
    held,
    async learn(key, seen, period) {
      const known = held.get(key);
      if (!isNews(known, seen, period.last)) return 'known' as const;
      held.set(key, learn(known, seen, period));
      return 'learned' as const;
    },
    async get(key) {
      return held.get(key);
    },
  } satisfies BaselineStore & { held: Map<string, Baseline> });
}

export type MemoryLinkStore = LinkStore & Failing<keyof LinkStore>;

/** Of the adapter: links end after a month, and a value that too many share says nothing. */
const KEEP_MS = 30 * 24 * 3_600_000;
const MOST_SHARING = 20;

interface Kept {
  readonly incident: LinkedIncident;
  readonly until: number;
}

export function memoryLinkStore(): MemoryLinkStore {
  const held = new Map<string, Map<string, Kept>>();
  const nameOf = ({ what, value }: Link): string => `${what} ${value}`;
  return failing({
    async link(incident, links, now) {
      for (const link of links) {
        const sharing = held.get(nameOf(link)) ?? new Map<string, Kept>();
        held.set(nameOf(link), sharing.set(incident.incidentId, { incident, until: now.getTime() + KEEP_MS }));
      }
    },
    async sharing(link, { except, now }) {
      const others = [...(held.get(nameOf(link))?.values() ?? [])].flatMap(({ incident, until }) =>
        until > now.getTime() && incident.incidentId !== except ? [incident] : [],
      );
      if (others.length > MOST_SHARING) return [];
      return others.sort((a, b) => Date.parse(b.openedAt) - Date.parse(a.openedAt));
    },
  } satisfies LinkStore);
}

export type MemoryPollStore = PollStore & Failing<keyof PollStore>;

export function memoryPollStore(): MemoryPollStore {
  const states = new Map<Source, PollState>();
  const only = new Map<Source, { count: number; lastAt: string }>();
  return failing({
    async get(source) {
      return states.get(source);
    },
    async advance(state, from) {
      if (states.get(state.source)?.cursor !== from) return false;
      states.set(state.source, state);
      return true;
    },
    async countOnlyPolled(source, now) {
      only.set(source, { count: (only.get(source)?.count ?? 0) + 1, lastAt: now.toISOString() });
    },
    async onlyPolled(source) {
      return only.get(source) ?? { count: 0 };
    },
  } satisfies PollStore);
}
