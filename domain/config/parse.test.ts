import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writtenConfiguration } from '../../test/fakes/configuration.ts';
import { ConfigurationError, parseConfiguration } from './parse.ts';

function problemsOf(value: unknown): { path: string; reason: string }[] {
  try {
    parseConfiguration(value);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return [...error.problems];
  }
}
const [cluster] = [
  { name: 'c', server: 'https://c.example.com', readSecret: 'parapet/read', writeSecret: 'parapet/write' },
];
const approver = { id: 'lead', name: 'Lead', mail: 'lead@example.com', may: [{ actions: ['*'] }] };

describe('parseConfiguration', () => {
  it('fills in what may be left out', () => {
    const config = parseConfiguration(writtenConfiguration());
    expect(config.incidents).toEqual({ windowMinutes: 60, minimumSeverityToAct: 'medium', lowSeverityPerMinute: 60 });
    expect(config.approvals).toMatchObject({
      expiresAfterSeconds: 1800,
      linkSecret: 'parapet/approval-links',
      groups: [],
      policy: [],
      delegations: [],
    });
    expect(config.sources['prisma-cloud-compute']?.webhook).toMatchObject({
      bodyLimitBytes: 1_048_576,
      ratePerSecond: 200,
    });
    expect(config).toMatchObject({ rollout: [], approvers: [], actions: {}, destinations: {} });
    expect(config.clusters[0]).toMatchObject({ environment: 'production', protectedNamespaces: [] });
  });

  it('names every place that is wrong at once, with its path', () => {
    const problems = problemsOf(
      writtenConfiguration({
        deployment: { name: 'No Spaces' },
        clusters: [cluster, { ...cluster, server: 'http://c.example.com' }],
        incidents: { windowMinutes: 0 },
      }),
    );
    expect(problems.map(({ path }) => path)).toEqual([
      'deployment.name',
      'incidents.windowMinutes',
      'clusters[1].server',
    ]);
  });

  it('refuses a key it does not know - a spelling mistake must not switch something off silently', () => {
    expect(problemsOf(writtenConfiguration({ rolout: [] }))).toEqual([
      { path: '', reason: expect.stringContaining('rolout') },
    ]);
  });

  it('quotes a path that is no name', () => {
    const sources = { 'prisma-cloud-compute': { webhook: { secret: 'x', allowedNetworks: [] } } };
    const paths = problemsOf(writtenConfiguration({ sources })).map(({ path }) => path);
    expect(paths).toContain('sources["prisma-cloud-compute"].webhook.allowedNetworks');
  });

  it('refuses two clusters or two approvers of one name', () => {
    const problems = problemsOf(
      writtenConfiguration({
        clusters: [cluster, cluster],
        approvers: [approver, approver],
      }),
    );
    expect(problems.map(({ path }) => path)).toEqual(['clusters[1].name', 'approvers[1].id']);
  });

  it('refuses one secret for reading and containing (rule 8)', () => {
    const problems = problemsOf(writtenConfiguration({ clusters: [{ ...cluster, writeSecret: cluster?.readSecret }] }));
    expect(problems).toEqual([
      { path: 'clusters[0].writeSecret', reason: expect.stringContaining('another secret than readSecret') },
    ]);
  });

  it('asks for a mail sender when approvers are to be asked, and only then', () => {
    const actions = { 'kubernetes.quarantine-pod': { gate: 'ask' } };
    const paths = (change: object) => problemsOf(writtenConfiguration({ ...change })).map(({ path }) => path);
    expect(paths({ actions, approvers: [approver] })).toEqual(['destinations.mail']);
    const destinations = { mail: { from: 'parapet@example.com' } };
    expect(paths({ actions, approvers: [approver], destinations })).toEqual([]);
    expect(paths({ actions: { 'kubernetes.quarantine-pod': { gate: 'suggest' } }, approvers: [approver] })).toEqual([]);
  });

  it.each([undefined, null, 'text', 7, [], {}])('refuses %j with a ConfigurationError, never another one', (value) => {
    expect(problemsOf(value).length).toBeGreaterThan(0);
  });

  it('gives a ConfigurationError or a configuration for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('deployment', 'sources', 'clusters', 'approvers'), (value, key) => {
        problemsOf(writtenConfiguration({ [key]: value }));
      }),
    );
  });
});
