import { evidenceSourceFor } from '../../connectors/cwpp/evidence-registry.ts';
import type { EvidenceSource } from '../../connectors/cwpp/evidence-source.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { intelSources } from '../../connectors/intel/registry.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsOf } from '../../connectors/secrets/secrets-of.ts';
import { documentClient } from '../../connectors/store/dynamodb/client.ts';
import { incidentStore } from '../../connectors/store/dynamodb/incidents.ts';
import { intelCache } from '../../connectors/store/dynamodb/intel-cache.ts';
import { blobStore } from '../../connectors/store/s3/blobs.ts';
import { s3Client } from '../../connectors/store/s3/client.ts';
import { realDeps } from '../../connectors/targets/kubernetes/clusters.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import { defaultIntelligence } from '../../domain/config/intelligence.ts';
import type { Source } from '../../domain/source.ts';
import type { LookUpDeps } from './look-up.ts';

export function compose(telemetry: Telemetry): LookUpDeps {
  const client = documentClient();
  const configuration = bundledConfiguration();
  const intelligence = configuration.intelligence ?? defaultIntelligence();
  const now = (): Date => new Date();
  const incidentsTable = { client, table: required('INCIDENTS_TABLE') };
  const cache = intelCache({ client, table: required('DEDUPLICATION_TABLE') });
  const secrets = secretsOf(configuration);
  const kubernetes = realDeps(secrets);
  const vendor = { http: realHttp, secrets, now, incidentsTable, aws: () => client.config.credentials() };
  // Made once per execution environment, so that a console's token serves many questions.
  const sources = new Map<Source, Promise<EvidenceSource | undefined>>();
  return {
    incidents: incidentStore(incidentsTable),
    blobs: blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') }),
    evidenceOf(source) {
      const made = sources.get(source) ?? evidenceSourceFor(source, configuration, vendor);
      sources.set(source, made);
      return made;
    },
    clusters: configuration.clusters,
    reader: (cluster, meter) => kubernetesReader(cluster, { ...kubernetes, meter }),
    cache,
    sources: intelSources(intelligence, { http: realHttp, secrets, now, cache }),
    own: { internalDomains: intelligence.internalDomains, ownNetworks: intelligence.ownNetworks },
    budgetMs: intelligence.budgetSeconds * 1000,
    telemetry,
    now,
  };
}
