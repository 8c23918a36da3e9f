import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import {
  approvalResultSchema,
  expireInputSchema,
  expireOutputSchema,
  publishInputSchema,
  publishOutputSchema,
  requestApprovalInputSchema,
} from '../../domain/orchestration.ts';
import {
  concludeUndoInputSchema,
  concludeUndoOutputSchema,
  planUndoOutputSchema,
  rollBackInputSchema,
  rollBackOnDemandOutputSchema,
  undoRequestSchema,
  verifyUndoOutputSchema,
} from '../../domain/undo/steps.ts';
import { type Machine, machineSchema, runMachine, StateError, type TaskCall } from './state-machine-interpreter.ts';
import { decision, INCIDENT_ID, strictly } from './state-machine-verbs.ts';

const text = readFileSync(new URL('../../state-machines/roll-back.asl.json', import.meta.url), 'utf8');
const machine = machineSchema.parse(JSON.parse(text));
const REQUEST = { incidentId: INCIDENT_ID, actionId: 'A1', attempt: 2, requestedBy: 'olga', reason: 'A test.' };
const UNDO_KEY = `incidents/${INCIDENT_ID}/undo-A1-2.json`;

const publish = { input: publishInputSchema, output: publishOutputSchema } as const;
const CONTRACTS = {
  PlanUndoFunction: { input: undoRequestSchema, output: planUndoOutputSchema },
  RequestApprovalFunction: { input: requestApprovalInputSchema, output: approvalResultSchema },
  ExpireApprovalFunction: { input: expireInputSchema, output: expireOutputSchema },
  RollBackFunction: { input: rollBackInputSchema, output: rollBackOnDemandOutputSchema },
  VerifyUndoFunction: { input: rollBackInputSchema.omit({ approvalId: true }), output: verifyUndoOutputSchema },
  ConcludeUndoFunction: { input: concludeUndoInputSchema, output: concludeUndoOutputSchema },
  PublishTicketFunction: publish,
  PublishChatFunction: publish,
} as const;
type Target = keyof typeof CONTRACTS;
const isTarget = (name: string): name is Target => name in CONTRACTS;

const WELL: Readonly<Record<Target, unknown>> = {
  PlanUndoFunction: { outcome: 'ask', planKey: UNDO_KEY, timeoutSeconds: 1830 },
  RequestApprovalFunction: decision('approved'),
  ExpireApprovalFunction: { outcome: 'expired' },
  RollBackFunction: { outcome: 'rolled-back', reason: 'labels are back' },
  VerifyUndoFunction: { result: 'undone', reason: 'no longer found' },
  ConcludeUndoFunction: { incidentId: INCIDENT_ID, result: 'undone' },
  PublishTicketFunction: { destination: 'ticket', state: 'updated' },
  PublishChatFunction: { destination: 'chat', state: 'updated' },
};

const visitedByAll = new Set<string>();
type Answers = Partial<Record<Target, unknown>>;

/** Every payload and every answer is held against its contract on the way; an Error is thrown by the function. */
async function told(answers: Answers = {}) {
  const calls: (TaskCall & { readonly target: Target })[] = [];
  const run = await runMachine(machine, REQUEST, async (call) => {
    const { target } = call;
    if (!isTarget(target)) throw new Error(`${target} has no contract`);
    calls.push({ ...call, target, payload: strictly(CONTRACTS[target].input).parse(call.payload) });
    const answer = answers[target] ?? WELL[target];
    if (answer instanceof Error) throw answer;
    return CONTRACTS[target].output.parse(answer);
  });
  for (const state of run.visited) visitedByAll.add(state);
  const concluded = calls.find(({ target }) => target === 'ConcludeUndoFunction')?.payload;
  return { ...run, calls, targets: calls.map(({ target }) => target), concluded };
}

const END = { incidentId: INCIDENT_ID, actionId: 'A1', attempt: 2 };
const broke = (error: string) => new StateError(error, 'it broke');

