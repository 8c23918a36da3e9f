import { type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import { type Entity, type EvidencePack, evidencePackSchema } from '../../domain/evidence/pack.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { type LookUpCall, type LookUpInput, type LookUpOutput, lookUpInputSchema } from '../../domain/models/tools.ts';
import { type ClusterDeps, readCluster } from './read-cluster.ts';
import { type IntelDeps, readIntelligence } from './read-intelligence.ts';
import { type MemoryDeps, readHistory, readSimilar } from './read-memory.ts';
import { readVendor, type VendorDeps } from './read-vendor.ts';
import { refused, type Subject } from './subject.ts';

export interface LookUpDeps extends ClusterDeps, IntelDeps, MemoryDeps, VendorDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'findings' | 'history' | 'list'>;
  readonly blobs: Pick<BlobStore, 'get'>;
}

/** The pack is not the one the question was asked about: an id could mean something else. */
export class PackChangedError extends Error {
  override readonly name = 'PackChangedError';
}

/** What remains for storing nothing and answering. */
const RESERVE_MS = 3_000;

/**
 * Reads one more piece of the surroundings of an incident for a model that asked, with reading credentials that the asking
 * function does not have. Ids are looked up here; nothing a model wrote reaches another system. Changes nothing.
 * @throws NotFoundError (no such incident or pack), PackChangedError, z.ZodError, and what the stores throw
 */
export async function lookUp(
  deps: LookUpDeps,
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<LookUpOutput> {
  const input = lookUpInputSchema.parse(event);
  const [incident, pack] = await Promise.all([deps.incidents.get(input.incidentId), loadPack(deps, input)]);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${input.incidentId}`);
  const findings = await deps.incidents.findings(input.incidentId);
  const deadline = new Date(deps.now().getTime() + Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
  return await answer(deps, { incident, findings, pack, deadline }, input.call);
}

async function loadPack(deps: LookUpDeps, { incidentId, packKey, packSha256 }: LookUpInput): Promise<EvidencePack> {
  if (!packKey.startsWith(`incidents/${incidentId}/`))
    throw new PackChangedError(`the pack ${packKey} does not belong to incident ${incidentId}`);
  const body = await deps.blobs.get(packKey);
  if (sha256Hex(body) !== packSha256) throw new PackChangedError(`the pack ${packKey} was changed since it was stored`);
  return evidencePackSchema.parse(JSON.parse(body));
}

function answer(deps: LookUpDeps, subject: Subject, call: LookUpCall): Promise<LookUpOutput> {
  if (call.tool === 'similar_incidents') return readSimilar(deps, subject, call.shared);
  const entity = subject.pack.entities.find(({ id }) => id === call.entity);
  if (entity === undefined) return Promise.resolve(refused('the evidence has no entity of that id'));
  return answerAbout(deps, subject, call, entity);
}

function answerAbout(
  deps: LookUpDeps,
  subject: Subject,
  call: Exclude<LookUpCall, { tool: 'similar_incidents' }>,
  entity: Entity,
): Promise<LookUpOutput> {
  switch (call.tool) {
    case 'process_tree':
      return readVendor(deps, subject, 'runtime-activity', entity);
    case 'network_peers':
      return readVendor(deps, subject, 'network', entity);
    case 'image_vulnerabilities':
      return readVendor(deps, subject, 'vulnerabilities', entity);
    case 'threat_intelligence':
      return readIntelligence(deps, subject, entity);
    case 'identity_permissions':
      return readCluster(deps, subject, 'identity', entity);
    case 'recent_deployments':
      return readCluster(deps, subject, 'recent-deployments', entity);
    case 'workload_history':
      return readHistory(deps, subject, entity, call.window);
  }
}
