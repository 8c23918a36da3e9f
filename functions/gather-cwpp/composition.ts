import { evidenceSourceFor } from '../../connectors/cwpp/evidence-registry.ts';
import type { EvidenceSource } from '../../connectors/cwpp/evidence-source.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import type { Source } from '../../domain/source.ts';
import type { GatherCwppDeps } from './gather-cwpp.ts';

export function compose(telemetry: Telemetry): GatherCwppDeps {
  const client = documentClient();
  const configuration = bundledConfiguration();
  const now = (): Date => new Date();
  const incidentsTable = { client, table: required('INCIDENTS_TABLE') };
  const deps = {
    http: realHttp,
    secrets: secretsOf(configuration),
    now,
    incidentsTable,
    aws: () => client.config.credentials(),
  };
  // Made once per execution environment, so that a console's token serves many incidents.
  const sources = new Map<Source, Promise<EvidenceSource | undefined>>();
  const evidenceOf = (source: Source): Promise<EvidenceSource | undefined> => {
    const made = sources.get(source) ?? evidenceSourceFor(source, configuration, deps);
    sources.set(source, made);
    return made;
  };
  return {
    incidents: incidentStore(incidentsTable),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    evidenceOf,
    telemetry,
    now,
  };
}
