import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EVIDENCE_PARTS } from '../../domain/evidence/pack.ts';
import {
  type ActionOutcome,
  analyzeInputSchema,
  concludeInputSchema,
  gatherInputSchema,
} from '../../domain/orchestration.ts';
import { type Machine, machineSchema, runMachine, StateError, type TaskCall } from './state-machine-interpreter.ts';
import {
  CONTRACTS,
  decision,
  INCIDENT_ID,
  isTarget,
  plannedAction,
  READERS,
  strictly,
  type Target,
  wellBehaved,
} from './state-machine-verbs.ts';

const FILE = new URL('../../state-machines/incident.asl.json', import.meta.url);
const text = readFileSync(FILE, 'utf8');
const machine = machineSchema.parse(JSON.parse(text));
const OPENED = {
  incidentId: INCIDENT_ID,
  source: 'prisma-cloud-compute',
  severity: 'high',
  workloadKey: 'w1',
  openedAt: '2025-10-14T09:16:00.000Z',
};

type Answers = Partial<Record<Target, (call: TaskCall) => unknown>>;
const fails =
  (error = 'Error', cause = 'it broke') =>
  () => {
    throw new StateError(error, cause);
  };

/** Every payload and every answer is held against its contract on the way. */
async function story(answers: Answers = {}) {
  const calls: (TaskCall & { readonly target: Target })[] = [];
  const run = await runMachine(machine, OPENED, async (call) => {
    const { target } = call;
    if (!isTarget(target)) throw new Error(`${target} has no contract`);
    calls.push({ ...call, target, payload: strictly(CONTRACTS[target].input).parse(call.payload) });
    const answer = answers[target] ?? ((one: TaskCall) => wellBehaved({ ...one, target }));
    return CONTRACTS[target].output.parse(answer(call));
  });
  const concluded = calls.find(({ target }) => target === 'ConcludeFunction')?.payload;
  return { ...run, calls, concluded: concluded === undefined ? undefined : concludeInputSchema.parse(concluded) };
}

const visitedByAll = new Set<string>();
async function told(answers: Answers = {}) {
  const run = await story(answers);
  for (const state of run.visited) visitedByAll.add(state);
  return run;
}

/** The way of one action, from its gate to its outcome. */
interface Way {
  readonly name: string;
  readonly answers: Answers;
  readonly through: readonly string[];
  readonly outcome: Pick<ActionOutcome, 'result'> & { readonly reason: RegExp };
}
const asked = ['ChooseGate', 'RequestApproval'];
const executed = [...asked, 'ReadDecision', 'Execute'];
const verified = [...executed, 'ReadExecution', 'Verify'];
const planned = (gate: 'suggest' | 'ask' | 'automatic'): Answers => ({
  PlanFunction: () => ({ incidentId: INCIDENT_ID, planKey: 'plan.json', actions: [plannedAction('A1', gate)] }),
});
const applying = (outcome: string): Answers => ({ ExecuteFunction: () => ({ outcome, reason: `said ${outcome}` }) });
const verifying = (result: string): Answers => ({ VerifyFunction: () => ({ result, enforcement: 'assumed' }) });

