import { realHttp } from '../../connectors/http/request.ts';
import { intelSources } from '../../connectors/intel/registry.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { auditLog } from '../../connectors/store/dynamodb/audit.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { intelCache } from '../../connectors/store/dynamodb/intel-cache.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { defaultIntelligence } from '../../domain/config/intelligence.ts';
import type { GatherIntelDeps } from './gather-intel.ts';

export function compose(telemetry: Telemetry): GatherIntelDeps {
  const client = documentClient();
  const configuration = bundledConfiguration();
  const intelligence = configuration.intelligence ?? defaultIntelligence();
  const now = (): Date => new Date();
  const cache = intelCache({ client, table: required('DEDUPLICATION_TABLE') });
  return {
    incidents: incidentStore({ client, table: required('INCIDENTS_TABLE') }),
    audit: auditLog({ client, table: required('AUDIT_TABLE') }),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    cache,
    // Made once per execution environment, so that the catalogue of exploited vulnerabilities serves many incidents.
    sources: intelSources(intelligence, { http: realHttp, secrets: secretsOf(configuration), now, cache }),
    own: { internalDomains: intelligence.internalDomains, ownNetworks: intelligence.ownNetworks },
    budgetMs: intelligence.budgetSeconds * 1000,
    telemetry,
    now,
    sleep: realHttp.sleep,
  };
}
