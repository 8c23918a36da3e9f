import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { executions } from './executions.ts';

const MACHINE = 'arn:aws:states:eu-central-1:111122223333:stateMachine:parapet-roll-back';
const ONE = 'arn:aws:states:eu-central-1:111122223333:execution:parapet-roll-back:one';
const sfn = mockClient(SFNClient);
beforeEach(() => sfn.reset());
const ours = () => executions(new SFNClient({ region: 'eu-central-1' }), MACHINE);
const exists = () => new ExecutionAlreadyExists({ message: 'exists', $metadata: {} });

describe('executions by names of ours', () => {
  it('are started with their input', async () => {
    sfn.on(StartExecutionCommand).resolves({ executionArn: ONE });
    expect(await ours().start('one', { incidentId: 'inc-1' })).toEqual({ execution: ONE, state: 'started' });
    expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
      stateMachineArn: MACHINE,
      name: 'one',
      input: '{"incidentId":"inc-1"}',
    });
  });

  it.each([
    ['RUNNING', 'running'],
    ['PENDING_REDRIVE', 'running'],
    ['SUCCEEDED', 'ended'],
    ['FAILED', 'ended'],
  ] as const)('are not started twice: one that is %s is told as %s', async (status, state) => {
    sfn.on(StartExecutionCommand).rejects(exists());
    sfn.on(DescribeExecutionCommand, { executionArn: ONE }).resolves({ status });
    expect(await ours().start('one', {})).toEqual({ execution: ONE, state });
  });

  it.each([
    ['RUNNING', 'running'],
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'broken'],
    ['TIMED_OUT', 'broken'],
    ['ABORTED', 'broken'],
  ] as const)('that are %s are %s', async (status, state) => {
    sfn.on(DescribeExecutionCommand).resolves({ status });
    expect(await ours().stateOf(ONE)).toBe(state);
  });

  it('throw what is no answer', async () => {
    sfn.on(StartExecutionCommand).rejects(new Error('AccessDeniedException'));
    await expect(ours().start('one', {})).rejects.toThrow('AccessDenied');
  });
});
