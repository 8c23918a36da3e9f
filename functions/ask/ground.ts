import type * as z from 'zod';
import type { StoredPack } from '../../connectors/models/question.ts';
import { type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import { type Analysis, analysisSchema } from '../../domain/analysis/analysis.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';

/** What is known of an incident. */
export interface Ground {
  readonly incident: Incident;
  readonly evidence: StoredPack;
  readonly analysis: Analysis;
}

export interface GroundDeps {
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
}

/** The incident with its evidence and analysis, or in one sentence why there is nothing to ask about. */
export async function groundFor(
  { incidents, blobs }: GroundDeps,
  incidentId: string,
): Promise<Ground | { readonly refused: string }> {
  const incident = await incidents.get(incidentId);
  if (incident === undefined) return { refused: 'there is no such incident' };
  const { pack: packKey, analysis: analysisKey } = incident.blobs;
  if (packKey === undefined || analysisKey === undefined)
    return { refused: 'the incident is not analysed yet; ask again when it is' };
  const [packBody, analysisBody] = await Promise.all([read(blobs, packKey), read(blobs, analysisKey)]);
  const pack = parsed(packBody, evidencePackSchema);
  const analysis = parsed(analysisBody, analysisSchema);
  if (packBody === undefined || pack === undefined) return { refused: 'its evidence cannot be read any more' };
  if (analysis === undefined) return { refused: 'its analysis cannot be read any more' };
  return { incident, evidence: { key: packKey, sha256: sha256Hex(packBody), pack }, analysis };
}

async function read(blobs: GroundDeps['blobs'], key: string): Promise<string | undefined> {
  try {
    return await blobs.get(key);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function parsed<T>(body: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (body === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
