import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Variable } from '../../connectors/runtime/environment.ts';
import {
  APPROVALS,
  AUDIT,
  CALL_BUDGET,
  CONTROL,
  INCIDENTS,
  INTEL_CACHE,
  PLAYBOOK_SLOTS,
  POLLS,
  SPENDING,
  THREADS,
} from '../../connectors/store/tables.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Stores } from '../stages/stores.ts';
import type { Access } from './access.ts';

const PUT = 'dynamodb:PutItem';
const GET = 'dynamodb:GetItem';
const QUERY = 'dynamodb:Query';
const UPDATE = 'dynamodb:UpdateItem';
const CHECK = 'dynamodb:ConditionCheckItem';

function access(variable: Variable, table: TableV2, write: boolean, statements: readonly PolicyStatement[]): Access {
  return { environment: { [variable]: table.tableName }, statements, key: { via: 'dynamodb', write } };
}

function allow(sid: string, actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources: [...resources] });
}

function indexesOf(table: TableV2, names: readonly string[]): string[] {
  return names.map((name) => `${table.tableArn}/index/${name}`);
}

/** Incidents, their findings and publications, read. */
export function readIncidents({ incidents }: Stores): Access {
  return access('INCIDENTS_TABLE', incidents, false, [
    allow('ReadIncidents', [GET, QUERY], [incidents.tableArn]),
    allow('ListIncidents', [QUERY], indexesOf(incidents, [INCIDENTS.listing.name, INCIDENTS.workload.name])),
  ]);
}

/** Reads incidents and moves them on: status, times, pointers to bodies. Creates nothing but publications. */
export function updateIncidents(stores: Stores): Access {
  const read = readIncidents(stores);
  const change = allow('ChangeIncidents', [UPDATE], [stores.incidents.tableArn]);
  return { ...read, statements: [...read.statements, change], key: { via: 'dynamodb', write: true } };
}

/** Counts the calls to a vendor's API and keeps its answers for minutes, beside the incidents and unable to touch one. */
export function countCalls({ incidents }: Stores): Access {
  return access('INCIDENTS_TABLE', incidents, true, [
    new PolicyStatement({
      sid: 'CountCalls',
      actions: [GET, UPDATE],
      resources: [incidents.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${CALL_BUDGET.prefix}*`] } },
    }),
  ]);
}

/** What reads again or answers alerts of Lacework counts its calls, as everything that has a key of that account does. */
export function countAnswers({ sources }: Pick<Configuration, 'sources'>, stores: Stores): readonly Access[] {
  return sources.lacework?.api.writeSecret === undefined ? [] : [countCalls(stores)];
}

/** Adds turns to threads of questions, beside the incidents and unable to touch one or to change a turn. */
export function addQuestions({ incidents }: Stores): Access {
  return access('INCIDENTS_TABLE', incidents, true, [
    new PolicyStatement({
      sid: 'AddQuestions',
      actions: [PUT],
      resources: [incidents.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${THREADS.prefix}*`] } },
    }),
  ]);
}

/** Counts what models cost, beside the incidents and unable to touch one. */
export function countSpending({ incidents }: Stores): Access {
  return access('INCIDENTS_TABLE', incidents, true, [
    new PolicyStatement({
      sid: 'CountSpending',
      actions: [UPDATE],
      resources: [incidents.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${SPENDING.prefix}*`] } },
    }),
  ]);
}

/** Counts how often playbooks acted, beside the incidents and unable to touch one. */
export function takeSlots({ incidents }: Stores): Access {
  return access('INCIDENTS_TABLE', incidents, true, [
    new PolicyStatement({
      sid: 'TakeSlots',
      actions: [PUT, UPDATE],
      resources: [incidents.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${PLAYBOOK_SLOTS.prefix}*`] } },
    }),
  ]);
}

