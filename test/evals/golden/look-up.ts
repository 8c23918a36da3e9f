import type { CwppPart, EvidenceSource } from '../../../connectors/cwpp/evidence-source.ts';
import {
  type Answer,
  DAY,
  type IntelSource,
  NOT_KNOWN,
  NOTHING_KNOWN,
  opinion,
} from '../../../connectors/intel/port.ts';
import type { LookUp } from '../../../connectors/look-up/port.ts';
import type { BlobStore } from '../../../connectors/store/ports.ts';
import type { Verdict } from '../../../domain/analysis/analysis.ts';
import type { ClusterConfiguration } from '../../../domain/config/schema.ts';
import { openIncident } from '../../../domain/incident/cluster.ts';
import type { Incident, Outcome } from '../../../domain/incident/incident.ts';
import { formatTrait, type Trait } from '../../../domain/retrieval/traits.ts';
import { workloadKey } from '../../../domain/workload.ts';
import { lookUp } from '../../../functions/look-up/look-up.ts';
import { sampleConfiguration } from '../../fakes/configuration.ts';
import { memoryIncidentStore } from '../../fakes/incident-store.ts';
import { memoryIntelCache } from '../../fakes/intel-cache.ts';
import { recordingTelemetry } from '../../fakes/telemetry.ts';
import type { Built } from './build.ts';
import type { ContextSpec } from './case.ts';
import { clusterObjects } from './cluster.ts';
import { contextDrafts } from './context.ts';
import { goldenReader } from './reader.ts';

const HOUR_MS = 3_600_000;

/**
 * The function `look-up` itself, over what a golden incident says of its surroundings: what its vendor, its cluster, the
 * intelligence sources and the store hold, the pack's own pieces among it. What the case does not speak of is not known.
 */
export function goldenLookUp(one: Built, blobs: Pick<BlobStore, 'get'>): LookUp {
  const observed = new Date(one.clock.first + 900_000);
  const now = (): Date => observed;
  const objects = clusterObjects(one.golden.context, one.pack.workload, one.clock);
  const deps = {
    incidents: storeOf(one),
    blobs,
    evidenceOf: () => vendorOf(one),
    clusters: objects === undefined ? [] : [clusterNamed(objects.cluster)],
    reader: () => {
      if (objects === undefined) throw new Error(`${one.golden.id} has no cluster`);
      return goldenReader(objects, { unreadable: one.golden.context.missing?.identity, now });
    },
    cache: memoryIntelCache(),
    sources: [watchers(one), exploitLists(one)],
    own: { internalDomains: [], ownNetworks: [] },
    budgetMs: 10_000,
    telemetry: recordingTelemetry(),
    now,
  };
  return { ask: async (input) => await lookUp(deps, input, { getRemainingTimeInMillis: () => 60_000 }) };
}

function clusterNamed(name: string): ClusterConfiguration {
  const [cluster] = sampleConfiguration().clusters;
  if (cluster === undefined) throw new Error('the sample configuration names a cluster');
  return { ...cluster, name };
}

/** A vendor knows the workload of the incident and no other. */
function vendorOf({ golden, parts, pack, clock }: Built): EvidenceSource {
  const further = contextDrafts(golden.further ?? {}, pack.workload, clock);
  const key = workloadKey(pack.workload);
  return {
    async gather(part: CwppPart, about) {
      const isKnown = about.some(({ workload }) => workloadKey(workload) === key);
      const held = parts.find((one) => one.part === part)?.drafts ?? [];
      const drafts = isKnown ? [...held, ...(further[part] ?? [])] : [];
      return { drafts, cost: { calls: 1, bytes: JSON.stringify(drafts).length, milliseconds: 0 } };
    },
  };
}

function known<K extends 'intel' | 'knowledge'>({ golden }: Built, what: K): NonNullable<ContextSpec[K]> | readonly [] {
  return golden.context[what] ?? [];
}

function watchers(one: Built): IntelSource {
  const all = [...known(one, 'intel'), ...(one.golden.further?.intel ?? [])];
  return source(
    'greynoise',
    ({ kind }) => kind !== 'cve',
    (value) => {
      const found = all.find(({ indicator }) => indicator.toLowerCase() === value.toLowerCase());
      return found === undefined ? NOT_KNOWN : opinion(found.verdict, found.detail, 3);
    },
  );
}

function exploitLists(one: Built): IntelSource {
  const all = known(one, 'knowledge');
  return source(
    'kev',
    ({ kind }) => kind === 'cve',
    (value) => {
      const found = all.find(({ cve }) => cve === value);
      if (found?.kev === undefined) return NOTHING_KNOWN;
      const knownExploited = { since: found.kev, ransomware: found.ransomware ?? false, action: 'Apply updates.' };
      return { kind: 'knowledge', knowledge: { knownExploited, fixedIn: [] } };
    },
  );
}

function source(
  name: IntelSource['name'],
  accepts: IntelSource['accepts'],
  answer: (value: string) => Answer,
): IntelSource {
  return {
    name,
    accepts,
    batch: 50,
    most: 50,
    allowances: [],
    lifetimeSeconds: () => DAY,
    ask: async (subjects) => subjects.map(({ value }) => answer(value)),
  };
}

/** The incident, those before it, and those of others that share something with it. */
function storeOf({ golden, findings, pack, clock }: Built) {
  const store = memoryIncidentStore();
  const [primary] = findings;
  if (primary === undefined) throw new Error(`${golden.id} has no finding`);
  const opened = new Date(clock.first);
  const context = { receivedAt: opened.toISOString(), now: opened, windowMinutes: 60 };
  const incident: Incident = { ...openIncident(primary, context, 1), incidentId: pack.incidentId };
  const before = (
    id: string,
    days: number,
    of: { readonly verdict: Verdict; readonly outcome: Outcome },
    change: Partial<Incident>,
  ) => {
    const at = new Date(clock.first - days * 24 * HOUR_MS).toISOString();
    const times = { received: at, opened: at };
    store.seed({
      ...incident,
      incidentId: id,
      status: 'concluded',
      verdict: of.verdict,
      outcome: of.outcome,
      times,
      ...change,
    });
  };
  const { past = [], similar = [] } = golden.further ?? {};
  for (const [index, one] of [...(golden.context.past ?? []), ...past].entries())
    before(`inc-past${String(index).padStart(16, '0')}`, 20, one, {});
  for (const [index, { what, value, ...one }] of similar.entries()) {
    const trait: Trait = { what, value };
    before(`inc-like${String(index).padStart(16, '0')}`, 9, one, {
      workloadKey: `other-${index}`,
      traits: [formatTrait(trait)],
    });
  }
  store.seed(incident, findings);
  return store;
}
