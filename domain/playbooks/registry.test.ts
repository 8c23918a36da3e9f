import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/planning.ts';
import {
  DORMANT,
  type DormantChange,
  dormantDrafts,
  dormantPack,
  dormantTarget,
} from '../../test/stories/dormant-key.ts';
import { ACTION_TRAITS } from '../actions/traits.ts';
import { parseConfiguration } from '../config/parse.ts';
import type { Configuration } from '../config/schema.ts';
import { PLAYBOOK_NAMES } from './assessment.ts';
import { whyNotAutomatic } from './automatic.ts';
import type { PlaybookCase } from './playbook.ts';
import { PLAYBOOKS, playbookFor } from './registry.ts';

const PLACE = { account: DORMANT.account };

describe('the registry', () => {
  it('holds nothing that cannot be undone or is wide (rule 5)', () => {
    for (const { action } of Object.values(PLAYBOOKS))
      expect({ action, ...ACTION_TRAITS[action] }).toMatchObject({ reversible: true, wide: false });
  });

  it('knows each playbook by its own name', () => {
    expect(Object.values(PLAYBOOKS).map(({ name }) => name)).toEqual([...PLAYBOOK_NAMES]);
  });

  it('gives the first entry of the configuration that is about the action and the place', () => {
    const config = sampleConfiguration({
      playbooks: [
        { name: 'dormant-key', scope: { account: '444455556666' }, unusedForDays: 30 },
        { name: 'dormant-key', unusedForDays: 180 },
      ],
    });
    expect(playbookFor(config, 'aws.deactivate-access-key', PLACE)?.parameters).toEqual({ unusedForDays: '180' });
    expect(playbookFor(config, 'aws.deny-all', PLACE)).toBeUndefined();
    expect(playbookFor(sampleConfiguration(), 'aws.deactivate-access-key', PLACE)).toBeUndefined();
  });
});

describe('the configuration', () => {
  const given = (change: Partial<Configuration>): unknown => {
    const { $schema: _, ...rest } = sampleConfiguration();
    return { ...rest, playbooks: [{ name: 'dormant-key' }], ...change };
  };

  it('is told of a playbook that could never act', () => {
    expect(() => parseConfiguration(given({}))).toThrow(
      /playbooks\[0\]\.name: needs actions\["aws.deactivate-access-key"\] with gate "ask"\ndestinations\.chat: is needed/,
    );
  });

  it('knows no playbook of another name, and no unused time below a month', () => {
    for (const playbook of [{ name: 'delete-everything' }, { name: 'dormant-key', unusedForDays: 29 }])
      expect(() => parseConfiguration({ ...sampleConfiguration(), playbooks: [playbook] })).toThrow(/playbooks/);
  });
});

function assessed(change: DormantChange = {}, of: Partial<PlaybookCase> = {}) {
  const config = sampleConfiguration({ playbooks: [{ name: 'dormant-key' }] });
  const pack = dormantPack(dormantDrafts(change));
  return playbookFor(config, 'aws.deactivate-access-key', PLACE)?.assess({
    pack,
    target: dormantTarget(pack),
    source: 'prisma-cloud',
    confirmed: true,
    severity: 'medium',
    verdict: 'misconfiguration',
    ...of,
  });
}

describe('dormant-key', () => {
  it('holds where vendor and IAM agree, and says on which evidence', () => {
    expect(assessed()).toEqual({
      playbook: 'dormant-key',
      holds: true,
      conditions: [
        { what: 'the vendor confirmed every alert of the incident', holds: true, evidence: ['E2'] },
        {
          what: "the vendor's own record is of a policy about unused keys, and of this very user",
          holds: true,
          evidence: ['E3'],
        },
        { what: 'nothing else speaks against the user', holds: true, evidence: [] },
        { what: 'IAM lists the key as an active one of this user', holds: true, evidence: ['E4'] },
        { what: 'IAM knows of no use of it for 90 days', holds: true, evidence: ['E4'] },
      ],
    });
  });

  it.each([
    ['the vendor does not confirm it', { confirmed: false }, {}],
    ['the store says it is unconfirmed', {}, { confirmed: false }],
    ['only the webhook names the policy', { recordTrust: 'attacker_influenced' as const }, {}],
    ['the policy is another one', { policy: 'AWS access keys are not rotated for 90 days' }, {}],
    ['another vendor says it, whose read-back compares no resource', {}, { source: 'generic' as const }],
    ['the key was used yesterday', { lastUsedAt: '2026-01-31T10:00:00.000Z' }, {}],
    ['the key was used 89 days ago', { lastUsedAt: '2025-11-04T10:00:00.000Z' }, {}],
    ['the key is inactive', { status: 'inactive' as const }, {}],
    ['something was seen besides', {}, { verdict: 'suspicious' as const }],
  ])('does not hold where %s', (_, change, of) => {
    expect(assessed(change, of)?.holds).toBe(false);
  });

  it('does not hold for another key than the one that was read', () => {
    const pack = dormantPack();
    expect(assessed({}, { target: { ...dormantTarget(pack), name: 'AKIASOMEBODYELSES001' } })?.holds).toBe(false);
  });
});

describe('whyNotAutomatic', () => {
  const config = (change: Record<string, unknown> = {}) =>
    sampleConfiguration({
      rollout: [{ scope: PLACE, phase: 'automate' }],
      actions: { 'aws.deactivate-access-key': { gate: 'ask' } },
      destinations: { chat: { system: 'slack', channel: 'C0123456789', secret: 'parapet/slack' } },
      ...change,
    });
  const of = {
    action: 'aws.deactivate-access-key',
    target: dormantTarget(dormantPack()),
    place: PLACE,
    assessment: assessed(),
  } as const;

  it('is nothing where everything is said and holds', () => {
    expect(whyNotAutomatic(config(), of)).toEqual([]);
  });

  it.each([
    ['the phase is assist', config({ rollout: [{ scope: PLACE, phase: 'assist' }] }), of, /phase here is assist/],
    ['no rule names the place', config({ rollout: [] }), of, /phase here is observe/],
    ['no playbook is named', config(), { ...of, assessment: undefined }, /No playbook/],
    [
      'a condition does not hold',
      config(),
      { ...of, assessment: assessed({ confirmed: false }) },
      /does not hold that/,
    ],
    ['the action is only suggested', config({ actions: {} }), of, /suggested only/],
    ['nobody would be told', config({ destinations: {} }), of, /no chat channel/],
    [
      'the action is wide',
      config({ actions: { 'aws.deny-all': { gate: 'ask' } } }),
      { ...of, action: 'aws.deny-all' as const },
      /reaches too far/,
    ],
  ])('says why where %s', (_, given, about, reason) => {
    expect(whyNotAutomatic(given, about).join(' ')).toMatch(reason);
  });
});
