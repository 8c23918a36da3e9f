import type * as z from 'zod';
import { planSchema } from '../../domain/actions/action.ts';
import { analysisSchema } from '../../domain/analysis/analysis.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import type { IncidentBodies } from '../../domain/publish/incident-document.ts';
import { type BlobStore, NotFoundError } from '../store/ports.ts';

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
