import { describe, expect, it } from 'vitest';
import { storyAnalysis, storyIncident, storyPack } from '../../test/stories/asked-action.ts';
import { VERDICTS } from '../analysis/analysis.ts';
import { OUTCOMES } from '../incident/incident.ts';
import { SEVERITIES } from '../severity.ts';
import { deservesOwnMessage, digestEntry, needsLookingAt } from './digest-entry.ts';

const STOOD_AT = '2025-10-14T09:20:00.000Z';

describe('an incident in the line of the digest', () => {
  it('keeps words that whoever posts them may take as they are: one line, cut, addresses unclickable', () => {
    const pack = storyPack();
    const [domain] = pack.entities.filter(({ kind }) => kind === 'domain');
    if (domain === undefined) throw new Error('the story names a domain');
    const headline = `Contact with ${domain.label}\nand http://203.0.113.7/x ${'x'.repeat(300)}`;
    const entry = digestEntry({ incident: storyIncident(), analysis: storyAnalysis({ headline }), pack }, STOOD_AT);
    expect(entry.headline).toMatch(/^Contact with [^\n]+ and hxxp:\/\/203\[\.\]0\[\.\]113\[\.\]7\/x x+.*$/);
    expect(entry.headline).not.toContain(domain.label);
    const what = 'Shell \u202egnp.exe\u0007\n<!channel>';
    const items = pack.items.map((item) => ({
      ...item,
      fact: item.fact.kind === 'alert' ? { ...item.fact, title: what } : item.fact,
    }));
    expect(digestEntry({ incident: storyIncident(), pack: { ...pack, items } }, STOOD_AT).what).toMatch(
      /^Shell gnp\.exe <!channel> \[removed: 2 invisible\]$/,
    );
    expect(entry.headline.length).toBeLessThanOrEqual(240);
  });

  it('is called what its first alert is called, and says so when that could not be read', () => {
    const incident = storyIncident({ severity: 'low', headline: 'A headline of old' });
    expect(digestEntry({ incident, pack: storyPack() }, STOOD_AT)).toEqual({
      incidentId: incident.incidentId,
      stoodAt: STOOD_AT,
      severity: 'low',
      what: 'Crypto miner process',
      headline: 'A headline of old',
      workload: 'payments/checkout in prod-eks',
    });
    expect(digestEntry({ incident }, STOOD_AT).what).toBe('Alert without a readable title');
  });
});

describe('whether an incident has a message of its own in a flood', () => {
  it.each(SEVERITIES)('depends on its severity: %s', (severity) => {
    const incident = storyIncident({ severity, verdict: 'suspicious' });
    expect(deservesOwnMessage({ incident })).toBe(severity === 'high' || severity === 'critical');
    const analysis = storyAnalysis({ severity, verdict: 'suspicious' });
    expect(deservesOwnMessage({ incident: storyIncident({ severity: 'low' }), analysis })).toBe(
      severity === 'high' || severity === 'critical',
    );
  });

  it.each(VERDICTS)('depends on its verdict: %s', (verdict) => {
    expect(deservesOwnMessage({ incident: storyIncident({ severity: 'low', verdict }) })).toBe(verdict === 'malicious');
  });

  it('is said again of ends that somebody must look at', () => {
    expect(OUTCOMES.filter(needsLookingAt)).toEqual([
      'partially-contained',
      'rolled-back',
      'action-failed',
      'expired',
      'decided-too-late',
      'failed',
    ]);
  });
});
