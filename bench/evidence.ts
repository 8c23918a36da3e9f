import { setTimeout as sleep } from 'node:timers/promises';
import { evidenceSourceFor } from '../connectors/cwpp/evidence-registry.ts';
import { CWPP_PARTS } from '../connectors/cwpp/evidence-source.ts';
import { mapperFor } from '../connectors/cwpp/registry.ts';
import { realHttp } from '../connectors/http/request.ts';
import type { Secrets } from '../connectors/secrets/secrets.ts';
import { readSecretOf } from '../domain/config/channels.ts';
import type { Configuration } from '../domain/config/schema.ts';
import type { NormalizedFinding } from '../domain/ocsf/detection-finding.ts';
import { SOURCES, type Source } from '../domain/source.ts';
import { loadConfiguration } from '../infra/config/load.ts';
import { laptopConfiguration } from '../local/laptop/configuration.ts';
import { deliveriesOf } from '../local/laptop/story.ts';
import { type Sandbox, startSandbox } from '../local/sandbox/start.ts';
import { STORIES } from '../local/stories/registry.ts';
import type { Story } from '../local/stories/story.ts';
import type { Figure } from './statistics.ts';

const VENDOR_ANSWERS_AFTER_MS = 200;
const AT_MOST_SECONDS = 3;
const PATIENCE_MS = 60_000;

/**
 * What the investigation asks of each vendor about its story: all parts side by side, as the state machine does, each
 * answer 200 ms late. The sandbox holds little, so a real tenant answers with more pages; the number of calls is what a
 * budget must be made for.
 */
export async function benchEvidence(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const source of SOURCES) {
    const story = STORIES[source];
    if (story) figures.push(...(await gatherOnce(source, story)));
  }
  return figures;
}

async function gatherOnce(source: Source, story: Story): Promise<readonly Figure[]> {
  const sandbox = await startSandbox({ http: 0, kubernetes: 0 }, story.scenario);
  try {
    const sample = loadConfiguration();
    const configuration = laptopConfiguration(story.adapt?.(sample) ?? sample, {
      sandbox: sandbox.http.port,
      kubernetes: sandbox.kubernetes.port,
    });
    let calls = 0;
    const late: typeof fetch = async (...args) => {
      calls += 1;
      await sleep(VENDOR_ANSWERS_AFTER_MS);
      return await fetch(...args);
    };
    const secrets = sandboxSecrets(source, configuration, sandbox);
    const findings = await findingsOf(source, story, configuration);
    const begun = performance.now();
    const gathered = await Promise.all(
      CWPP_PARTS.map(async (part) => {
        // Each part has a Lambda of its own, so nothing is shared between them.
        const evidence = await evidenceSourceFor(source, configuration, {
          http: { ...realHttp, fetch: late },
          secrets,
          now: () => new Date(),
          aws: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
        });
        return (await evidence?.gather(part, findings, new Date(Date.now() + PATIENCE_MS)))?.drafts ?? [];
      }),
    );
    const seconds = (performance.now() - begun) / 1000;
    const drafts = gathered.flat();
    const gaps = drafts.filter(({ fact }) => fact.kind === 'gap').length;
    return [
      { what: `evidence, ${source}, calls to the vendor`, measured: calls, unit: 'calls' },
      { what: `evidence, ${source}, facts / gaps`, measured: drafts.length - gaps, unit: `facts, ${gaps} gaps` },
      {
        what: `evidence, ${source}, all parts, vendor answers after 200 ms`,
        measured: seconds,
        unit: 's',
        mustBe: { atMost: AT_MOST_SECONDS },
      },
    ];
  } finally {
    await sandbox.stop();
  }
}

async function findingsOf(
  source: Source,
  story: Story,
  configuration: Configuration,
): Promise<readonly NormalizedFinding[]> {
  const findings: NormalizedFinding[] = [];
  for (const { channel, body } of deliveriesOf(story)) {
    const made = await mapperFor(source).normalize(body.toString('utf8'), {
      sha256: 'ab'.repeat(32),
      bytes: body.byteLength,
      receivedAt: new Date().toISOString(),
      channel,
      mapping: configuration.sources.generic?.mapping,
    });
    if (!made.ok) throw new Error(made.reason);
    findings.push(...made.findings);
  }
  return findings;
}

function sandboxSecrets(source: Source, configuration: Configuration, sandbox: Sandbox): Secrets {
  const vendors: Readonly<Record<string, object>> = {
    'prisma-cloud-compute': sandbox.credentials.compute,
    ...sandbox.credentials.vendors,
  };
  return {
    async get(name, schema) {
      if (name !== readSecretOf(configuration.sources, source)) throw new Error(`nobody may read ${name} here`);
      return schema.parse(vendors[source]);
    },
  };
}
