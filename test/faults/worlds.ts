import { awsReader, awsWriter } from '../../connectors/targets/aws/accounts.ts';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { type ExactTargets, exactTargets } from '../../connectors/targets/exact.ts';
import { KUBERNETES_LIMITS } from '../../connectors/targets/kubernetes/client.ts';
import { kubernetesWriter } from '../../connectors/targets/kubernetes/writer.ts';
import { type ReadingTargets, readingTargets } from '../../connectors/targets/reading.ts';
import { type WritingTargets, writingTargets } from '../../connectors/targets/writing.ts';
import type { PlannedAction, PreparedAction } from '../../domain/actions/action.ts';
import { planDigest } from '../../domain/actions/action.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction } from '../../domain/analysis/analysis.ts';
import type { Approval, Proof } from '../../domain/approval/approval.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { prepared as preparedOnAws, startAccount } from '../contract/aws-account.ts';
import { INCIDENT_ID, prepared as preparedOnCluster, startCluster } from '../contract/kubernetes-cluster.ts';
import { ACTION_CASES, addWorkloads, essenceOfCluster } from '../contract/kubernetes-workloads.ts';
import { memoryExecutionSwitch } from '../fakes/execution-switch.ts';
import { sampleConfiguration, sampleIncident, samplePlan, samplePlanned } from '../fakes/planning.ts';
import { memoryPlaybookSlots } from '../fakes/playbook-slots.ts';
import { type MemoryAuditLog, memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../fakes/stores.ts';
import { memoryWatchStore } from '../fakes/watch-store.ts';
import type { Mortal } from './mortal.ts';

/** Actions on systems that the sandbox serves with their rights enforced. */
export const ON_TARGETS = EXECUTABLE_ACTIONS.filter((name) => /^(?:aws|kubernetes)\./.test(name));

export const PLAN_KEY = `incidents/${INCIDENT_ID}/plan-v1.json`;
const APPROVAL = 'apr-1';
export const INPUT = { incidentId: INCIDENT_ID, actionId: 'A1', planKey: PLAN_KEY };
export const EXECUTE = { ...INPUT, approvalId: APPROVAL };

export type Answer = { readonly status: number } | 'nothing';

/** One approved action, its target behind a real server, and what the verbs that act are composed of. */
export interface World {
  readonly config: Configuration;
  readonly audit: MemoryAuditLog;
  /** What is there for people to see, without the bookkeeping of servers. */
  look(): string;
  /** What the target answers from now on to calls that change something, before it does anything; undefined: as it should. */
  answer(reply: Answer | undefined): void;
  /** What a process is composed of; it lives as long as its doors. */
  process(life: Mortal): Process;
  close(): Promise<void>;
}

export interface Process {
  readonly config: Configuration;
  readonly incidents: ReturnType<typeof memoryIncidentStore>;
  readonly blobs: ReturnType<typeof memoryBlobStore>;
  readonly audit: MemoryAuditLog;
  readonly approvals: { get(id: string): Promise<Approval | undefined> };
  readonly control: ReturnType<typeof memoryExecutionSwitch>;
  readonly slots: ReturnType<typeof memoryPlaybookSlots>;
  readonly watches: ReturnType<typeof memoryWatchStore>;
  readonly targets: WritingTargets & ReadingTargets & ExactTargets;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

/** A target with the action prepared on it, in one system or the other. */
interface Place {
  readonly prepared: PreparedAction;
  look(): string;
  clients(life: Mortal): Parameters<typeof writingTargets>[1];
  readers(life: Mortal): Parameters<typeof readingTargets>[1];
  answer: World['answer'];
  close(): Promise<void>;
}

export async function open(name: ExecutableAction, options: { readonly answersAfterMs?: number } = {}): Promise<World> {
  const place = name.startsWith('aws.') ? await inAccount(name) : await inCluster(name, options);
  const planned = plannedOf(place.prepared);
  const incidents = memoryIncidentStore();
  incidents.seed(sampleIncident({ incidentId: INCIDENT_ID }));
  const blobs = memoryBlobStore();
  await blobs.put(PLAN_KEY, canonicalJson({ ...samplePlan([planned]), incidentId: INCIDENT_ID }));
  const [audit, watches, control] = [memoryAuditLog(), memoryWatchStore(), memoryExecutionSwitch()];
  const slots = memoryPlaybookSlots();
  const config = sampleConfiguration({
    approvals: { signIn: { issuer: ISSUER, clientId: 'parapet' } },
    rollout: [{ scope: {}, phase: 'assist' }],
    approvers: ['ada', 'lin'].map((id) => ({
      id,
      name: id,
      mail: `${id}@example.com`,
      oidcSubject: subjectOf(id),
      may: [{ actions: ['*'] }],
    })),
    actions: { [name]: { gate: 'ask' } },
  });
  const approval = approvalOf(planned);
  let time = Date.parse('2026-02-01T10:10:00.000Z');
  const now = (): Date => new Date(time);
  return {
    config,
    audit,
    look: place.look,
    answer: place.answer,
    close: place.close,
    process: (life) => ({
      config,
      incidents: life.wrap(incidents),
      blobs: life.wrap(blobs),
      audit: life.wrap(audit),
      watches: life.wrap(watches),
      control: life.wrap(control),
      slots,
      approvals: life.wrap({ get: async (id: string) => (id === APPROVAL ? approval : undefined) }),
      targets: {
        ...readingTargets(catalogue, place.readers(life)),
        ...writingTargets(catalogue, place.clients(life)),
        ...exactTargets(catalogue, place.clients(life)),
      },
      now,
      sleep: async (ms) => {
        time += ms;
      },
    }),
  };
}

async function inAccount(name: ExecutableAction): Promise<Place> {
  const account = await startAccount();
  const prepared = await preparedOnAws(account, name);
  let answer: Answer | undefined;
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (answer === undefined || !changes(prepared, String(url), init)) return await globalThis.fetch(url, init);
    // What a client whose patience has ended throws.
    if (answer === 'nothing') throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    return new Response('', answer);
  };
  const deps = { ...account.deps, http: { ...account.deps.http, fetch } };
  return {
    prepared,
    look: () => canonicalJson(JSON.parse(JSON.stringify({ ...account.sandbox.state }, withoutSerials))),
    clients: (life) => ({
      kubernetes: () => undefined,
      vendor: () => undefined,
      aws: (writing) => life.wrap(awsWriter(account.configuration, writing, deps)),
    }),
    readers: (life) => ({
      kubernetes: () => undefined,
      vendor: () => undefined,
      aws: () => life.wrap(awsReader(account.configuration, account.deps)),
      now: account.deps.now,
    }),
    answer: (reply) => {
      answer = reply;
    },
    close: () => account.close(),
  };
}

/** Whether a call is one of the plan's own, and no reading and no log-in. */
function changes({ requests }: PreparedAction, url: string, init: RequestInit | undefined): boolean {
  const said = `${init?.method} ${new URL(url).pathname} ${JSON.stringify(init?.headers)} ${String(init?.body)}`;
  return requests.some(({ method, path }) => {
    const [, service, , ...rest] = path.split('/');
    return service === 'eks' ? said.startsWith(`${method} /${rest.join('/')}`) : said.includes(rest[0] ?? 'nothing');
  });
}

const withoutSerials = (key: string, value: unknown): unknown => (key === 'serial' ? undefined : value);

async function inCluster(name: ExecutableAction, options: { readonly answersAfterMs?: number }): Promise<Place> {
  const one = ACTION_CASES.find(({ action }) => action.name === name);
  if (one === undefined) throw new Error(`there is no case of ${name}`);
  const cluster = await startCluster({ ...options, ...(one.mayBind ? { mayBind: one.mayBind } : {}) });
  addWorkloads(cluster);
  cluster.sandbox.change((store) => one.arrange?.(store));
  const prepared = await preparedOnCluster(one.action, cluster.read, one.target(cluster), one.parameters);
  // Who waits for an answer that does not come must not wait as long as in production.
  const impatient = cluster.deps({ limits: { ...KUBERNETES_LIMITS, timeoutMs: 200 } });
  let write = cluster.write;
  return {
    prepared,
    look: () => canonicalJson(essenceOfCluster(cluster)),
    clients: (life) => ({
      kubernetes: () => life.wrap(write),
      aws: () => undefined,
      vendor: () => undefined,
    }),
    readers: (life) => ({
      kubernetes: () => life.wrap(cluster.read),
      aws: () => undefined,
      vendor: () => undefined,
      now: cluster.deps().now,
    }),
    answer: (reply) => {
      write = reply === undefined ? cluster.write : kubernetesWriter(cluster.configuration, impatient);
      cluster.server.behave();
      if (reply === undefined) return;
      for (const method of new Set(prepared.requests.map((one) => one.method)))
        cluster.server.misbehave({
          system: 'kubernetes',
          method,
          times: 1000,
          reply:
            reply === 'nothing'
              ? { hangMs: 60_000 }
              : { ...reply, headers: { 'content-type': 'application/json' }, body: '{}' },
        });
    },
    close: () => cluster.close(),
  };
}

function plannedOf(prepared: PreparedAction): PlannedAction {
  return samplePlanned({ prepared, approvers: ['ada', 'lin'] });
}

const ISSUER = 'https://login.example.com';
const subjectOf = (person: string): string => `subject-of-${person}`;

function proofOf(person: string, authenticatedAt: string): Proof {
  return { kind: 'oidc', issuer: ISSUER, subject: subjectOf(person), authenticatedAt };
}

/** As many votes as the strictest action needs, each proven. */
function approvalOf({ prepared }: PlannedAction): Approval {
  const at = '2026-02-01T10:05:00.000Z';
  return {
    approvalId: APPROVAL,
    incidentId: INCIDENT_ID,
    actionId: prepared.actionId,
    action: prepared.action,
    planDigest: planDigest(prepared),
    planKey: PLAN_KEY,
    status: 'APPROVED',
    approvers: ['ada', 'lin'],
    quorum: 2,
    votes: ['ada', 'lin'].map((person) => ({ person, decision: 'approved' as const, at, proof: proofOf(person, at) })),
    steps: [],
    stepsDone: 0,
    keptOut: [],
    createdAt: '2026-02-01T10:02:00.000Z',
    expiresAt: '2026-02-01T10:32:00.000Z',
    decidedBy: 'ada',
    decidedAt: at,
    delivery: 'delivered',
  };
}

export function isReversible(name: ExecutableAction): boolean {
  return catalogue[name].action.reversible;
}
