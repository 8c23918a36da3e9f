import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { DIGEST, INCIDENTS } from '../../connectors/store/tables.ts';
import type { Stores } from '../stages/stores.ts';
import type { Access } from './access.ts';

/** Tells incidents in a digest: takes them out of its line, and marks in their publications that it did. */
export function tellDigests({ incidents }: Stores): Access {
  const allow = (sid: string, actions: readonly string[], keys?: string) =>
    new PolicyStatement({
      sid,
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [incidents.tableArn],
      ...(keys === undefined
        ? {}
        : { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${keys}*`] } } }),
    });
  return {
    environment: { INCIDENTS_TABLE: incidents.tableName },
    statements: [
      allow('ReadIncidents', ['GetItem', 'Query']),
      allow('MarkTold', ['UpdateItem'], INCIDENTS.incidentPrefix),
      allow('MoveDigest', ['DeleteItem', 'PutItem', 'UpdateItem'], DIGEST.prefix),
    ],
    key: { via: 'dynamodb', write: true },
  };
}
