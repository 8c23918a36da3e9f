import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../domain/config/parse.ts';
import type { Configuration } from '../domain/config/schema.ts';
import { statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

const WRITE = 'parapet/prisma-cloud-compute/write';
const READ = 'parapet/prisma-cloud-compute/read';

function configuration(gate: 'ask' | 'suggest'): Configuration {
  const sample = sampleConfiguration();
  const compute = sample.sources['prisma-cloud-compute'];
  return parseConfiguration({
    ...sample,
    sources: { 'prisma-cloud-compute': { ...compute, api: { ...compute?.api, writeSecret: WRITE } } },
    actions: { ...sample.actions, 'prisma-cloud-compute.acknowledge-incident': { gate } },
  });
}

/** Verbs that may read the secret. */
function readersOf(secret: string, of: Configuration): string[] {
  const template = synthesise({ configuration: of });
  const secrets = template.findResources('AWS::SecretsManager::Secret');
  return [...statementsByVerb(template)]
    .filter(([, statements]) =>
      statements.some(
        ({ Action, Resource }) =>
          Action.includes('secretsmanager:GetSecretValue') &&
          Resource.some((id) => secrets[id]?.['Properties'].Name === secret),
      ),
    )
    .map(([verb]) => verb)
    .sort();
}

describe('the credential that answers alerts at a vendor', () => {
  it('is read by what executes and undoes alone, and the reading one by what plans, verifies and watches too (rule 8)', () => {
    expect(readersOf(WRITE, configuration('ask'))).toEqual(['execute', 'roll-back']);
    expect(readersOf(READ, configuration('ask'))).toEqual([
      'gather-cwpp',
      'plan',
      'plan-undo',
      'poll',
      'verify',
      'verify-undo',
      'watch',
    ]);
  });

  it('is read by nobody while no action of that vendor is switched on', () => {
    expect(readersOf(WRITE, configuration('suggest'))).toEqual([]);
  });

  it('of Lacework comes with the right to count its calls, by leading key, wherever the account is read or answered', () => {
    const lacework = (writeSecret?: string) => {
      const sample = sampleConfiguration();
      const api = { baseUrl: 'https://example.lacework.net', readSecret: 'parapet/lacework/read', writeSecret };
      const sources = {
        ...sample.sources,
        lacework: { webhook: sample.sources['prisma-cloud-compute']?.webhook, api },
      };
      return [...statementsByVerb(synthesise({ configuration: parseConfiguration({ ...sample, sources }) }))]
        .filter(([, statements]) => statements.some(({ Sid }) => Sid === 'CountCalls'))
        .map(([verb]) => verb)
        .sort();
    };
    const always = lacework();
    expect(lacework('parapet/lacework/write')).toEqual(
      [...always, 'execute', 'plan', 'plan-undo', 'roll-back', 'verify', 'verify-undo', 'watch'].sort(),
    );
  });

  it('must be another one than the reading credential', () => {
    const { sources } = configuration('ask');
    const compute = sources['prisma-cloud-compute'];
    expect(() =>
      parseConfiguration({
        ...configuration('ask'),
        sources: { 'prisma-cloud-compute': { ...compute, api: { ...compute?.api, writeSecret: READ } } },
      }),
    ).toThrow(/writeSecret.*reading and answering use different credentials/s);
  });
});
