import { describe, expect, it } from 'vitest';
import { everySource } from './testing/all-sources.ts';
import { type Statement, statementsByVerb } from './testing/permissions.ts';
import { synthesise } from './testing/synthesise.ts';

/** Statements by which a verb may write to the table of incidents. */
function writes(statements: readonly Statement[]): Statement[] {
  return statements.filter(
    ({ Effect, Action, Resource }) =>
      Effect === 'Allow' &&
      Resource.some((resource) => /^StoresIncidents\w*\.Arn$/.test(resource)) &&
      Action.some((action) => !['dynamodb:GetItem', 'dynamodb:Query'].includes(action)),
  );
}

describe('the function that asks the vendors', () => {
  it('may count its calls to Lacework and change nothing else in the table of incidents', () => {
    const byVerb = statementsByVerb(synthesise({ configuration: everySource() }));
    expect(writes(byVerb.get('gather-cwpp') ?? [])).toMatchObject([
      {
        Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['LACEWORK#*'] } },
      },
    ]);
  });

  it('may write nothing there when no source needs it', () => {
    const { lacework, ...sources } = everySource().sources;
    const byVerb = statementsByVerb(synthesise({ configuration: { ...everySource(), sources } }));
    expect(lacework).toBeDefined();
    expect(writes(byVerb.get('gather-cwpp') ?? [])).toEqual([]);
  });
});
