import { DEFAULT_LIMITS, type HttpDeps } from '../../connectors/http/request.ts';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import type { VendorAction, VendorReader, VendorRecord, VendorWriter } from '../../connectors/targets/vendor/api.ts';
import type { VendorDeps } from '../../connectors/targets/vendor/deps.ts';
import { vendorReadersFor, vendorWritersFor } from '../../connectors/targets/vendor/vendors.ts';
import type { Preparation, PreparedOn } from '../../domain/actions/action.ts';
import type { VendorTarget } from '../../domain/actions/target.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction } from '../../domain/analysis/analysis.ts';
import { type SourcesConfiguration, sourcesSchema } from '../../domain/config/sources.ts';
import type { AnswerableVendor, VendorRecordRef } from '../../domain/evidence/vendor-record.ts';
import { vendorOfAction } from '../../domain/evidence/vendor-record.ts';
import { digestOf } from '../../domain/json/canonical.ts';
import { computeSandbox } from '../../local/sandbox/compute/compute.ts';
import { computeScenario } from '../../local/sandbox/compute/scenario.ts';
import { laceworkSandbox } from '../../local/sandbox/lacework/lacework.ts';
import { laceworkScenario } from '../../local/sandbox/lacework/scenario.ts';
import { prismaCloudSandbox } from '../../local/sandbox/prisma-cloud/prisma-cloud.ts';
import { prismaCloudScenario } from '../../local/sandbox/prisma-cloud/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import type { SandboxSystem } from '../../local/sandbox/system.ts';
import { wizScenario } from '../../local/sandbox/wiz/scenario.ts';
import { wizSandbox } from '../../local/sandbox/wiz/wiz.ts';
import { WRITERS } from '../../local/sandbox/writers.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';

export const INCIDENT = 'inc-0123456789abcdef0123';

/** Actions of the catalogue that answer at a vendor, by name. */
export const VENDOR_ACTIONS = EXECUTABLE_ACTIONS.filter((name) => vendorOfAction(name) !== undefined);

/** A record of each vendor's scenario that can be answered. */
const RECORDS: Readonly<Record<AnswerableVendor, VendorRecordRef>> = {
  'prisma-cloud-compute': { vendor: 'prisma-cloud-compute', kind: 'incident', id: '68ee2c16b2a8e98a1c36a9db' },
  'prisma-cloud': { vendor: 'prisma-cloud', kind: 'alert', id: 'P-5101' },
  wiz: { vendor: 'wiz', kind: 'issue', id: '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0001' },
  lacework: { vendor: 'lacework', kind: 'alert', id: '402131' },
};

/** An issue of Wiz about a machine: only those have volumes. */
const MACHINE_ISSUE = {
  id: '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0009',
  status: 'OPEN',
  type: 'TOXIC_COMBINATION',
  notes: null,
  entitySnapshot: { id: 'a90f3b52-7c1d-5e86-94ab-2d4f6b8c0009', type: 'VIRTUAL_MACHINE', name: 'build-agent' },
};

export interface VendorStage {
  readonly server: SandboxServer;
  readonly systems: Readonly<Partial<Record<AnswerableVendor, SandboxSystem>>>;
  readonly sources: SourcesConfiguration;
  readonly secrets: MemorySecrets;
  readonly waited: readonly number[];
  read(vendor: AnswerableVendor, change?: Partial<SourcesConfiguration>): VendorReader;
  /** @param fetch what becomes of the calls on their way; absent: they arrive */
  write(
    vendor: AnswerableVendor,
    fetch?: typeof globalThis.fetch,
    change?: Partial<SourcesConfiguration>,
  ): VendorWriter;
  close(): Promise<void>;
}

