import type * as z from 'zod';
import { planSchema } from '../../domain/actions/action.ts';
import { analysisSchema } from '../../domain/analysis/analysis.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { actedIn } from '../../domain/playbooks/acted.ts';
import type { IncidentBodies } from '../../domain/publish/incident-document.ts';
import { undosIn } from '../../domain/undo/undo.ts';
import { type AuditLog, type BlobStore, NotFoundError } from '../store/ports.ts';
import type { WatchStore } from '../store/watch-port.ts';

/**
 * Analysis, evidence and plan of an incident. Each may be missing alone (not written yet, or not of this version's
 * shape): what is published then says so (rule 9). A store that does not answer is an error, because trying again helps.
 */
export async function readBodies(blobs: Pick<BlobStore, 'get'>, incident: Incident): Promise<IncidentBodies> {
  const [analysis, pack, plan] = await Promise.all([
    readBody(blobs, incident.blobs.analysis, analysisSchema),
    readBody(blobs, incident.blobs.pack, evidencePackSchema),
    readBody(blobs, incident.blobs.plan, planSchema),
  ]);
  return { incident, analysis, pack, plan };
}

/** What happened to an incident after it was responded to: later looks, and what was put back on demand. */
export async function readSince(
  { watches, audit }: { readonly watches: Pick<WatchStore, 'ofIncident'>; readonly audit: Pick<AuditLog, 'read'> },
  incidentId: string,
): Promise<Pick<IncidentBodies, 'watches' | 'undos' | 'acted'>> {
  const [looks, chain] = await Promise.all([watches.ofIncident(incidentId), audit.read(incidentId)]);
  return { watches: looks, undos: undosIn(chain), acted: actedIn(chain) };
}

export async function readBody<T>(
  blobs: Pick<BlobStore, 'get'>,
  key: string | undefined,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  if (key === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(await blobs.get(key)));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