const WAYS: readonly Way[] = [
  {
    name: 'approved, applied, verified',
    answers: {},
    through: [...verified, 'ReadVerification', 'Contained'],
    outcome: { result: 'contained', reason: /enforcement: proven/ },
  },
  {
    name: 'applied before (a retry, a redrive)',
    answers: applying('already-applied'),
    through: [...verified, 'ReadVerification', 'Contained'],
    outcome: { result: 'contained', reason: /verified/ },
  },
  {
    name: 'only suggested',
    answers: planned('suggest'),
    through: ['ChooseGate', 'SuggestOnly'],
    outcome: { result: 'advice', reason: /suggested/ },
  },
  {
    name: 'a gate the machine does not know',
    answers: planned('automatic'),
    through: ['ChooseGate', 'RefuseUnknownGate'],
    outcome: { result: 'not-applied', reason: /gate automatic/ },
  },
  {
    name: 'rejected',
    answers: { RequestApprovalFunction: () => decision('rejected') },
    through: [...asked, 'ReadDecision', 'Rejected'],
    outcome: { result: 'rejected', reason: /rejected by ada/ },
  },
  {
    name: 'nobody answered',
    answers: { RequestApprovalFunction: fails('States.Timeout', '') },
    through: [...asked, 'ExpireApproval'],
    outcome: { result: 'expired', reason: /nobody decided/ },
  },
  {
    name: 'answered too late to be delivered',
    answers: {
      RequestApprovalFunction: fails('States.Timeout', ''),
      ExpireApprovalFunction: () => ({ outcome: 'decided-too-late' }),
    },
    through: [...asked, 'ExpireApproval'],
    outcome: { result: 'decided-too-late', reason: /too late/ },
  },
  {
    name: 'the question could not be closed',
    answers: { RequestApprovalFunction: fails('States.Timeout', ''), ExpireApprovalFunction: fails() },
    through: [...asked, 'ExpireApproval', 'ActionFailed'],
    outcome: { result: 'failed', reason: /could not be closed: Error: it broke/ },
  },
  {
    name: 'nobody could be asked',
    answers: { RequestApprovalFunction: fails() },
    through: [...asked, 'ActionFailed'],
    outcome: { result: 'failed', reason: /could not be requested: Error: it broke/ },
  },
  ...(['gone', 'replaced', 'changed', 'refused'] as const).map((outcome) => ({
    name: `the target said ${outcome}`,
    answers: applying(outcome),
    through: [...executed, 'ReadExecution', 'NotApplied'],
    outcome: { result: 'not-applied' as const, reason: new RegExp(`${outcome}: said ${outcome}`) },
  })),
  ...(['failed', 'denied'] as const).map((outcome) => ({
    name: `applying ended ${outcome}: something may have been changed`,
    answers: applying(outcome),
    through: [...executed, 'ReadExecution', 'RollBack'],
    outcome: { result: 'rolled-back' as const, reason: /said .*; rolled-back/ },
  })),
  {
    name: 'applying broke off: nobody knows how far it came',
    answers: { ExecuteFunction: fails() },
    through: [...executed, 'RollBack'],
    outcome: { result: 'rolled-back', reason: /broke off: Error: it broke; rolled-back/ },
  },
  {
    name: 'a partial effect is kept and named',
    answers: verifying('partial'),
    through: [...verified, 'ReadVerification', 'PartiallyContained'],
    outcome: { result: 'partial', reason: /in part only/ },
  },
  ...(['failed', 'unknown'] as const).map((result) => ({
    name: `verification says ${result}`,
    answers: verifying(result),
    through: [...verified, 'ReadVerification', 'PrepareRollBack', 'RollBack'],
    outcome: { result: 'rolled-back' as const, reason: new RegExp(`verification: ${result}; rolled-back`) },
  })),
  {
    name: 'verification broke',
    answers: { VerifyFunction: fails() },
    through: [...verified, 'RollBack'],
    outcome: { result: 'rolled-back', reason: /could not be verified/ },
  },
  {
    name: 'there was nothing to undo',
    answers: { ...applying('failed'), RollBackFunction: () => ({ outcome: 'nothing-to-undo', reason: 'no trace' }) },
    through: [...executed, 'ReadExecution', 'RollBack'],
    outcome: { result: 'not-applied', reason: /nothing-to-undo: no trace/ },
  },
  {
    name: 'undoing failed',
    answers: { ...verifying('failed'), RollBackFunction: () => ({ outcome: 'failed', reason: 'api gone' }) },
    through: [...verified, 'ReadVerification', 'PrepareRollBack', 'RollBack'],
    outcome: { result: 'rollback-failed', reason: /failed: api gone/ },
  },
  {
    name: 'undoing broke',
    answers: { ...verifying('failed'), RollBackFunction: fails() },
    through: [...verified, 'ReadVerification', 'PrepareRollBack', 'RollBack', 'RollBackFailed'],
    outcome: { result: 'rollback-failed', reason: /Error: it broke/ },
  },
];