/** How far each source was polled, beside the incidents and unable to touch one. */
export function movePollCursor({ incidents }: Stores): Access {
  return access('INCIDENTS_TABLE', incidents, true, [
    new PolicyStatement({
      sid: 'MovePollCursor',
      actions: [GET, UPDATE],
      resources: [incidents.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${POLLS.prefix}*`] } },
    }),
  ]);
}

/** Claims and records a ticket or a message beside its incident. */
export function publishIncidents(stores: Stores): Access {
  const read = readIncidents(stores);
  const record = allow('RecordPublications', [PUT, UPDATE], [stores.incidents.tableArn]);
  return { ...read, statements: [...read.statements, record], key: { via: 'dynamodb', write: true } };
}

/** Opens incidents, attaches findings, holds what was not understood. */
export function openIncidents(stores: Stores): Access {
  const read = readIncidents(stores);
  const open = allow('OpenIncidents', [PUT, UPDATE, CHECK], [stores.incidents.tableArn]);
  return { ...read, statements: [...read.statements, open], key: { via: 'dynamodb', write: true } };
}

/** Announces incidents that waited, and takes them out of the line. Whole incidents can be deleted by nobody. */
export function callWaiting({ incidents }: Stores): Access {
  return access('INCIDENTS_TABLE', incidents, true, [
    allow('ReadIncidents', [GET, QUERY, UPDATE], [incidents.tableArn]),
    new PolicyStatement({
      sid: 'LeaveTheLine',
      actions: ['dynamodb:DeleteItem'],
      resources: [incidents.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [INCIDENTS.waitingLine] } },
    }),
  ]);
}

export function deduplicate({ deduplication }: Stores): Access {
  return access('DEDUPLICATION_TABLE', deduplication, true, [
    allow('Deduplicate', [GET, PUT, UPDATE, CHECK], [deduplication.tableArn]),
  ]);
}

/** Answers of the intelligence sources and the calls used up: the items of this prefix, and no key of deduplication. */
export function cacheIntel({ deduplication }: Stores): Access {
  const statement = allow('CacheIntel', [GET, PUT, UPDATE], [deduplication.tableArn]);
  statement.addCondition('ForAllValues:StringLike', { 'dynamodb:LeadingKeys': [`${INTEL_CACHE.prefix}*`] });
  return access('DEDUPLICATION_TABLE', deduplication, true, [statement]);
}

/** Rule 6: no role may do more to the audit log than append to it and read it. */
export function appendAudit({ audit }: Stores): Access {
  return access('AUDIT_TABLE', audit, true, [allow('AppendAudit', [PUT, QUERY], [audit.tableArn])]);
}

/** Reads chains only; for what writes elsewhere than to the log. */
export function readAudit({ audit }: Stores): Access {
  return access('AUDIT_TABLE', audit, false, [allow('ReadAudit', [QUERY], [audit.tableArn])]);
}

/** `anchor-audit`: which chains were written to lately. */
export function findWrittenChains({ audit }: Stores): Access {
  return access('AUDIT_TABLE', audit, false, [
    allow('FindWrittenChains', [QUERY], indexesOf(audit, [AUDIT.recent.name])),
  ]);
}

/** Items of the approvals table by kind: the token is an item of its own, so that roles are kept from it by its key. */
type ApprovalItems = 'approval' | 'token';
function byKey(table: TableV2, sid: string, items: ApprovalItems, actions: readonly string[]): PolicyStatement {
  const prefix = items === 'approval' ? APPROVALS.approvalPrefix : APPROVALS.tokenPrefix;
  return new PolicyStatement({
    sid,
    actions: [...actions],
    resources: [table.tableArn],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${prefix}*`] } },
  });
}

/**
 * Says no to every touch of a token, whatever else is allowed. `ForAnyValue`, because with `ForAllValues` a batch that
 * mixes a token with other items would slip through a denial.
 */
export function denyTokens(table: TableV2): PolicyStatement {
  return new PolicyStatement({
    sid: 'NeverTouchTokens',
    effect: Effect.DENY,
    actions: [GET, 'dynamodb:BatchGetItem', QUERY, 'dynamodb:Scan', PUT, UPDATE, 'dynamodb:DeleteItem', CHECK],
    resources: [table.tableArn],
    conditions: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': [`${APPROVALS.tokenPrefix}*`] } },
  });
}

function listApprovals(table: TableV2): PolicyStatement {
  return allow('ListApprovals', [QUERY], indexesOf(table, [APPROVALS.incident.name]));
}

/** `request-approval`: writes the question and its token, reads only the question. */
export function askForApproval({ approvals }: Stores): Access {
  return access('APPROVALS_TABLE', approvals, true, [
    byKey(approvals, 'AskApproval', 'approval', [GET, PUT, UPDATE, CHECK]),
    byKey(approvals, 'KeepToken', 'token', [PUT]),
    listApprovals(approvals),
  ]);
}

/** `decide`, `expire-approval`, `conclude`: change a question, never see a token. */
export function settleApproval({ approvals }: Stores): Access {
  return access('APPROVALS_TABLE', approvals, true, [
    byKey(approvals, 'SettleApproval', 'approval', [GET, UPDATE]),
    listApprovals(approvals),
    denyTokens(approvals),
  ]);
}

/** `chase-approvals`: finds open questions whose next step is due, lets more people decide, never sees a token. */
export function chaseApprovals({ approvals }: Stores): Access {
  return access('APPROVALS_TABLE', approvals, true, [
    byKey(approvals, 'ChaseApproval', 'approval', [GET, UPDATE]),
    allow('FindDueApprovals', [QUERY], indexesOf(approvals, [APPROVALS.due.name])),
    denyTokens(approvals),
  ]);
}

/** `execute`: sees the decision it acts on. */
export function readApproval({ approvals }: Stores): Access {
  return access('APPROVALS_TABLE', approvals, false, [
    byKey(approvals, 'ReadApproval', 'approval', [GET]),
    listApprovals(approvals),
    denyTokens(approvals),
  ]);
}

/** `execute`, `roll-back`: read the kill switch before anything is changed. */
export function readSwitch({ approvals }: Stores): Access {
  return access('APPROVALS_TABLE', approvals, false, [
    new PolicyStatement({
      sid: 'ReadKillSwitch',
      actions: [GET],
      resources: [approvals.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${CONTROL.prefix}EXECUTION`] } },
    }),
  ]);
}

/** `deliver-decision`: the only reader of a token. */
export function deliverDecision({ approvals }: Stores): Access {
  return access('APPROVALS_TABLE', approvals, true, [
    byKey(approvals, 'ReadToken', 'token', [GET]),
    byKey(approvals, 'MarkDelivery', 'approval', [GET, UPDATE]),
  ]);
}
