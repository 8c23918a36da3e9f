import { InvalidToken, SendTaskSuccessCommand, SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { stepFunctions } from './step-functions.ts';

const sfn = mockClient(SFNClient);
beforeEach(() => sfn.reset());
const workflow = () => stepFunctions(new SFNClient({ region: 'us-east-1' }));

describe('answering a waiting execution', () => {
  it('sends the answer as JSON', async () => {
    sfn.on(SendTaskSuccessCommand).resolves({});
    expect(await workflow().succeed('token', { decision: 'approved' })).toEqual({ outcome: 'accepted' });
    expect(sfn.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input).toEqual({
      taskToken: 'token',
      output: '{"decision":"approved"}',
    });
  });

  it.each([TaskTimedOut, TaskDoesNotExist, InvalidToken])('says that nobody waits any more: %s', async (Kind) => {
    sfn.on(SendTaskSuccessCommand).rejects(new Kind({ message: 'token AQCU', $metadata: {} }));
    const answered = await workflow().succeed('AQCU', {});
    expect(answered).toEqual({ outcome: 'gone', reason: expect.stringContaining('the workflow') });
    expect(JSON.stringify(answered)).not.toContain('AQCU');
  });

  it('throws what may work later, so that the stream brings the decision again', async () => {
    sfn.on(SendTaskSuccessCommand).rejects(new Error('ThrottlingException'));
    await expect(workflow().succeed('token', {})).rejects.toThrow('ThrottlingException');
  });
});