describe('the definition', () => {
  it('is valid in the Amazon States Language, JSONata included', () => {
    const validate: unknown = createRequire(import.meta.url)('asl-validator');
    if (typeof validate !== 'function') throw new Error('asl-validator is no function');
    const problems = (definition: unknown): unknown => validate(definition);
    expect(problems(JSON.parse(text))).toMatchObject({ isValid: true });
    expect(problems(JSON.parse(text.replace('"Next": "Analyze"', '"Next": "Analyse"')))).toMatchObject({
      isValid: false,
    });
  });

  it('says of every state what it is for', () => {
    const uncommented = text.match(/"Type": "\w+",\n\s+"(?!Comment)\w+"/g);
    expect(uncommented).toBeNull();
  });

  it('ends before the longest approval and everything around it cannot have ended', () => {
    const { TimeoutSeconds } = z.object({ TimeoutSeconds: z.number() }).parse(JSON.parse(text));
    expect(TimeoutSeconds).toBeGreaterThan(7 * 24 * 3600 + 4 * 3600);
  });
});

describe('one action', () => {
  it.each(WAYS)('$name', async ({ answers, through, outcome }) => {
    const { visited, concluded, result } = await told(answers);
    const start = visited.indexOf('ChooseGate');
    expect(visited.slice(start, visited.indexOf('Conclude'))).toEqual(through);
    expect(concluded?.outcomes).toEqual([
      { actionId: 'A1', result: outcome.result, reason: expect.stringMatching(outcome.reason) },
    ]);
    expect(concluded?.error).toBeUndefined();
    expect(result.ok).toBe(true);
  });

  it('is executed only after the word approved - nothing else leads there', async () => {
    for (const { name, answers } of WAYS) {
      const { calls } = await story(answers);
      const approvedOnes =
        calls.some(({ target }) => target === 'RequestApprovalFunction') &&
        !/rejected|answered|asked|closed/.test(name);
      expect(
        calls.some(({ target }) => target === 'ExecuteFunction'),
        name,
      ).toBe(approvedOnes);
    }
  });

  it('is not executed on an answer that is neither approved nor rejected - not even one outside the contract', async () => {
    const run = await runMachine(machine, OPENED, async (call) => {
      if (!isTarget(call.target)) throw new Error(`${call.target} has no contract`);
      const answer = wellBehaved({ ...call, target: call.target });
      return call.target === 'RequestApprovalFunction' ? { ...decision('approved'), decision: 'APPROVED ' } : answer;
    });
    for (const state of run.visited) visitedByAll.add(state);
    expect(run.visited).toContain('RefuseUnknownDecision');
    expect(run.visited).not.toContain('Execute');
  });

  it('waits as long as its plan says, and hands the token to request-approval and nobody else', async () => {
    const { calls } = await told({
      PlanFunction: () => ({ incidentId: INCIDENT_ID, planKey: 'p', actions: [plannedAction('A1', 'ask', 47)] }),
    });
    const waiting = calls.filter(({ resource }) => resource.endsWith('.waitForTaskToken'));
    expect(waiting.map(({ target, timeoutSeconds }) => ({ target, timeoutSeconds }))).toEqual([
      { target: 'RequestApprovalFunction', timeoutSeconds: 47 },
    ]);
    const holders = calls.filter(({ payload }) => JSON.stringify(payload).includes('token of'));
    expect(holders.map(({ target }) => target)).toEqual(['RequestApprovalFunction']);
  });

  it('is tried again when Lambda stumbles, and goes on as if nothing had been', async () => {
    let attempts = 0;
    const { concluded } = await told({
      ExecuteFunction: () => {
        attempts += 1;
        if (attempts <= 2) throw new StateError('Lambda.TooManyRequestsException', 'slow down');
        return { outcome: 'applied', reason: 'third time' };
      },
    });
    expect({ attempts, result: concluded?.outcomes[0]?.result }).toEqual({ attempts: 3, result: 'contained' });
  });

  it('does not ask again when the time is over - a second question would get a second time', async () => {
    const { calls } = await told({ RequestApprovalFunction: fails('States.Timeout', '') });
    expect(calls.filter(({ target }) => target === 'RequestApprovalFunction')).toHaveLength(1);
  });
});

