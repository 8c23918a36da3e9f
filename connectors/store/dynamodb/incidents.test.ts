import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { GetCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sampleFinding } from '../../../test/fakes/findings.ts';
import { sampleIncident } from '../../../test/fakes/incidents.ts';
import { ConflictError } from '../ports.ts';
import { documentClient } from './client.ts';
import { toIncidentItem, windowKey } from './incident-item.ts';
import { incidentStore } from './incidents.ts';

/** Behaviour is proven by test/contract against fakes and emulator; here are the calls themselves and what they cost. */
const client = documentClient({ region: 'us-east-1' });
const mock = mockClient(client);
const patience = { attempts: 3, sleep: async () => undefined, random: () => 0 };
const store = incidentStore({ client, table: 'incidents', deduplicationTable: 'deduplication', patience });
const now = new Date('2025-10-14T09:20:00.000Z');
const context = { receivedAt: now.toISOString(), now, windowMinutes: 60, rawKey: 'alerts/sample.json' };
const incident = sampleIncident();
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

function openIncidentIs(current = incident): void {
  mock.on(GetCommand).resolves({});
  mock
    .on(GetCommand, { TableName: 'incidents', Key: windowKey(current.workloadKey) })
    .resolves({ Item: { incidentId: current.incidentId, generation: 1, windowEndsAt: current.windowEndsAt } });
  mock
    .on(GetCommand, { TableName: 'incidents', Key: { pk: `INC#${current.incidentId}`, sk: 'INCIDENT' } })
    .resolves({ Item: toIncidentItem(current) });
}

describe('attach', () => {
  beforeEach(() => mock.reset());

  it('pays one read and one counting write for a duplicate', async () => {
    mock.on(GetCommand).resolves({ Item: { incidentId: incident.incidentId, expiresAt: now.getTime() / 1000 + 1 } });
    mock.on(UpdateCommand).resolves({ Attributes: { ...toIncidentItem(incident), duplicateCount: 1 } });
    expect(await store.attach(sampleFinding(), context)).toMatchObject({
      kind: 'duplicate',
      incident: { duplicateCount: 1 },
    });
    expect(mock.calls()).toHaveLength(2);
  });

  it('does not keep a duplicate waiting for its count when the incident is busy', async () => {
    mock.on(GetCommand).resolves({ Item: { incidentId: incident.incidentId, expiresAt: now.getTime() / 1000 + 1 } });
    mock
      .on(GetCommand, { TableName: 'incidents', Key: { pk: `INC#${incident.incidentId}`, sk: 'INCIDENT' } })
      .resolves({ Item: toIncidentItem(incident) });
    mock.on(UpdateCommand).rejects(new TransactionConflictException({ message: 'busy', $metadata: {} }));
    expect(await store.attach(sampleFinding(), context)).toMatchObject({ kind: 'duplicate' });
    expect(mock.commandCalls(UpdateCommand)).toHaveLength(1);
  });

  it('compares the expiry of a deduplication key itself - DynamoDB deletes late', async () => {
    openIncidentIs();
    mock
      .on(GetCommand, { TableName: 'deduplication' })
      .resolves({ Item: { incidentId: 'inc-old', expiresAt: now.getTime() / 1000 } });
    mock.on(TransactWriteCommand).resolves({});
    expect(await store.attach(sampleFinding(), context)).toMatchObject({ kind: 'attached' });
  });

  it('raises the severity under the condition that it is still lower, and otherwise does not touch it', async () => {
    for (const severity of ['critical', 'low'] as const) {
      mock.reset();
      openIncidentIs();
      mock.on(TransactWriteCommand).resolves({});
      await store.attach(sampleFinding({ severity }), context);
      const items = mock.commandCalls(TransactWriteCommand)[0]?.args[0].input.TransactItems ?? [];
      const update = items.find(({ Update }) => Update)?.Update;
      if (severity === 'low') {
        expect(update?.UpdateExpression).toBe('ADD #count :one');
      } else {
        expect(update).toMatchObject({
          UpdateExpression: 'SET #severity = :severity, #rank = :rank ADD #count :one',
          ConditionExpression: '#rank < :rank',
          ExpressionAttributeValues: { ':severity': 'critical', ':rank': 4, ':one': 1 },
        });
      }
    }
  });

  it('never writes an item twice in one transaction - DynamoDB refuses that', async () => {
    mock.on(GetCommand).resolves({});
    mock.on(TransactWriteCommand).resolves({});
    await store.attach(sampleFinding(), context);
    const items = mock.commandCalls(TransactWriteCommand)[0]?.args[0].input.TransactItems ?? [];
    const keys = items.map(
      ({ Put }) => `${Put?.TableName} ${Put?.Item?.['pk'] ?? Put?.Item?.['key']} ${Put?.Item?.['sk']}`,
    );
    expect(new Set(keys).size).toBe(5);
    expect(items.every(({ Put }) => Put?.ConditionExpression !== undefined)).toBe(true);
  });

  it('reads everything again when another writer was first, and gives up as a conflict', async () => {
    openIncidentIs();
    mock.on(TransactWriteCommand).rejects(cancelled('None', 'None', 'None', 'TransactionConflict'));
    await expect(store.attach(sampleFinding(), context)).rejects.toBeInstanceOf(ConflictError);
    expect(mock.commandCalls(TransactWriteCommand)).toHaveLength(3);
    expect(mock.commandCalls(GetCommand, { TableName: 'deduplication' }).length).toBeGreaterThanOrEqual(3);
  });

  it('does not repeat a transaction that can succeed at no time', async () => {
    openIncidentIs();
    mock.on(TransactWriteCommand).rejects(cancelled('None', 'None', 'ValidationError', 'None'));
    await expect(store.attach(sampleFinding(), context)).rejects.toBeInstanceOf(TransactionCanceledException);
    expect(mock.commandCalls(TransactWriteCommand)).toHaveLength(1);
  });

  it('says what is missing when a reader tries to attach', async () => {
    const reader = incidentStore({ client, table: 'incidents' });
    await expect(reader.attach(sampleFinding(), context)).rejects.toThrow('deduplicationTable');
  });
});

describe('update', () => {
  beforeEach(() => mock.reset());

  it('waits for an incident that is busy with findings', async () => {
    mock
      .on(UpdateCommand)
      .rejectsOnce(new TransactionConflictException({ message: 'busy', $metadata: {} }))
      .resolves({});
    await store.update(incident.incidentId, { status: 'investigating' });
    expect(mock.commandCalls(UpdateCommand)).toHaveLength(2);
  });

  it('sends nothing when nothing is to change', async () => {
    await store.update(incident.incidentId, { times: {}, blobs: {} });
    expect(mock.calls()).toHaveLength(0);
  });
});
