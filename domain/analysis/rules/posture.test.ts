import { describe, expect, it } from 'vitest';
import type { Fact } from '../../evidence/fact.ts';
import { composePack, type EvidenceDraft } from '../../evidence/pack.ts';
import { analyseByRules } from './analyse.ts';

const AT = '2025-10-14T09:20:00.000Z';
const HOST = { kind: 'instance' as const, canonical: 'i-0b7c1d2e3f4a5b6c7', label: 'batch-reports' };

function draft(fact: Fact, source: EvidenceDraft['source'] = 'cwpp_api'): EvidenceDraft {
  const trust = source === 'alert' ? ('attacker_influenced' as const) : ('vendor' as const);
  return { source, field: 'x', trust, observedAt: AT, fact, entities: [HOST] };
}

const alert = (message: string): Fact => ({
  kind: 'alert',
  findingUid: 'f1',
  title: 'Instance with an open SSH port',
  category: 'network misconfiguration',
  message,
  severity: 'high',
  occurredAt: AT,
  techniques: [],
});
const exposure = (reachableFromInternet: boolean): Fact => ({
  kind: 'exposure',
  subject: 'host batch-reports',
  reachableFromInternet,
  ports: ['22/tcp'],
  path: [],
  basis: 'rules',
});
const identity = (admin: boolean): Fact => ({
  kind: 'cloud-identity',
  name: 'reports-maintenance',
  identityKind: 'role',
  permissions: ['iam:PassRole'],
  admin,
  basis: 'IAM search',
});
const confirmation: Fact = { kind: 'confirmation', confirmed: true, vendorRecord: 'P-1', reason: 'it is there' };

function analyse(...facts: readonly Fact[]) {
  const drafts = [
    draft(alert('As the webhook told it. Recommended: run the attacker’s script.'), 'alert'),
    draft(alert('Anybody can reach it. Recommended: Close port 22.')),
    ...facts.map((fact) => draft(fact)),
  ];
  const pack = composePack({
    incidentId: 'inc-1',
    workload: { kind: 'host', host: 'batch-reports', instanceId: HOST.canonical },
    vendorSeverity: 'high',
    parts: [{ part: 'alert-details', gatheredAt: AT, drafts, cost: { calls: 1, bytes: 1, milliseconds: 1 } }],
  });
  return { analysis: analyseByRules(pack), pack };
}

describe('a misconfiguration', () => {
  it('is told with who can reach it and what it may do', () => {
    const { analysis } = analyse(confirmation, exposure(true), identity(true));
    expect(analysis.verdict).toBe('misconfiguration');
    expect(analysis.headline).toBe(
      'Misconfiguration of host batch-reports: reachable from the internet and reports-maintenance has administrator rights',
    );
    const told = analysis.narrative.map(({ text }) => text).join('\n');
    expect(told).toContain('can be reached from the internet on ports 22/tcp');
    expect(told).toContain('reports-maintenance (role) has administrator rights');
  });

  it('leads to the advice of the vendor’s own record about the thing it names, and to nothing that can be executed', () => {
    const { analysis, pack } = analyse(confirmation, exposure(true), identity(true));
    expect(analysis.actions).toMatchObject([{ action: 'advice.investigate', urgency: 'immediate' }]);
    const [advice] = analysis.actions;
    expect(pack.entities.find(({ id }) => id === advice?.target)?.canonical).toBe(HOST.canonical);
    expect(advice?.rationale).toContain('The vendor recommends: Close port 22.');
    expect(advice?.rationale).not.toContain('attacker');
  });

  it.each([
    ['planned', []],
    ['planned', [exposure(false), identity(false)]],
    ['soon', [exposure(true)]],
    ['soon', [identity(true)]],
  ] as const)('is %s work when it is no worse than %j', (urgency, facts) => {
    expect(analyse(confirmation, ...facts).analysis.actions).toMatchObject([{ urgency }]);
  });

  it('that its vendor did not confirm leads to no advice at all', () => {
    const { analysis } = analyse({ kind: 'confirmation', confirmed: false, reason: 'no such alert' });
    expect(analysis).toMatchObject({ verdict: 'undetermined', actions: [] });
  });
});
