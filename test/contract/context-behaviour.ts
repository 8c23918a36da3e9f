import { beforeAll, describe, expect, it } from 'vitest';
import type { BaselineStore, LinkStore, PollStore } from '../../connectors/store/context-ports.ts';
import { APART_MS, learn } from '../../domain/baseline/baseline.ts';
import type { Observation } from '../../domain/baseline/observe.ts';
import { freshNamespace, type Stores } from './stores.ts';

const at = Date.parse('2026-11-22T10:00:00.000Z');
const now = new Date(at);
const point = (time: number) => ({ first: time, last: time });
const observed = (dimension: Observation['dimension'], value: string): Observation => ({ dimension, value });

/** What later incidents want to know: habits, links, and how far a source was polled. */
export function contextBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  let process: Stores['process'];
  beforeAll(async () => {
    process = (await make()).process;
  });
  baselines(name, () => process().baselines);
  links(name, () => process().links);
  polls(name, () => process().polls);
}

function baselines(name: string, open: () => BaselineStore): void {
  const java = observed('process', '/usr/bin/java');

  describe(`${name}: baselines`, () => {
    it('are unknown until something is learned, and then read back by every process', async () => {
      const key = freshNamespace();
      expect(await open().get(key)).toBeUndefined();
      expect(await open().learn(key, [java, observed('user', 'app')], point(at))).toBe('learned');
      expect(await open().get(key)).toEqual(learn(undefined, [java, observed('user', 'app')], point(at)));
      expect(await open().get(freshNamespace())).toBeUndefined();
    });

    it('take a flood of the same for known, and the same after a while for a habit', async () => {
      const [key, store] = [freshNamespace(), open()];
      expect(await store.learn(key, [java], point(at))).toBe('learned');
      for (const later of [1, 1000]) expect(await store.learn(key, [java], point(at + later))).toBe('known');
      expect(await open().learn(key, [java], point(at + APART_MS))).toBe('learned');
      expect((await open().get(key))?.habits.process.entries).toEqual([
        { value: java.value, first: at, last: at + APART_MS, count: 2 },
      ]);
    });

    it('lose nothing that was said to be learned, when many processes learn of one workload at once', async () => {
      const key = freshNamespace();
      const values = Array.from({ length: 6 }, (_, index) => `/bin/tool-${index}`);
      const learned = await Promise.all(
        values.map(async (value) => [value, await open().learn(key, [observed('process', value)], point(at))] as const),
      );
      const said = learned.flatMap(([value, outcome]) => (outcome === 'learned' ? [value] : []));
      expect(said.length).toBeGreaterThan(0);
      expect((await open().get(key))?.habits.process.entries.map(({ value }) => value).sort()).toEqual(said.sort());
      for (const value of values) await open().learn(key, [observed('process', value)], point(at));
      expect((await open().get(key))?.habits.process.entries.map(({ value }) => value).sort()).toEqual(values);
    });

    it('keep a name the store itself would refuse or change', async () => {
      const key = `${freshNamespace()} \u202e#/"`;
      for (const value of ['__proto__', 'a\u0000b', '\u202egpj.exe']) {
        await open().learn(key, [observed('process', value)], point(at));
      }
      const { habits } = (await open().get(key)) ?? {};
      expect(habits?.process.entries.map(({ value }) => value).sort()).toEqual([
        '__proto__',
        'a\u0000b',
        '\u202egpj.exe',
      ]);
    });
  });
}

