import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  INCIDENT_ID,
  storyAction,
  storyAnalysis,
  storyIncident,
  storyPack,
  storyPlan,
} from '../../test/stories/asked-action.ts';
import { INCIDENT_STATUSES, OUTCOMES } from '../incident/incident.ts';
import type { Severity } from '../severity.ts';
import { executionUrl } from './execution-link.ts';
import { conclusionLine, incidentDocument, incidentTitle } from './incident-document.ts';
import { incidentSummary } from './incident-summary.ts';
import { readableDuration, readableTime, shorten } from './text.ts';
import { authorWords, outcomeWords, statusWords } from './words.ts';

const bodies = { incident: storyIncident(), analysis: storyAnalysis(), pack: storyPack(), plan: storyPlan() };

describe('the document of an incident', () => {
  it('begins with the facts people look for first', () => {
    expect(incidentDocument(bodies)[0]).toEqual({
      type: 'facts',
      rows: [
        { label: 'Incident', value: INCIDENT_ID },
        { label: 'Status', value: 'waiting for a decision by an approver' },
        { label: 'Severity', value: 'critical' },
        { label: 'Verdict', value: `malicious (confidence ${bodies.analysis.confidence})` },
        { label: 'Workload', value: 'payments/checkout in prod-eks' },
        { label: 'Source', value: 'prisma-cloud-compute, confirmed by the vendor' },
        { label: 'Findings', value: '2' },
        { label: 'Received', value: '2025-10-14 09:17:05 UTC' },
        { label: 'Opened', value: '2025-10-14 09:17:10 UTC' },
      ],
    });
  });

  it('shows each planned action with target, gate, reason and undo, and the advice with why it is not executed', () => {
    const text = JSON.stringify(incidentDocument(bodies));
    expect(text).toContain('Pod payments/checkout-6d9f7c5b8d-x2x9q in cluster prod-eks');
    expect(text).toContain('waits for an approver: The rollout phase here is assist: people are asked.');
    expect(text).toContain('This ticket cannot approve anything.');
    expect(text).toContain('not executed: This is advice for people');
  });

  it('does not claim that people were asked when nobody is', () => {
    const plan = storyPlan([storyAction({ gate: 'suggest' })]);
    expect(JSON.stringify(incidentDocument({ ...bodies, plan }))).not.toContain('Approvers were asked');
  });

  it('names what it could not read', () => {
    const text = JSON.stringify(incidentDocument({ incident: storyIncident({ confirmed: false }) }));
    expect(text).toContain('The analysis could not be read');
    expect(text).toContain('No plan was made');
    expect(text).toContain('not confirmed by the vendor');
  });

  it('shows the worse of alert and analysis, so that no list shows less than the incident is', () => {
    const alertIs = (severity: Severity) => ({ ...bodies.incident, severity });
    const title = (alert: Severity, analysed: Severity) =>
      incidentTitle({ incident: alertIs(alert), analysis: storyAnalysis({ severity: analysed }) });
    expect(title('high', 'critical')).toMatch(/^\[critical\]/);
    expect(title('critical', 'low')).toMatch(/^\[critical\]/);
    expect(incidentTitle({ incident: alertIs('high') })).toMatch(/^\[high\]/);
  });

  it('has a title of one line, defanged and short enough for a list, whatever the headline', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (headline) => {
        const title = incidentTitle({ ...bodies, analysis: storyAnalysis({ headline }) });
        expect(title.length).toBeLessThanOrEqual(250);
        expect(title).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe('the summary for chat', () => {
  it('says the outcome first when there is one, and who wrote the sentences last', () => {
    const incident = storyIncident({ status: 'concluded', outcome: 'contained' });
    const { title, blocks } = incidentSummary({ ...bodies, incident }, 'https://example.com/browse/SEC-2');
    expect(title).toMatch(/^\[critical\] Crypto-miner/);
    expect(blocks[0]).toEqual({ type: 'paragraph', text: conclusionLine(incident) });
    expect(blocks.slice(-2)).toEqual([
      { type: 'paragraph', text: authorWords(bodies.analysis) },
      { type: 'link', text: 'Ticket', url: 'https://example.com/browse/SEC-2' },
    ]);
  });
});

describe('words', () => {
  it('exist for every status and outcome, each its own', () => {
    expect(new Set(INCIDENT_STATUSES.map(statusWords)).size).toBe(INCIDENT_STATUSES.length);
    expect(new Set(OUTCOMES.map(outcomeWords)).size).toBe(OUTCOMES.length);
  });

  it('say why the rules wrote alone although a model is configured', () => {
    const writtenBy = { ...bodies.analysis.writtenBy, fallback: 'the model did not answer' };
    expect(authorWords({ writtenBy })).toMatch(/without a model \(the model did not answer\)$/);
  });
});

describe('texts', () => {
  it('are cut between characters and say so', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdefg', 6)).toBe('abcde…');
    expect(shorten('ab👩👩', 4)).toBe('ab…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, limit) => {
        expect(shorten(text, limit).length).toBeLessThanOrEqual(limit);
        expect(shorten(text.toWellFormed(), limit).isWellFormed()).toBe(true);
      }),
    );
  });

  it('write times and durations one way', () => {
    expect(readableTime('2025-10-14T09:17:10.500Z')).toBe('2025-10-14 09:17:10 UTC');
    expect([-5, 90, 1800, 7200, 200_000].map(readableDuration)).toEqual([
      '0 seconds',
      '90 seconds',
      '30 minutes',
      '2 hours',
      '2 days',
    ]);
  });
});

describe('the link to a run', () => {
  const arn = 'arn:aws:states:us-east-1:111122223333:execution:parapet-incident:inc-1';
  it('leads to the console of its region', () => {
    expect(executionUrl(arn)).toBe(
      `https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${encodeURIComponent(arn)}`,
    );
  });

  it.each([
    undefined,
    '',
    'arn:aws:states:evil.example.net/:1:execution:a:b',
    `${arn}/../x`,
    arn.replace('us-east-1', 'x'),
  ])('is left out for %s, which is no run of ours', (text) => {
    expect(executionUrl(text)).toBeUndefined();
  });
});
