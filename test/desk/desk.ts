import type { Connection, Place } from '../../cli/context.ts';
import type { Health } from '../../cli/health.ts';
import type { Host } from '../../cli/host.ts';
import { main } from '../../cli/main.ts';
import { modelLoader } from '../../cli/models.ts';
import { type AskDeps, ask } from '../../functions/ask/ask.ts';
import { type AnchorSigner, anchorSigner, type MemoryAnchors, memoryAnchors } from '../fakes/anchors.ts';
import { type MemoryBus, memoryBus } from '../fakes/bus.ts';
import { type MemoryPollStore, memoryLinkStore, memoryPollStore } from '../fakes/context-stores.ts';
import { memoryExecutionSwitch } from '../fakes/execution-switch.ts';
import { memoryExecutions } from '../fakes/executions.ts';
import { type MemoryPushStore, memoryPushStore } from '../fakes/intake-stores.ts';
import { memorySpendingStore } from '../fakes/spending-store.ts';
import { type MemoryQuarantineStore, memoryQuarantineStore } from '../fakes/stores.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { type MemoryThreadStore, memoryThreadStore } from '../fakes/thread-store.ts';
import { type StoryStores, storyStores } from '../stories/asked-action.ts';

/** A person at the command line: the stores of the sample story behind it, and what was printed. */
export interface Desk {
  readonly stores: StoryStores;
  readonly quarantine: MemoryQuarantineStore;
  readonly bus: MemoryBus;
  readonly threads: MemoryThreadStore;
  readonly pushes: MemoryPushStore;
  readonly polls: MemoryPollStore;
  readonly anchors: MemoryAnchors;
  /** What signs the anchors of this stack. */
  readonly signer: AnchorSigner;
  readonly secrets: Map<string, string>;
  readonly out: string[];
  readonly err: string[];
  /** What the commands asked to be connected to. */
  readonly places: Place[];
  /** Runs one command line. @returns its exit code */
  type(...argv: readonly string[]): Promise<0 | 1 | 2>;
  /** The same, at a time of its own. */
  typeAt(now: () => Date, ...argv: readonly string[]): Promise<0 | 1 | 2>;
  /** What was printed, as one JSON value. */
  json(): unknown;
}

export const NOW = new Date('2025-10-14T09:30:00.000Z');

export async function desk(
  given: { readonly health?: Partial<Health>; readonly connection?: Partial<Connection> } = {},
): Promise<Desk> {
  const stores = await storyStores({ asked: true });
  const quarantine = memoryQuarantineStore();
  const bus = memoryBus();
  const threads = memoryThreadStore();
  let made = 0;
  const asking: AskDeps = {
    ...stores,
    threads,
    links: memoryLinkStore(),
    telemetry: recordingTelemetry(),
    nonce() {
      made += 1;
      return `nonce-${made}`;
    },
    newThread: () => 'th-0123456789ab',
    now: () => NOW,
  };
  const pushes = memoryPushStore();
  const polls = memoryPollStore();
  const anchors = memoryAnchors();
  const signer = anchorSigner();
  const secrets = new Map<string, string>();
  const out: string[] = [];
  const err: string[] = [];
  const places: Place[] = [];
  const health = { ...healthy(secrets), ...given.health };
  const connection: Connection = {
    where: 'a test',
    outputs: {
      AskFunction: 'parapet-ask',
      IncidentsTable: 'incidents',
      DeduplicationTable: 'deduplication',
      ApprovalsTable: 'approvals',
      AuditTable: 'audit',
      EvidenceBucket: 'evidence',
      AnchorBucket: 'anchors',
      AnchorKeyId: 'key-1',
      BusName: 'parapet',
      StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:incident',
      RollBackStateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:roll-back',
      ReconcileStateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:reconcile',
      WebhookUrl: 'http://127.0.0.1:9/',
      PeopleUrl: 'http://127.0.0.1:9',
      CollectQueueUrl: 'http://127.0.0.1:9/000000000000/collect',
      EventsUndeliveredQueueUrl: 'http://127.0.0.1:9/000000000000/events-undelivered',
      CollectedGivenUpQueueUrl: 'http://127.0.0.1:9/000000000000/collected-given-up',
      AlertsUndeliveredQueueUrl: 'http://127.0.0.1:9/000000000000/alerts-undelivered',
      AlertsGivenUpQueueUrl: 'http://127.0.0.1:9/000000000000/alerts-given-up',
      WaitingGivenUpQueueUrl: 'http://127.0.0.1:9/000000000000/waiting-given-up',
      IncidentsUndeliveredQueueUrl: 'http://127.0.0.1:9/000000000000/incidents-undelivered',
      WatchesGivenUpQueueUrl: 'http://127.0.0.1:9/000000000000/watches-given-up',
      NotesUntoldQueueUrl: 'http://127.0.0.1:9/000000000000/notes-untold',
      DecisionsGivenUpQueueUrl: 'http://127.0.0.1:9/000000000000/decisions-given-up',
      ChasingGivenUpQueueUrl: 'http://127.0.0.1:9/000000000000/chasing-given-up',
      AnchorsGivenUpQueueUrl: 'http://127.0.0.1:9/000000000000/anchors-given-up',
    },
    webhooks: 'http://127.0.0.1:9',
    people: 'http://127.0.0.1:9',
    configuration: 'parapet.config.json',
    ...stores,
    threads,
    // Through JSON, as the call goes.
    ask: async (input) => JSON.parse(JSON.stringify(await ask(asking, JSON.parse(JSON.stringify(input))))),
    quarantine,
    bus,
    rollBacks: memoryExecutions(),
    control: memoryExecutionSwitch(),
    controlLog: stores.audit,
    spending: memorySpendingStore(),
    pushes,
    polls,
    anchors,
    anchorKey: async () => signer.publicKey,
    health,
    // Models are reached as in earnest; a test gives them an address of its own.
    loadModel: modelLoader({ credentials: { accessKeyId: 'invented', secretAccessKey: 'invented' } }, health),
    ...given.connection,
  };
  const connect = async (place: Place): Promise<Connection> => {
    places.push(place);
    return connection;
  };
  const hostAt = (now: () => Date): Host => ({
    io: { out: (line) => out.push(line), err: (line) => err.push(line) },
    now,
    sleep: async () => undefined,
    connect,
  });
  return {
    stores,
    threads,
    quarantine,
    bus,
    pushes,
    polls,
    anchors,
    signer,
    secrets,
    out,
    err,
    places,
    type: (...argv) =>
      main(
        argv,
        hostAt(() => NOW),
      ),
    typeAt: (now, ...argv) => main(argv, hostAt(now)),
    json: () => JSON.parse(out.join('\n')),
  };
}

function healthy(secrets: ReadonlyMap<string, string>): Health {
  return {
    table: async () => ({ status: 'ACTIVE' }),
    bucket: async () => undefined,
    bus: async () => undefined,
    messages: async () => 0,
    async secret(name) {
      const value = secrets.get(name);
      if (value === undefined) throw Object.assign(new Error('no such secret'), { name: 'ResourceNotFoundException' });
      return value;
    },
  };
}
