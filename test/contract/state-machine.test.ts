import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EVIDENCE_PARTS } from '../../domain/evidence/pack.ts';
import { analyzeInputSchema, gatherInputSchema } from '../../domain/orchestration.ts';
import { type Machine, runMachine, StateError } from './state-machine-interpreter.ts';
import { type Answers, fails, machine, OPENED, story, text, WAYS } from './state-machine-stories.ts';
import { decision, INCIDENT_ID, isTarget, plannedAction, READERS, wellBehaved } from './state-machine-verbs.ts';

const visitedByAll = new Set<string>();
async function told(answers: Answers = {}) {
  const run = await story(answers);
  for (const state of run.visited) visitedByAll.add(state);
  return run;
}

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

  it('is executed only after the word approved, or by a playbook - nothing else leads there', async () => {
    for (const { name, answers } of WAYS) {
      const { calls } = await story(answers);
      const approvedOnes =
        calls.some(({ target }) => target === 'RequestApprovalFunction') &&
        !/rejected|answered|asked|closed|nobody may/.test(name);
      const executions = calls.filter(({ target }) => target === 'ExecuteFunction');
      const approvals = executions.filter(({ payload }) => !JSON.stringify(payload).includes('"authority":"playbook"'));
      expect(approvals.length > 0, name).toBe(approvedOnes);
      expect(executions.length > approvals.length, name).toBe(/playbook/.test(name));
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

  it('is not executed through a gate the machine does not know', async () => {
    const run = await runMachine(machine, OPENED, async (call) => {
      if (!isTarget(call.target)) throw new Error(`${call.target} has no contract`);
      if (call.target === 'PlanFunction')
        return { incidentId: INCIDENT_ID, planKey: 'p', actions: [{ ...plannedAction('A1', 'ask'), gate: 'always' }] };
      return wellBehaved({ ...call, target: call.target });
    });
    for (const state of run.visited) visitedByAll.add(state);
    expect(run.visited).toContain('RefuseUnknownGate');
    expect(run.visited.filter((state) => /^Execute/.test(state))).toEqual([]);
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

  it.each([
    'GatherCwppFunction',
    'GatherKubernetesFunction',
    'GatherBaselineFunction',
    'GatherIntelFunction',
    'GatherHistoryFunction',
  ] as const)('goes on when %s dies: the part becomes a named gap (rule 9)', async (target) => {
    const { calls, concluded } = await told({ [target]: fails('States.Timeout', '') });
    const { parts } = analyzeInputSchema.parse(calls.find((call) => call.target === 'AnalyzeFunction')?.payload);
    const missing = parts.filter((part) => 'error' in part).map(({ part }) => part);
    expect(missing).toEqual(EVIDENCE_PARTS.filter((part) => READERS[part] === target));
    expect(concluded?.outcomes[0]?.result).toBe('contained');
  });

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