describe('the roll-back on demand', () => {
  it('is valid in the Amazon States Language, JSONata included', () => {
    const validate: unknown = createRequire(import.meta.url)('asl-validator');
    if (typeof validate !== 'function') throw new Error('asl-validator is no function');
    expect(validate(JSON.parse(text))).toMatchObject({ isValid: true });
    expect(text.match(/"Type": "\w+",\n\s+"(?!Comment)\w+"/g)).toBeNull();
  });

  it('asks, puts back by the approval that was given, verifies, concludes and tells', async () => {
    const { calls, concluded, result } = await told();
    expect(calls.map(({ target, payload }) => [target, payload])).toEqual([
      ['PlanUndoFunction', REQUEST],
      [
        'RequestApprovalFunction',
        { incidentId: INCIDENT_ID, actionId: 'A1', planKey: UNDO_KEY, taskToken: 'token of RequestApproval' },
      ],
      ['RollBackFunction', { incidentId: INCIDENT_ID, actionId: 'A1', planKey: UNDO_KEY, approvalId: 'apr-approved' }],
      ['VerifyUndoFunction', { incidentId: INCIDENT_ID, actionId: 'A1', planKey: UNDO_KEY }],
      ['ConcludeUndoFunction', concluded],
      ['PublishTicketFunction', { incidentId: INCIDENT_ID, stage: 'undone' }],
      ['PublishChatFunction', { incidentId: INCIDENT_ID, stage: 'undone' }],
    ]);
    expect(calls[1]?.timeoutSeconds).toBe(1830);
    expect(concluded).toEqual({
      ...END,
      result: 'undone',
      reason: 'labels are back; no longer found',
      decidedBy: 'ada',
    });
    expect(result.ok).toBe(true);
  });

  it.each<[string, Answers, string, RegExp]>([
    ['cannot be put back', { PlanUndoFunction: { outcome: 'refused', reason: 'gone' } }, 'refused', /^gone$/],
    [
      'nobody may approve it',
      { RequestApprovalFunction: broke('NobodyMayApproveError') },
      'refused',
      /nobody is asked/,
    ],
    ['people reject it', { RequestApprovalFunction: decision('rejected') }, 'rejected', /rejected by ada/],
    ['nobody decides', { RequestApprovalFunction: broke('States.Timeout') }, 'expired', /silence is a rejection/],
    [
      'the decision comes too late',
      {
        RequestApprovalFunction: broke('States.Timeout'),
        ExpireApprovalFunction: { outcome: 'decided-too-late' },
      },
      'decided-too-late',
      /too late/,
    ],
    ['the target says no', { RollBackFunction: { outcome: 'refused', reason: 'changed' } }, 'refused', /^changed$/],
  ])('ends well, and puts nothing back, where it %s', async (_, answers, result, reason) => {
    const run = await told(answers);
    expect(run.concluded).toMatchObject({ ...END, result, reason: expect.stringMatching(reason) });
    expect(run.targets).not.toContain('VerifyUndoFunction');
    expect(run.result.ok).toBe(true);
    expect(run.targets.includes('PublishTicketFunction')).toBe(result !== 'refused');
  });

  it.each<[string, Answers, string]>([
    ['planning breaks', { PlanUndoFunction: broke('Error') }, 'failed'],
    ['asking breaks', { RequestApprovalFunction: broke('Error') }, 'failed'],
    [
      'closing the question breaks',
      { RequestApprovalFunction: broke('States.Timeout'), ExpireApprovalFunction: broke('Error') },
      'failed',
    ],
    ['the roll-back breaks off', { RollBackFunction: broke('States.Timeout') }, 'failed'],
    ['the roll-back fails', { RollBackFunction: { outcome: 'failed', reason: 'denied' } }, 'failed'],
    ['the effect is still there', { VerifyUndoFunction: { result: 'not-undone', reason: 'r' } }, 'unverified'],
    ['the target cannot be read', { VerifyUndoFunction: { result: 'unknown', reason: 'r' } }, 'unverified'],
    ['the verification breaks', { VerifyUndoFunction: broke('Error') }, 'unverified'],
  ])('is told, and fails so that an alarm rings, where %s', async (_, answers, result) => {
    const run = await told(answers);
    expect(run.concluded).toMatchObject({ ...END, result });
    expect(run.targets).toEqual(expect.arrayContaining(['PublishTicketFunction', 'PublishChatFunction']));
    expect(run.result).toMatchObject({ ok: false, error: 'UndoFailed' });
  });

  it('rolls back on the word approved alone, not even on one outside the contract', async () => {
    const run = await runMachine(machine, REQUEST, async ({ target }) => {
      if (!isTarget(target)) throw new Error(`${target} has no contract`);
      return target === 'RequestApprovalFunction' ? { ...decision('approved'), decision: 'APPROVED ' } : WELL[target];
    });
    for (const state of run.visited) visitedByAll.add(state);
    expect(run.visited).toContain('RefuseUnknownDecision');
    expect(run.visited).not.toContain('RollBack');
  });

  it.each(['PublishTicketFunction', 'PublishChatFunction'] as const)(
    'has ended even when %s is down',
    async (target) => {
      const { concluded, result } = await told({ [target]: broke('Error') });
      expect(concluded).toMatchObject({ result: 'undone' });
      expect(result.ok).toBe(true);
    },
  );

  it('is concluded by nobody where concluding breaks: the failed execution rings, and can be redriven', async () => {
    expect((await told({ ConcludeUndoFunction: broke('Error') })).result).toMatchObject({ ok: false, error: 'Error' });
  });

  it('has gone through every state above - no expression is left untried', () => {
    const names = (one: Machine): string[] =>
      Object.entries(one.States).flatMap(([name, state]) => [
        name,
        ...(state.Type === 'Parallel' ? state.Branches.flatMap(names) : []),
      ]);
    expect(names(machine).filter((name) => !visitedByAll.has(name))).toEqual([]);
  });
});
