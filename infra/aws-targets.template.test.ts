import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../domain/config/parse.ts';
import { statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

const ACCOUNT = '444455556666';
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

function assumable(
  actions: Readonly<Record<string, { readonly gate: 'ask' | 'suggest' }>>,
  eks?: Readonly<Record<string, string>>,
  rightsRole?: string,
): Record<string, unknown> {
  const sample = sampleConfiguration();
  const template = synthesise({
    configuration: parseConfiguration({
      ...sample,
      clusters: sample.clusters.map((cluster) => ({ ...cluster, ...(eks && { eks }) })),
      actions: { ...sample.actions, ...actions },
      accounts: [
        {
          id: ACCOUNT,
          regions: ['eu-central-1'],
          readRole: role('parapet-read'),
          writeRoles: role('parapet-{action}'),
          externalIdSecret: 'parapet/aws/444455556666',
          ...(rightsRole === undefined ? {} : { rightsRole }),
        },
      ],
    }),
  });
  return Object.fromEntries(
    [...statementsByVerb(template)].flatMap(([verb, statements]) => {
      const roles = statements
        .filter(({ Action }) => Action.includes('sts:AssumeRole'))
        .flatMap(({ Resource }) => Resource);
      return roles.length === 0 ? [] : [[verb, roles.sort()]];
    }),
  );
}

describe('roles in other accounts', () => {
  it('are assumed by the verbs that read and act alone, and only for what is switched on', () => {
    const actions = { 'aws.isolate-instance': { gate: 'ask' }, 'aws.deny-all': { gate: 'suggest' } } as const;
    expect(assumable(actions)).toEqual({
      'gather-kubernetes': [role('parapet-read')],
      plan: [role('parapet-read')],
      verify: [role('parapet-read')],
      watch: [role('parapet-read')],
      'plan-undo': [role('parapet-read')],
      'verify-undo': [role('parapet-read')],
      execute: [role('parapet-isolate-instance')],
      'roll-back': [role('parapet-isolate-instance-undo')],
    });
  });

  it('log in to an EKS cluster: to read wherever it is read, to contain where it is contained', () => {
    const eks = { name: 'prod-eks', region: 'eu-central-1', readRole: role('eks-read'), writeRole: role('eks-write') };
    expect(assumable({}, eks)).toEqual({
      'gather-kubernetes': [role('eks-read'), role('parapet-read')],
      plan: [role('eks-read'), role('parapet-read')],
      verify: [role('eks-read'), role('parapet-read')],
      watch: [role('eks-read'), role('parapet-read')],
      'plan-undo': [role('eks-read'), role('parapet-read')],
      'verify-undo': [role('eks-read'), role('parapet-read')],
      execute: [role('eks-write')],
      'roll-back': [role('eks-write')],
    });
  });

  it('ask IAM about approvers only where people are asked and decide, who can assume nothing else there', () => {
    const asked = assumable({}, undefined, role('parapet-rights'));
    const asking = Object.entries(asked).filter(([, roles]) => JSON.stringify(roles).includes('parapet-rights'));
    expect(Object.fromEntries(asking)).toEqual({
      'request-approval': [role('parapet-rights')],
      'chase-approvals': [role('parapet-rights')],
      decide: [role('parapet-rights')],
    });
  });
});
