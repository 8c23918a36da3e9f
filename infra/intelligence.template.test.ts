import { beforeAll, describe, expect, it } from 'vitest';
import { intelligenceSchema } from '../domain/config/intelligence.ts';
import { type Statement, statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let statements: readonly Statement[];
let secrets: ReadonlyMap<string, string>;
beforeAll(() => {
  const intelligence = intelligenceSchema.parse({ otx: { secret: 'parapet/otx' } });
  const template = synthesise({ configuration: { ...sampleConfiguration(), intelligence } });
  statements = statementsByVerb(template).get('gather-intel') ?? [];
  secrets = new Map(
    Object.entries(template.findResources('AWS::SecretsManager::Secret')).map(([id, { Properties }]) => [
      id,
      Properties.Name,
    ]),
  );
});

describe('gather-intel', () => {
  it('touches only its own items of the table that holds the deduplication keys - else it could make an alert a duplicate', () => {
    const [cache, ...more] = statements.filter(({ Resource }) =>
      Resource.some((one) => /^StoresDeduplication/.test(one)),
    );
    expect(more).toEqual([]);
    expect(cache).toMatchObject({
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INTEL#*'] } },
    });
  });

  it('reads the keys of the sources that are switched on, and no credential of anything else', () => {
    const read = statements
      .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ Resource }) => Resource.map((id) => secrets.get(id)));
    expect(read).toEqual(['parapet/otx']);
  });
});
