import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { pollInputSchema, type Resume } from '../../domain/reconcile.ts';
import { machineSchema, runMachine, StateError } from './state-machine-interpreter.ts';

const text = readFileSync(new URL('../../state-machines/reconcile.asl.json', import.meta.url), 'utf8');
const machine = machineSchema.parse(JSON.parse(text));
const source = 'prisma-cloud-compute';
const resume: Resume = {
  since: '2026-11-22T09:00:00.000Z',
  until: '2026-11-22T10:00:00.000Z',
  cursor: null,
  next: '0:1000',
  alerts: 1000,
};

async function told(answers: readonly (object | Error)[]) {
  const asked: unknown[] = [];
  const run = await runMachine(machine, { source }, async ({ target, payload }) => {
    expect(target).toBe('PollFunction');
    asked.push(pollInputSchema.parse(payload));
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { ...run, asked };
}

describe('the reconcile machine', () => {
  it('is valid in the Amazon States Language, JSONata included', () => {
    const validate: unknown = createRequire(import.meta.url)('asl-validator');
    if (typeof validate !== 'function') throw new Error('asl-validator is no function');
    const judged: unknown = validate(JSON.parse(text));
    expect(judged).toMatchObject({ isValid: true });
  });

  it('asks once when all is handed on', async () => {
    const done = { source, more: false, resume: null, alerts: 3, reason: '' };
    const { asked, visited, result } = await told([done]);
    expect(asked).toEqual([{ source, resume: null }]);
    expect(visited).toEqual(['Poll', 'UpToDate', 'Reconciled']);
    expect(result.ok).toBe(true);
  });

  it('goes on where a call left off, and then with the next period', async () => {
    const { asked } = await told([
      { source, more: true, resume, alerts: 1000, reason: '' },
      { source, more: true, resume: null, alerts: 1200, reason: '' },
      { source, more: false, resume: null, alerts: 2, reason: '' },
    ]);
    expect(asked).toEqual([
      { source, resume: null },
      { source, resume },
      { source, resume: null },
    ]);
  });

  it('fails aloud when the vendor stays silent - a quiet failure would look like "nothing was missed"', async () => {
    const { asked, result } = await told([new StateError('RefusedError', 'GET console answered 500')]);
    expect(asked).toHaveLength(3);
    expect(result).toMatchObject({ ok: false, error: 'RefusedError' });
  });
});
