import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { WATCHES } from '../../connectors/store/tables.ts';
import type { Stores } from '../stages/stores.ts';
import type { Access } from './access.ts';

/** `verify`: plans later looks, beside the incidents. */
export function planWatches(stores: Stores): Access {
  return items(stores, [
    statement('PlanWatches', stores, ['dynamodb:PutItem', 'dynamodb:GetItem'], `${WATCHES.prefix}*`),
  ]);
}

/** `conclude-undo`: ends looks that are to come, of what was put back on purpose. */
export function endWatches(stores: Stores): Access {
  return items(stores, [
    statement('KeepWatch', stores, ['dynamodb:Query', 'dynamodb:UpdateItem'], `${WATCHES.prefix}*`),
    statement('EndWatch', stores, ['dynamodb:DeleteItem'], WATCHES.line),
  ]);
}

/** `watch`: reads the line and the looks in it, and notes what was seen. Only places in the line can be deleted. */
export function keepWatch(stores: Stores): Access {
  const look = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];
  return items(stores, [
    statement('KeepWatch', stores, look, `${WATCHES.prefix}*`),
    statement('EndWatch', stores, ['dynamodb:DeleteItem'], WATCHES.line),
  ]);
}

function items({ incidents }: Stores, statements: readonly PolicyStatement[]): Access {
  return {
    environment: { INCIDENTS_TABLE: incidents.tableName },
    statements,
    key: { via: 'dynamodb', write: true },
  };
}

function statement(sid: string, { incidents }: Stores, actions: readonly string[], key: string): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: [...actions],
    resources: [incidents.tableArn],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [key] } },
  });
}
