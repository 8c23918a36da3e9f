import { describe, expect, it } from 'vitest';
import { secretStoreSchema } from '../domain/config/secrets.ts';
import { statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

describe('a stack whose secrets lie in Vault', () => {
  const configuration = {
    ...sampleConfiguration(),
    secretStore: secretStoreSchema.parse({ kind: 'vault', address: 'https://vault.example.com:8200', role: 'parapet' }),
  };

  it('keeps in Secrets Manager only what Parapet issues itself - an empty entry would look like one to be filled in', () => {
    const template = synthesise({ configuration });
    const names = Object.values(template.findResources('AWS::SecretsManager::Secret')).map(
      ({ Properties }) => Properties.Name,
    );
    expect(names.sort()).toEqual(['parapet/approval-links', 'parapet/prisma-cloud-compute/webhook']);
    const readers = [...statementsByVerb(template)].flatMap(([verb, statements]) =>
      statements.some(({ Action }) => Action.includes('secretsmanager:GetSecretValue')) ? [verb] : [],
    );
    expect(readers.sort()).toEqual(['chase-approvals', 'decide', 'receive', 'request-approval']);
  });
});
