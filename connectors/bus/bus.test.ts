import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { BusUnavailableError, bus } from './bus.ts';

const mock = mockClient(EventBridgeClient);
const accepted = { FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] };
const failed = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'try again' }] };

describe('bus', () => {
  beforeEach(() => mock.reset());
  const waits: number[] = [];
  const make = (attempts = 1) =>
    bus({
      client: new EventBridgeClient({ region: 'us-east-1' }),
      busName: 'parapet',
      patience: { attempts, sleep: async (ms) => void waits.push(ms), random: () => 1 },
    });

  it('puts one entry of our source on the named bus', async () => {
    mock.on(PutEventsCommand).resolves(accepted);
    await make().publish('Incident Opened', { incidentId: 'inc-1' });
    expect(mock.commandCalls(PutEventsCommand).map((call) => call.args[0].input)).toEqual([
      {
        Entries: [
          {
            EventBusName: 'parapet',
            Source: 'parapet',
            DetailType: 'Incident Opened',
            Detail: '{"incidentId":"inc-1"}',
          },
        ],
      },
    ]);
  });

  it('fails when the call succeeded but its entry did not - PutEvents answers 200 for both', async () => {
    mock.on(PutEventsCommand).resolves(failed);
    const attempt = make().publish('Alert Received', {});
    await expect(attempt).rejects.toBeInstanceOf(BusUnavailableError);
    await expect(attempt).rejects.toThrow('InternalFailure');
    expect(mock.calls()).toHaveLength(1);
  });

  it('does not take an answer without an event id for an acceptance', async () => {
    mock.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [] });
    await expect(make().publish('Alert Received', {})).rejects.toBeInstanceOf(BusUnavailableError);
  });

  it('keeps the cause when the bus cannot be reached', async () => {
    const cause = new Error('connect ECONNREFUSED');
    mock.on(PutEventsCommand).rejects(cause);
    await expect(make().publish('Alert Received', {})).rejects.toMatchObject({ name: 'BusUnavailableError', cause });
  });

  it('sends a refused entry again as often as it is told to, waiting longer each time', async () => {
    waits.length = 0;
    mock.on(PutEventsCommand).resolvesOnce(failed).rejectsOnce(new Error('reset')).resolves(accepted);
    await make(3).publish('Incident Opened', {});
    expect(mock.calls()).toHaveLength(3);
    expect(waits).toEqual([100, 200]);
  });
});
