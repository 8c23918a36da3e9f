import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { APPROVALS, SHOWN } from '../../connectors/store/tables.ts';
import type { Stores } from '../stages/stores.ts';
import type { Access } from './access.ts';
import { denyTokens } from './tables.ts';

/** `show-question`: reads a question, and remembers what channels show of it. It can decide none and see no token. */
export function showQuestions({ approvals }: Stores): Access {
  const allow = (sid: string, actions: readonly string[], prefix: string) =>
    new PolicyStatement({
      sid,
      actions: [...actions],
      resources: [approvals.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${prefix}*`] } },
    });
  return {
    environment: { APPROVALS_TABLE: approvals.tableName },
    statements: [
      allow('ReadQuestions', ['dynamodb:GetItem'], APPROVALS.approvalPrefix),
      allow('RememberShown', ['dynamodb:GetItem', 'dynamodb:PutItem'], SHOWN.prefix),
      denyTokens(approvals),
    ],
    key: { via: 'dynamodb', write: true },
  };
}