describe('the incident', () => {
  it('hands every part to its reader, and every answer on to analyze in the order of numbering', async () => {
    const { calls } = await told();
    const read = calls
      .filter(({ target }) => target.startsWith('Gather'))
      .map(({ target, payload }) => [gatherInputSchema.parse(payload).part, target]);
    expect(Object.fromEntries(read)).toEqual(READERS);
    const { parts } = analyzeInputSchema.parse(calls.find(({ target }) => target === 'AnalyzeFunction')?.payload);
    expect(parts.map(({ part }) => part)).toEqual(EVIDENCE_PARTS);
  });

  it.each(['GatherCwppFunction', 'GatherKubernetesFunction', 'GatherHistoryFunction'] as const)(
    'goes on when %s dies: the part becomes a named gap (rule 9)',
    async (target) => {
      const { calls, concluded } = await told({ [target]: fails('States.Timeout', '') });
      const { parts } = analyzeInputSchema.parse(calls.find((call) => call.target === 'AnalyzeFunction')?.payload);
      const missing = parts.filter((part) => 'error' in part).map(({ part }) => part);
      expect(missing).toEqual(EVIDENCE_PARTS.filter((part) => READERS[part] === target));
      expect(concluded?.outcomes[0]?.result).toBe('contained');
    },
  );

  it('ends at once, untouched, when another execution owns it', async () => {
    const { visited, calls, result } = await told({
      ClaimIncidentFunction: () => ({ claimed: false, incidentId: INCIDENT_ID }),
    });
    expect(visited).toEqual(['ClaimIncident', 'Claimed', 'OwnedByAnotherExecution']);
    expect(calls).toHaveLength(1);
    expect(result.ok).toBe(true);
  });

  it('is not concluded by a run that does not know whether it owns it', async () => {
    const { calls, result } = await told({ ClaimIncidentFunction: fails() });
    expect(calls.map(({ target }) => target)).not.toContain('ConcludeFunction');
    expect(result).toEqual({ ok: false, error: 'Error', cause: 'it broke' });
  });

  it.each(['PublishTicketFunction', 'PublishChatFunction'] as const)(
    'is answered even when %s is down',
    async (target) => {
      const { concluded, result } = await told({ [target]: fails() });
      expect(concluded).toEqual({
        incidentId: INCIDENT_ID,
        outcomes: [{ actionId: 'A1', result: 'contained', reason: expect.any(String) }],
      });
      expect(result.ok).toBe(true);
    },
  );

  it.each(['AnalyzeFunction', 'PlanFunction'] as const)(
    'is concluded as failed, published and visibly failed when %s breaks for good',
    async (target) => {
      const { concluded, visited, result } = await told({ [target]: fails('TypeError', 'no such thing') });
      expect(concluded).toEqual({ incidentId: INCIDENT_ID, outcomes: [], error: 'TypeError: no such thing' });
      expect(visited).toContain('PublishOutcome');
      expect(result).toEqual({ ok: false, error: 'IncidentFailed', cause: 'TypeError: no such thing' });
    },
  );

  it('is concluded without outcomes when there is nothing to do', async () => {
    const { concluded, result } = await told({
      PlanFunction: () => ({ incidentId: INCIDENT_ID, planKey: 'p', actions: [] }),
    });
    expect({ concluded, ok: result.ok }).toEqual({ concluded: { incidentId: INCIDENT_ID, outcomes: [] }, ok: true });
  });

  it('takes each action its own way: one rejection does not stop another containment', async () => {
    const { concluded } = await told({
      PlanFunction: () => ({
        incidentId: INCIDENT_ID,
        planKey: 'p',
        actions: [plannedAction('A1', 'ask'), plannedAction('A2', 'suggest'), plannedAction('A3', 'ask')],
      }),
      RequestApprovalFunction: ({ payload }) =>
        decision(JSON.stringify(payload).includes('"A1"') ? 'rejected' : 'approved'),
    });
    expect(concluded?.outcomes.map(({ actionId, result }) => [actionId, result])).toEqual([
      ['A1', 'rejected'],
      ['A2', 'advice'],
      ['A3', 'contained'],
    ]);
  });

  it('keeps a long error short - the history is no place for a stack trace', async () => {
    const { concluded } = await told({ AnalyzeFunction: fails('Error', 'x'.repeat(5000)) });
    expect(concluded?.error?.length).toBe(500);
  });
});

describe('the stories above', () => {
  it('went through every state - no expression is left untried', () => {
    const names = (one: Machine): string[] =>
      Object.entries(one.States).flatMap(([name, state]) => [
        name,
        ...(state.Type === 'Parallel' ? state.Branches.flatMap(names) : []),
        ...(state.Type === 'Map' ? names(state.ItemProcessor) : []),
      ]);
    const all = names(machine);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((name) => !visitedByAll.has(name))).toEqual([]);
  });
});