function links(name: string, open: () => LinkStore): void {
  const incident = (id: number) => ({
    incidentId: `inc-${String(id).padStart(2, '0')}`,
    openedAt: new Date(at - id * 1000).toISOString(),
    workload: 'payments/checkout in prod-eks',
  });
  const domain = () => ({ what: 'domain' as const, value: `${freshNamespace()}.example` });

  describe(`${name}: links`, () => {
    it('tell who else has a value, newest first, without the one that asks, however often it is said', async () => {
      const link = domain();
      for (const id of [3, 1, 2, 3]) await open().link(incident(id), [link, domain()], now);
      expect(await open().sharing(link, { except: incident(1).incidentId, now })).toEqual([incident(2), incident(3)]);
      expect(await open().sharing(link, { except: '', now })).toEqual([incident(1), incident(2), incident(3)]);
    });

    it('are of one kind: the same text as something else is another value', async () => {
      const link = domain();
      await open().link(incident(1), [link], now);
      expect(await open().sharing({ ...link, what: 'identity' }, { except: '', now })).toEqual([]);
    });

    it('are forgotten after a month', async () => {
      const link = domain();
      await open().link(incident(1), [link], now);
      const days = (count: number) => new Date(at + count * 24 * 3_600_000);
      expect(await open().sharing(link, { except: '', now: days(29) })).toEqual([incident(1)]);
      expect(await open().sharing(link, { except: '', now: days(30) })).toEqual([]);
    });

    it('are found behind any number that is over: what is expired and not deleted yet takes nobody’s place', async () => {
      const link = domain();
      for (let id = 0; id <= 25; id += 1) await open().link(incident(id), [link], now);
      const later = new Date(at + 30 * 24 * 3_600_000);
      for (const id of [30, 31]) await open().link(incident(id), [link], later);
      expect(await open().sharing(link, { except: '', now: later })).toEqual([incident(30), incident(31)]);
    });

    it('say nothing of a value that more than twenty others share', async () => {
      const link = domain();
      for (let id = 0; id <= 20; id += 1) await open().link(incident(id), [link], now);
      expect(await open().sharing(link, { except: incident(0).incidentId, now })).toHaveLength(20);
      await open().link(incident(21), [link], now);
      expect(await open().sharing(link, { except: incident(0).incidentId, now })).toEqual([]);
    });
  });
}

function polls(name: string, open: () => PollStore): void {
  const state = (source: 'wiz' | 'lacework' | 'generic', cursor: string, trouble?: string) => ({
    source,
    cursor,
    lastPollAt: '2026-11-22T10:00:00.000Z',
    lastAlerts: 3,
    ...(trouble === undefined ? {} : { trouble }),
  });
  const eight = '2026-11-22T08:00:00.000Z';
  const nine = '2026-11-22T09:00:00.000Z';
  const ten = '2026-11-22T10:00:00.000Z';

  describe(`${name}: polls`, () => {
    it('move the cursor from where it was seen and from nowhere else', async () => {
      expect(await open().get('wiz')).toBeUndefined();
      expect(await open().advance(state('wiz', nine), undefined)).toBe(true);
      expect(await open().advance(state('wiz', eight), undefined)).toBe(false);
      expect(await open().advance(state('wiz', ten), eight)).toBe(false);
      expect(await open().get('wiz')).toEqual(state('wiz', nine));
      expect(await open().advance(state('wiz', ten), nine)).toBe(true);
      expect(await open().get('wiz')).toEqual(state('wiz', ten));
    });

    it('let exactly one of many move the cursor', async () => {
      const moved = await Promise.all(
        Array.from({ length: 8 }, () => open().advance(state('generic', nine), undefined)),
      );
      expect(moved.filter(Boolean)).toHaveLength(1);
    });

    it('remember trouble until a poll succeeds', async () => {
      await open().advance(state('lacework', nine), undefined);
      await open().advance(state('lacework', nine, 'HttpError: 503'), nine);
      expect(await open().get('lacework')).toEqual(state('lacework', nine, 'HttpError: 503'));
      await open().advance(state('lacework', ten), nine);
      expect(await open().get('lacework')).toEqual(state('lacework', ten));
    });

    it('count what only they found, by source, and lose no count', async () => {
      expect(await open().onlyPolled('falco')).toEqual({ count: 0 });
      await Promise.all(Array.from({ length: 10 }, () => open().countOnlyPolled('falco', now)));
      expect(await open().onlyPolled('falco')).toEqual({ count: 10, lastAt: now.toISOString() });
      expect(await open().onlyPolled('inspector')).toEqual({ count: 0 });
    });
  });
}
