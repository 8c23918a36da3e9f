import { randomUUID } from 'node:crypto';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { baselineStore } from '../../connectors/store/dynamodb/baselines.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import type { AnalyzeDeps } from './analyze.ts';

export function compose(telemetry: Telemetry): AnalyzeDeps {
  const [entry] = Object.entries(bundledConfiguration().models?.profiles ?? {});
  const client = documentClient();
  const table = required('INCIDENTS_TABLE');
  return {
    incidents: incidentStore({ client, table }),
    baselines: baselineStore({ client, table }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    telemetry,
    ...(entry === undefined ? {} : { model: modelOnce({ ...entry[1], name: entry[0] }, telemetry) }),
    nonce: () => randomUUID(),
    now: () => new Date(),
  };
}

/** One adapter for the life of the process: it remembers what the model does not accept. */
function modelOnce(profile: NamedProfile, telemetry: Telemetry): NonNullable<AnalyzeDeps['model']> {
  let loaded: ReturnType<NonNullable<AnalyzeDeps['model']>> | undefined;
  return () => {
    loaded ??= import('../../connectors/models/bedrock/client.ts').then(({ bedrockModel }) => {
      if (profile.provider !== 'bedrock') throw new Error(`no adapter for ${profile.provider}`);
      return bedrockModel(profile, {
        onStepDown: (from, to) => telemetry.count('ModelStructuredOutputStepDown', { from, to }),
      });
    });
    return loaded;
  };
}
