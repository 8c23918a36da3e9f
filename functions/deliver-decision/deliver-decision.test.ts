import { beforeEach, describe, expect, it } from 'vitest';
import type { Answered, Workflow } from '../../connectors/workflow/workflow.ts';
import { decisionSchema } from '../../domain/approval/approval.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  INCIDENT_ID,
  type StoryStores,
  storyApproval,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { type DeliverDecisionDeps, deliverDecisions, UnreadableRecordError } from './deliver-decision.ts';

const ID = storyApproval().approvalId;
const TOKEN = 'an-invented-task-token';
const NOW = new Date(ASKED_AT.getTime() + 120_000);

let stores: StoryStores;
let telemetry: RecordingTelemetry;
let told: { token: string; output: unknown }[];
let answers: (Answered | Error)[];
let deps: DeliverDecisionDeps;

beforeEach(async () => {
  stores = await storyStores({ asked: true });
  telemetry = recordingTelemetry();
  told = [];
  answers = [];
  const workflow: Workflow = {
    async succeed(token, output) {
      told.push({ token, output });
      const answer = answers.shift() ?? { outcome: 'accepted' };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  deps = { ...stores, deliveries: stores.approvals, workflow, telemetry, now: () => NOW };
  await stores.approvals.decide(
    {
      approvalId: ID,
      decision: 'approved',
      decidedBy: 'dana',
      decidedAt: '2025-10-14T09:21:00.000Z',
      planDigest: storyApproval().planDigest,
      comment: 'go',
    },
    INCIDENT_ID,
    ASKED_AT,
  );
});

/** A stream record as Lambda delivers it (NEW_IMAGE view; shape of the DynamoDB Streams event of AWS's documentation). */
const record = (sequence: string, key = `APPROVAL#${ID}`) => ({
  eventID: `event-${sequence}`,
  eventName: 'MODIFY',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  dynamodb: {
    ApproximateCreationDateTime: 1760433660,
    Keys: { id: { S: key } },
    NewImage: { id: { S: key }, status: { S: 'APPROVED' }, delivery: { S: 'waiting' } },
    SequenceNumber: sequence,
    SizeBytes: 512,
    StreamViewType: 'NEW_IMAGE',
  },
  eventSourceARN: 'arn:aws:dynamodb:us-east-1:111122223333:table/parapet-approvals/stream/2025-10-14T00:00:00.000',
});
const batch = (...records: readonly unknown[]) => ({ Records: records });
const kinds = async () => (await stores.audit.read(INCIDENT_ID)).map(({ kind }) => kind);
const delivery = async () => (await stores.approvals.get(ID))?.delivery;

describe('delivering a decision', () => {
  it('moves the incident on, and tells the execution also when the incident cannot be written', async () => {
    stores.incidents.failNext('update', new Error('throttled'));
    await deliverDecisions(deps, { Records: [record('1')] });
    expect(told).toHaveLength(1);
    expect(telemetry.said).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'incident not updated after a decision' }),
    );
  });

  it('writes when the first decision was made', async () => {
    await deliverDecisions(deps, { Records: [record('1')] });
    expect(await stores.incidents.get(INCIDENT_ID)).toMatchObject({
      status: 'responding',
      times: { decided: '2025-10-14T09:21:00.000Z' },
    });
  });

  it('answers the waiting execution with the decision, once, and says so', async () => {
    expect(await deliverDecisions(deps, batch(record('1')))).toEqual({ batchItemFailures: [] });
    expect(told).toEqual([
      {
        token: TOKEN,
        output: {
          approvalId: ID,
          decision: 'approved',
          decidedBy: 'dana',
          decidedAt: '2025-10-14T09:21:00.000Z',
          planDigest: storyApproval().planDigest,
          comment: 'go',
        },
      },
    ]);
    expect(decisionSchema.parse(told[0]?.output)).toEqual(told[0]?.output);
    expect([await delivery(), await kinds()]).toEqual(['delivered', ['approval.decided', 'decision.delivered']]);
  });

  it('does nothing when the record comes again - streams deliver at least once', async () => {
    await deliverDecisions(deps, batch(record('1'), record('1')));
    await deliverDecisions(deps, batch(record('1')));
    expect(told).toHaveLength(1);
    expect(await kinds()).toEqual(['approval.decided', 'decision.delivered']);
  });

  it('tells nothing about tokens, open questions and what is not there', async () => {
    const open = await storyStores({ asked: true });
    const nothing = { ...deps, approvals: open.approvals };
    const records = batch(record('1'), record('2', `TOKEN#${ID}`), record('3', 'APPROVAL#apr-none'));
    expect(await deliverDecisions(nothing, records)).toEqual({ batchItemFailures: [] });
    expect(told).toEqual([]);
  });

  it('marks a decision late when nobody waits any more, with the reason', async () => {
    answers = [{ outcome: 'gone', reason: 'the workflow had stopped waiting' }];
    expect(await deliverDecisions(deps, batch(record('1')))).toEqual({ batchItemFailures: [] });
    expect(await delivery()).toBe('late');
    expect((await stores.audit.read(INCIDENT_ID)).at(-1)).toMatchObject({
      kind: 'decision.late',
      data: { approvalId: ID, actionId: 'A1', reason: 'the workflow had stopped waiting' },
    });
    expect(telemetry.counted('DecisionLate')).toBe(1);
  });

  it('does not tell again what was told and written down before a crash', async () => {
    stores.approvals.failNext('markDelivery', new Error('crashed'));
    await deliverDecisions(deps, batch(record('1')));
    expect(await deliverDecisions(deps, batch(record('1')))).toEqual({ batchItemFailures: [] });
    expect(told).toHaveLength(1);
    expect([await delivery(), await kinds()]).toEqual(['delivered', ['approval.decided', 'decision.delivered']]);
  });

  it('does not call late what arrived before a crash: the action that was started proves it', async () => {
    stores.audit.failNext('append', new Error('crashed'));
    await deliverDecisions(deps, batch(record('1')));
    await stores.audit.append({
      chain: INCIDENT_ID,
      at: NOW.toISOString(),
      actor: { type: 'function', id: 'execute' },
      kind: 'action.started',
      data: { approvalId: ID },
    });
    answers = [{ outcome: 'gone', reason: 'answered before' }];
    expect(await deliverDecisions(deps, batch(record('1')))).toEqual({ batchItemFailures: [] });
    expect([await delivery(), await kinds()]).toEqual([
      'delivered',
      ['approval.decided', 'action.started', 'decision.delivered'],
    ]);
  });

  it('reports what may work later as failed, so that the stream brings it again, and goes on with the others', async () => {
    answers = [new Error('ThrottlingException')];
    const answer = await deliverDecisions(deps, batch(record('1'), record('2')));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(told).toHaveLength(2);
    expect(await delivery()).toBe('delivered');
  });

  it.each(['get', 'tokenOf', 'markDelivery'] as const)('reports a failing %s as failed', async (method) => {
    stores.approvals.failNext(method, new Error('unavailable'));
    expect(await deliverDecisions(deps, batch(record('1')))).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(await delivery()).toBe('waiting');
  });

  it('marks a decision late when its token is missing - it will not appear', async () => {
    deps = {
      ...deps,
      deliveries: {
        ...stores.approvals,
        tokenOf: async () => undefined,
        markDelivery: (...args) => stores.approvals.markDelivery(...args),
      },
    };
    await deliverDecisions(deps, batch(record('1')));
    expect([await delivery(), told]).toEqual(['late', []]);
  });

  it('never says the token', async () => {
    answers = [new Error('boom'), { outcome: 'gone', reason: 'x' }];
    await deliverDecisions(deps, batch(record('1'), record('2')));
    expect(JSON.stringify([telemetry.said, await stores.audit.read(INCIDENT_ID)])).not.toContain(TOKEN);
  });
});

describe('records that cannot be read', () => {
  it('are reported by their number and end in the dead-letter queue', async () => {
    const odd = { dynamodb: { SequenceNumber: '7', Keys: { id: { N: '1' } } } };
    expect(await deliverDecisions(deps, batch(odd, record('8')))).toEqual({
      batchItemFailures: [{ itemIdentifier: '7' }],
    });
    expect(await delivery()).toBe('delivered');
  });

  it('fail the whole batch when they cannot even be named', async () => {
    await expect(deliverDecisions(deps, batch('nonsense'))).rejects.toBeInstanceOf(UnreadableRecordError);
    await expect(deliverDecisions(deps, { detail: {} })).rejects.toThrow(/Records/);
  });
});
