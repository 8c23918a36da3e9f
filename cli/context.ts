import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type Bus, bus } from '../connectors/bus/bus.ts';
import type { PollStore } from '../connectors/store/context-ports.ts';
import type { ExecutionSwitchStore } from '../connectors/store/control-port.ts';
import { approvalStore } from '../connectors/store/dynamodb/approvals.ts';
import { auditLog, type UnparsedAuditLog } from '../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../connectors/store/dynamodb/client.ts';
import { executionSwitch } from '../connectors/store/dynamodb/execution-switch.ts';
import { incidentStore } from '../connectors/store/dynamodb/incidents.ts';
import { pollStore } from '../connectors/store/dynamodb/polls.ts';
import { pushStore } from '../connectors/store/dynamodb/pushes.ts';
import { quarantineStore } from '../connectors/store/dynamodb/quarantine.ts';
import { spendingStore } from '../connectors/store/dynamodb/spending.ts';
import { threadStore } from '../connectors/store/dynamodb/threads.ts';
import { watchStore } from '../connectors/store/dynamodb/watches.ts';
import type { PushStore } from '../connectors/store/intake-ports.ts';
import type { ApprovalStore, AuditLog, BlobStore, IncidentStore, QuarantineStore } from '../connectors/store/ports.ts';
import { type AnchorReader, anchorReader } from '../connectors/store/s3/anchor-reader.ts';
import { blobStore } from '../connectors/store/s3/blobs.ts';
import { s3Client } from '../connectors/store/s3/client.ts';
import type { SpendingStore } from '../connectors/store/spending-port.ts';
import type { ThreadStore } from '../connectors/store/thread-port.ts';
import type { WatchStore } from '../connectors/store/watch-port.ts';
import { type Executions, executions } from '../connectors/workflow/executions.ts';
import type { AskInput } from '../domain/ask/exchange.ts';
import { DEFAULT_CONFIGURATION_FILE } from '../infra/config/load.ts';
import { publicKeyOf } from './anchor-key.ts';
import { type ClientSettings, emulatorSettings } from './client-settings.ts';
import { awsHealth, type Health } from './health.ts';
import { type LoadModel, modelLoader } from './models.ts';
import { parseOutputs, type StackOutputs } from './outputs.ts';
import { type RunFile, readRunFile } from './run-file.ts';
import { SetupError } from './setup-error.ts';

export const DEFAULT_STACK = 'Parapet';

/** What the person asked to talk to; nothing given means the laptop run if there is one, else the default stack. */
export interface Place {
  readonly stack?: string | undefined;
  readonly region?: string | undefined;
  readonly config?: string | undefined;
}

/** Everything a command may do. Narrow on purpose: no command attaches findings, decides approvals or writes the audit log. */
export interface Connection {
  readonly where: string;
  readonly outputs: StackOutputs;
  /** Base address of the webhook edge from here. */
  readonly webhooks: string;
  readonly people: string;
  /** File of the configuration that was deployed. */
  readonly configuration: string;
  readonly threads: Pick<ThreadStore, 'all'>;
  readonly watches: Pick<WatchStore, 'ofIncident'>;
  readonly incidents: Pick<IncidentStore, 'get' | 'list' | 'publications'>;
  readonly control: ExecutionSwitchStore;
  /** Only the chain of the kill switch is written from here. */
  readonly controlLog: Pick<AuditLog, 'append'>;
  readonly spending: Pick<SpendingStore, 'ofDay' | 'ofIncident'>;
  readonly pushes: Pick<PushStore, 'get'>;
  readonly polls: Pick<PollStore, 'get' | 'onlyPolled'>;
  readonly quarantine: Pick<QuarantineStore, 'list' | 'get' | 'markReplayed'>;
  readonly audit: UnparsedAuditLog;
  readonly anchors: AnchorReader;
  /** PEM of the key that signs anchors. */
  readonly anchorKey: () => Promise<string>;
  readonly approvals: Pick<ApprovalStore, 'list' | 'forIncident'>;
  /** Roll-backs that somebody asked for: started here, and ended by what people decide. */
  readonly rollBacks: Executions;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly bus: Bus;
  /** Calls the function `ask`, once: asking again would ask twice. @throws InvokeError, FunctionFailedError */
  readonly ask: (input: AskInput, signal: AbortSignal) => Promise<unknown>;
  readonly health: Health;
  readonly loadModel: LoadModel;
}