/** Every vendor that can be answered, as its scenario left it, with the credential that reads and the one that writes. */
export async function startVendors(): Promise<VendorStage> {
  const compute = computeScenario();
  const folder = (path: string): URL => new URL(`../../local/sandbox/scenarios/${path}/`, import.meta.url);
  const prismaCloud = prismaCloudScenario(folder('exposed-host/prisma-cloud'));
  const lacework = laceworkScenario(folder('build-agent/lacework'));
  const wiz = wizScenario(folder('container-escape/wiz'));
  const systems: Record<string, SandboxSystem> = {
    'prisma-cloud-compute': computeSandbox(compute),
    'prisma-cloud': prismaCloudSandbox(prismaCloud),
    lacework: laceworkSandbox(lacework),
    wiz: wizSandbox({ ...wiz, issues: [...wiz.issues, MACHINE_ISSUE] }),
  };
  const server = await serve({ systems, mount: 'prefix' });
  const secrets = memorySecrets({
    'read/prisma-cloud-compute': compute.credentials,
    'read/prisma-cloud': prismaCloud.credentials,
    'read/wiz': wiz.credentials,
    'read/lacework': lacework.credentials,
    ...Object.fromEntries(Object.entries(WRITERS).map(([vendor, value]) => [`write/${vendor}`, value])),
  });
  const webhook = { secret: 'parapet/webhook', allowedNetworks: ['203.0.113.0/24'] };
  const both = (vendor: AnswerableVendor) => ({ readSecret: `read/${vendor}`, writeSecret: `write/${vendor}` });
  const sources = sourcesSchema.parse({
    'prisma-cloud-compute': {
      webhook,
      api: { baseUrl: `${server.url}/prisma-cloud-compute`, ...both('prisma-cloud-compute') },
    },
    lacework: { api: { baseUrl: `${server.url}/lacework`, ...both('lacework') } },
    wiz: {
      webhook,
      api: { endpoint: `${server.url}/wiz/graphql`, tokenUrl: `${server.url}/wiz/oauth/token`, ...both('wiz') },
    },
    'prisma-cloud': { webhook, api: { baseUrl: `${server.url}/prisma-cloud`, ...both('prisma-cloud') } },
  });
  const waited: number[] = [];
  const deps = (fetch: typeof globalThis.fetch = globalThis.fetch): VendorDeps => {
    const http: HttpDeps = { fetch, sleep: async (ms) => void waited.push(ms), random: () => 0.5 };
    return { http, secrets, now: () => new Date('2026-02-01T10:00:00.000Z') };
  };
  return {
    server,
    systems,
    sources,
    secrets,
    waited,
    read: (vendor, change = {}) => there(vendorReadersFor({ ...sources, ...change }, deps())(vendor), vendor),
    write: (vendor, fetch, change = {}) =>
      there(vendorWritersFor({ ...sources, ...change }, deps(fetch))(vendor), vendor),
    close: () => server.close(),
  };
}

function there<T>(one: T | undefined, vendor: string): T {
  if (one === undefined) throw new Error(`${vendor} is not configured`);
  return one;
}

export function vendorOf(name: ExecutableAction): AnswerableVendor {
  return there(vendorOfAction(name), name);
}

export function atVendor(name: ExecutableAction): VendorAction {
  const entry = catalogue[name];
  if (entry.system !== 'vendor') throw new Error(`${name} does not answer at a vendor`);
  return entry.action;
}

export function targetFor(name: ExecutableAction, change: Partial<VendorTarget> = {}): VendorTarget {
  const entity = { kind: 'pod' as const, canonical: 'prod-eks/payments/checkout', label: 'payments/checkout' };
  const machine = name === 'wiz.forensics-copy' ? { id: MACHINE_ISSUE.id } : {};
  return { system: 'vendor', entityId: 'N1', entity, ...RECORDS[vendorOf(name)], ...machine, ...change };
}

export async function prepare(
  on: VendorStage,
  name: ExecutableAction,
  change: Partial<VendorTarget> = {},
  read: VendorReader = on.read(vendorOf(name)),
): Promise<Preparation> {
  const target = targetFor(name, change);
  return await atVendor(name).prepare(read, { incidentId: INCIDENT, actionId: 'A1', target, parameters: {} });
}

export async function prepared(on: VendorStage, name: ExecutableAction): Promise<PreparedOn<VendorTarget>> {
  const made = await prepare(on, name);
  if (!made.ok) throw new Error(`${name} was not prepared: ${made.code} ${made.reason}`);
  const { target } = made.prepared;
  if (target.system !== 'vendor') throw new Error('the target is not one of a vendor');
  return { ...made.prepared, target };
}

/** What the outside world sees of all vendors. */
export function world(on: VendorStage): string {
  return digestOf(JSON.parse(JSON.stringify(Object.values(on.systems).map((system) => worldOf(system)))));
}

/** How many queries there were is nothing an action changes. */
function worldOf(system: SandboxSystem): unknown {
  const view: unknown = system.view();
  return typeof view === 'object' && view !== null
    ? Object.fromEntries(Object.entries(view).filter(([name]) => name !== 'queries' && name !== 'calls'))
    : view;
}

/** Whether a call changes something at its vendor: searches are POSTs too, and so is a query. */
export function isWrite(url: string, init: RequestInit | undefined): boolean {
  if (/\/(?:authenticate|login|oauth\/token|access\/tokens|search)$/.test(new URL(url).pathname)) return false;
  if (url.endsWith('/graphql')) return String(init?.body).includes('"query":"mutation');
  return init?.method !== 'GET';
}

/** A way on which each write meets `fate`; everything else arrives. */
export function onWrites(
  fate: (send: () => Promise<Response>, nth: number) => Promise<Response>,
): typeof globalThis.fetch {
  let nth = 0;
  return async (input, init) => {
    const send = (): Promise<Response> => globalThis.fetch(input, init);
    if (!isWrite(String(input), init)) return await send();
    nth += 1;
    return await fate(send, nth);
  };
}

export const PATIENCE_MS = DEFAULT_LIMITS.maxWaitMs;

/** The record an action is about, as the reading credential sees it now. */
export async function recordNow(on: VendorStage, name: ExecutableAction): Promise<VendorRecord | undefined> {
  return await on.read(vendorOf(name)).find(targetFor(name), { notes: true });
}
