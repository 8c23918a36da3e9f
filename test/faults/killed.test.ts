import { describe, expect, it } from 'vitest';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import { verifyChain } from '../../domain/audit/entry.ts';
import { execute } from '../../functions/execute/execute.ts';
import { rollBack } from '../../functions/roll-back/roll-back.ts';
import { verify } from '../../functions/verify/verify.ts';
import { INCIDENT_ID } from '../contract/kubernetes-cluster.ts';
import { Killed, mortal } from './mortal.ts';
import { EXECUTE, INPUT, isReversible, ON_TARGETS, open, type Process, type World } from './worlds.ts';

type Verb = (process: Process) => Promise<{ readonly outcome?: string; readonly result?: string }>;
const doExecute: Verb = (process) => execute(process, EXECUTE);
const doVerify: Verb = (process) => verify(process, INPUT);
const doRollBack: Verb = (process) => rollBack(process, INPUT);

interface Seen {
  readonly world: string;
  readonly calls: number;
  readonly end: unknown;
}

/** What is before the verb that is killed, done by processes that live. */
async function worldBefore(name: ExecutableAction, before: readonly Verb[]): Promise<World> {
  const world = await open(name);
  for (const verb of before) await verb(world.process(mortal()));
  return world;
}

async function undisturbed(name: ExecutableAction, before: readonly Verb[], verb: Verb): Promise<Seen> {
  const world = await worldBefore(name, before);
  try {
    const life = mortal();
    const { outcome, result } = await verb(world.process(life));
    return { world: world.look(), calls: life.calls(), end: outcome ?? result };
  } finally {
    await world.close();
  }
}

/** Kills the verb before each of its calls in turn, runs it again, and compares the world with one in which nobody was killed. */
async function killEverywhere(
  name: ExecutableAction,
  before: readonly Verb[],
  verb: Verb,
  again: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const calm = await undisturbed(name, before, verb);
  expect(calm.calls).toBeGreaterThan(3);
  for (let call = 1; call <= calm.calls; call += 1) {
    const world = await worldBefore(name, before);
    try {
      const where = `killed before call ${call} of ${calm.calls}`;
      await expect(verb(world.process(mortal(call))), where).rejects.toThrow(Killed);
      const { outcome, result } = await verb(world.process(mortal()));
      expect(again[String(calm.end)], where).toContain(outcome ?? result);
      expect(world.look(), where).toBe(calm.world);
      const chain = await world.audit.read(INCIDENT_ID);
      expect(verifyChain(INCIDENT_ID, chain), where).toMatchObject({ ok: true });
      if (verb === doExecute) {
        expect(
          chain.map(({ kind }) => kind),
          where,
        ).toEqual(expect.arrayContaining(['action.started', 'action.applied']));
        // The record of the effect is never there before the effect was begun.
        expect(
          chain.findIndex(({ kind }) => kind === 'action.started'),
          where,
        ).toBe(0);
      }
    } finally {
      await world.close();
    }
  }
}

describe.each(ON_TARGETS)('%s', (name) => {
  it('has one effect and an unbroken chain, wherever its execution is killed and run again', {
    timeout: 120_000,
  }, async () => {
    await killEverywhere(name, [], doExecute, { applied: ['applied', 'already-applied'] });
  });

  if (isReversible(name)) {
    it('is put back once, wherever the roll-back is killed and run again', { timeout: 120_000 }, async () => {
      await killEverywhere(name, [doExecute], doRollBack, { 'rolled-back': ['rolled-back', 'nothing-to-undo'] });
    });
  }
});

// Verification only reads, and differs little from action to action: the two with most to read.
describe.each(['kubernetes.quarantine-pod', 'aws.isolate-instance'] as const)('%s', (name) => {
  it('is verified with the same result, wherever the verification is killed and run again', {
    timeout: 120_000,
  }, async () => {
    await killEverywhere(name, [doExecute], doVerify, { contained: ['contained'] });
  });
});