/** @throws SetupError when there is nothing to talk to */
export async function connect(place: Place): Promise<Connection> {
  const run = place.stack === undefined ? readRunFile() : undefined;
  return run ? connectToRun(run, place) : await connectToStack(place);
}

export function connectToRun(run: RunFile, place: Place = {}): Connection {
  return connectionTo({
    where: `the laptop run at ${run.endpoint}`,
    stack: run.stack,
    outputs: run.outputs,
    settings: emulatorSettings(run),
    webhooks: run.edges.webhooks,
    people: run.edges.people,
    configuration: place.config ?? run.configuration,
  });
}

async function connectToStack(place: Place): Promise<Connection> {
  const stack = place.stack ?? DEFAULT_STACK;
  const settings: ClientSettings = place.region === undefined ? {} : { region: place.region };
  const answer = await new CloudFormationClient(settings).send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = Object.fromEntries(
    (answer.Stacks?.[0]?.Outputs ?? []).flatMap(({ OutputKey, OutputValue }) =>
      OutputKey !== undefined && OutputValue !== undefined ? [[OutputKey, OutputValue]] : [],
    ),
  );
  if (Object.keys(outputs).length === 0) {
    throw new SetupError(`Stack ${stack} has no outputs yet: wait until its deployment has finished.`);
  }
  const { WebhookUrl, PeopleUrl } = parseOutputs(stack, outputs);
  return connectionTo({
    where: `stack ${stack}`,
    stack,
    outputs,
    settings,
    webhooks: WebhookUrl,
    people: PeopleUrl,
    configuration: place.config ?? process.env['PARAPET_CONFIG'] ?? DEFAULT_CONFIGURATION_FILE,
  });
}

function connectionTo(target: {
  readonly where: string;
  readonly stack: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly settings: ClientSettings;
  readonly webhooks: string;
  readonly people: string;
  readonly configuration: string;
}): Connection {
  const { settings, stack, ...rest } = target;
  const outputs = parseOutputs(stack, target.outputs);
  const client = documentClient(settings);
  const health = awsHealth(settings);
  const s3 = s3Client(settings.endpoint ? { ...settings, forcePathStyle: true } : settings);
  return {
    ...rest,
    outputs,
    threads: threadStore({ client, table: outputs.IncidentsTable }),
    watches: watchStore({ client, table: outputs.IncidentsTable }),
    incidents: incidentStore({ client, table: outputs.IncidentsTable }),
    polls: pollStore({ client, table: outputs.IncidentsTable }),
    control: executionSwitch({ client, table: outputs.ApprovalsTable }),
    controlLog: auditLog({ client, table: outputs.AuditTable }),
    spending: spendingStore({ client, table: outputs.IncidentsTable }),
    pushes: pushStore({ client, table: outputs.IncidentsTable }),
    quarantine: quarantineStore({ client, table: outputs.IncidentsTable }),
    audit: auditLog({ client, table: outputs.AuditTable }),
    anchors: anchorReader({ client: s3, bucket: outputs.AnchorBucket }),
    anchorKey: publicKeyOf(settings, outputs.AnchorKeyId),
    approvals: approvalStore({ client, table: outputs.ApprovalsTable }),
    blobs: blobStore({ client: s3, bucket: outputs.EvidenceBucket }),
    ask: async (input, signal) => await askIn(settings, outputs.AskFunction, input, signal),
    rollBacks: executions(new SFNClient(settings), outputs.RollBackStateMachineArn),
    bus: bus({ client: new EventBridgeClient(settings), busName: outputs.BusName }),
    health,
    loadModel: modelLoader(settings, health),
  };
}

/** The client is loaded by the one command that needs it. */
async function askIn(
  settings: ClientSettings,
  functionName: string,
  input: AskInput,
  signal: AbortSignal,
): Promise<unknown> {
  const [{ LambdaClient }, { invoke }] = await Promise.all([
    import('@aws-sdk/client-lambda'),
    import('../connectors/functions/invoke.ts'),
  ]);
  return await invoke(new LambdaClient({ ...settings, maxAttempts: 1 }), functionName, input, signal);
}
