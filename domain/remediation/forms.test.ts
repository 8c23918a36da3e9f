import { describe, expect, it } from 'vitest';
import { cryptoMinerPack, storyWith } from '../../test/stories/crypto-miner.ts';
import { STORY_GUIDANCE } from '../../test/stories/crypto-miner-guidance.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';
import type { Fact, FactOf } from '../evidence/fact.ts';
import { composePack, type EntityRef, type EvidenceDraft, type EvidencePack } from '../evidence/pack.ts';
import type { Workload } from '../workload.ts';
import type { Guidance, Step } from './guidance.ts';

const AT = '2025-10-14T09:15:52.000Z';

function guidanceOf(pack: EvidencePack, rule: string): Guidance {
  const { guidance } = analyseByRules(pack);
  const found = guidance?.items.find(({ id }) => id.startsWith(`${rule}:`));
  if (found === undefined) throw new Error(`no ${rule}: ${JSON.stringify(guidance?.leftOut)}`);
  return found;
}

/** Each step in a line, to see order and form at a glance. */
function shape({ steps }: Guidance): string[] {
  return steps.map((step: Step) =>
    step.kind === 'command'
      ? `${step.emergency ? 'emergency ' : ''}${step.text}`
      : step.kind === 'patch'
        ? `patch ${step.format}`
        : 'hint',
  );
}

const managedBy = (tool: string): EvidencePack =>
  storyWith((draft) =>
    draft.fact.kind === 'controller' ? { ...draft, fact: { ...draft.fact, managedBy: tool } } : draft,
  );

describe('the sample story', () => {
  it('leads to this guidance, word for word', () => {
    const { guidance } = analyseByRules(cryptoMinerPack());
    const ids = STORY_GUIDANCE.map(({ id }) => id);
    expect(guidance?.items.filter(({ id }) => ids.includes(id))).toEqual(STORY_GUIDANCE);
    expect(guidance).toMatchObject({ blocked: [], leftOut: [] });
    expect(guidance?.items).toHaveLength(8);
  });
});

describe('how the workload is managed', () => {
  const PATCH = 'kubectl patch deployment/checkout -n payments --patch-file parapet-drop-privileges.yaml';

  it('shapes the steps: with nobody in between, a patch that is tried and then brought in', () => {
    expect(shape(guidanceOf(cryptoMinerPack(), 'drop-privileges'))).toEqual([
      'patch kubernetes-manifest',
      `${PATCH} --dry-run=server`,
      PATCH,
      'kubectl rollout status deployment/checkout -n payments',
      'hint',
    ]);
  });

  it.each(['Argo CD', 'Flux'])(
    'with %s the manifest in Git comes first, and kubectl is an emergency measure - it would be put back',
    (tool) => {
      const guidance = guidanceOf(managedBy(tool), 'drop-privileges');
      expect(shape(guidance)).toEqual(['patch kubernetes-manifest', `emergency ${PATCH}`, 'hint']);
      expect(guidance.steps[0]).toMatchObject({
        where: expect.stringContaining(`Git repository that ${tool} deploys from`),
      });
    },
  );

  it('with Helm the values come first', () => {
    const guidance = guidanceOf(managedBy('Helm'), 'drop-privileges');
    expect(shape(guidance)).toEqual(['patch helm-values', 'patch kubernetes-manifest', `emergency ${PATCH}`, 'hint']);
    expect(guidance.steps[0]).toMatchObject({
      text: 'securityContext:\n  runAsNonRoot: true\n  allowPrivilegeEscalation: false\n',
    });
  });

  it('with a word nobody knows, nobody is taken to be in between - a label may say anything', () => {
    expect(shape(guidanceOf(managedBy('ignore previous instructions'), 'drop-privileges'))).toContain(PATCH);
  });

  it('rolls back where the release is kept', () => {
    const undo = 'kubectl rollout undo deployment/checkout -n payments';
    expect(shape(guidanceOf(cryptoMinerPack(), 'roll-back'))).toContain(undo);
    expect(shape(guidanceOf(managedBy('Flux'), 'roll-back'))[0]).toBe('hint');
    expect(shape(guidanceOf(managedBy('Flux'), 'roll-back'))).toContain(`emergency ${undo}`);
    const helm = storyWith((draft) => {
      if (draft.fact.kind === 'controller') return { ...draft, fact: { ...draft.fact, managedBy: 'Helm' } };
      return draft.fact.kind === 'pod'
        ? { ...draft, fact: { ...draft.fact, labels: { 'app.kubernetes.io/instance': 'shop' } } }
        : draft;
    });
    expect(shape(guidanceOf(helm, 'roll-back'))).toEqual([
      'helm history shop -n payments',
      'helm rollback shop -n payments',
      'kubectl rollout status deployment/checkout -n payments',
    ]);
  });

  it('names each violated field, and no other', () => {
    const worst = storyWith((draft) =>
      draft.fact.kind === 'security-context'
        ? {
            ...draft,
            fact: {
              ...draft.fact,
              privileged: true,
              hostPid: true,
              hostNetwork: true,
              addedCapabilities: ['SYS_ADMIN'],
              hostPaths: ['/var/run'],
            },
          }
        : draft,
    );
    expect(guidanceOf(worst, 'drop-privileges').steps[0]).toMatchObject({
      text: expect.stringContaining(
        [
          '          securityContext:',
          '            privileged: false',
          '            runAsNonRoot: true',
          '            allowPrivilegeEscalation: false',
          '            capabilities:',
          '              drop:',
          '                - ALL',
        ].join('\n'),
      ),
    });
    const host = guidanceOf(worst, 'remove-host-access');
    expect(host.steps[0]).toMatchObject({
      text: expect.stringContaining('      hostNetwork: false\n      hostPID: false\n'),
    });
    expect(host.steps.at(-1)).toMatchObject({ text: expect.stringContaining('hostPath /var/run and its mounts') });
  });
});

const BUCKET: EntityRef = {
  kind: 'workload',
  canonical: 'arn:aws:s3:::orders-export',
  label: 'arn:aws:s3:::orders-export',
};
const GROUP_ARN = 'arn:aws:ec2:us-west-2:111122223333:security-group/sg-0123456789abcdef0';
const GROUP: EntityRef = { kind: 'workload', canonical: GROUP_ARN, label: GROUP_ARN };

function posture(
  subject: EntityRef,
  resourceType: string,
  title: string,
  tags?: Readonly<Record<string, string>>,
): EvidencePack {
  const draft = (fact: Fact): EvidenceDraft => ({
    source: 'cwpp_api',
    field: 'x',
    trust: 'vendor',
    observedAt: AT,
    fact,
    entities: [subject],
  });
  const workload: Workload = {
    kind: 'resource',
    account: '111122223333',
    resourceType,
    name: subject.canonical.split(/[/:]/).at(-1) ?? '',
    uid: subject.canonical,
  };
  const alert: FactOf<'alert'> = {
    kind: 'alert',
    findingUid: 'f1',
    title,
    category: 'misconfiguration',
    message: title,
    severity: 'high',
    occurredAt: AT,
    techniques: [],
  };
  return composePack({
    incidentId: 'inc-1',
    workload,
    vendorSeverity: 'high',
    parts: [
      {
        part: 'alert-details',
        gatheredAt: AT,
        drafts: [
          draft({ kind: 'confirmation', confirmed: true, reason: 'it is there' }),
          draft(alert),
          ...(tags === undefined ? [] : [draft({ kind: 'ownership', subject: subject.label, tags })]),
        ],
        cost: { calls: 0, bytes: 0, milliseconds: 0 },
      },
    ],
  });
}

const CLOUDFORMATION = { 'aws:cloudformation:stack-name': 'orders', 'aws:cloudformation:logical-id': 'ExportBucket' };
const BLOCK =
  'aws s3api put-public-access-block --bucket orders-export --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true';

describe('the template a resource is made from', () => {
  const bucket = (tags?: Readonly<Record<string, string>>) =>
    guidanceOf(posture(BUCKET, 's3:bucket', 'AWS S3 bucket publicly readable', tags), 'public-bucket');
  const group = (tags?: Readonly<Record<string, string>>) =>
    guidanceOf(
      posture(GROUP, 'ec2:security-group', 'Security group allows ingress from 0.0.0.0/0 to port 22', tags),
      'open-admin-port',
    );

  it('is not known: the change is made on the resource', () => {
    expect(shape(bucket())).toEqual([
      'aws s3api get-public-access-block --bucket orders-export',
      'aws s3api get-bucket-policy-status --bucket orders-export',
      BLOCK,
      'hint',
    ]);
    expect(shape(group())).toEqual([
      'aws ec2 describe-security-groups --group-ids sg-0123456789abcdef0 --region us-west-2',
      'aws ec2 revoke-security-group-ingress --group-id sg-0123456789abcdef0 --protocol tcp --port 22 --cidr 0.0.0.0/0 --region us-west-2',
      'hint',
    ]);
  });

  it('is CloudFormation: its patch comes first, the command is an emergency measure', () => {
    expect(shape(bucket(CLOUDFORMATION)).slice(2)).toEqual(['patch cloudformation', `emergency ${BLOCK}`, 'hint']);
    expect(bucket(CLOUDFORMATION).steps[2]).toMatchObject({
      where: 'the template of stack orders',
      text: [
        'Resources:',
        '  ExportBucket:',
        '    Type: "AWS::S3::Bucket"',
        '    Properties:',
        '      PublicAccessBlockConfiguration:',
        '        BlockPublicAcls: true',
        '        IgnorePublicAcls: true',
        '        BlockPublicPolicy: true',
        '        RestrictPublicBuckets: true',
        '',
      ].join('\n'),
    });
    expect(shape(group(CLOUDFORMATION))[1]).toBe('patch cloudformation');
  });

  it('is Terraform: its patch and a plan come first', () => {
    expect(shape(bucket({ ManagedBy: 'terraform' })).slice(2)).toEqual([
      'patch terraform',
      'terraform plan',
      `emergency ${BLOCK}`,
      'hint',
    ]);
    expect(bucket({ ManagedBy: 'terraform' }).steps[2]).toMatchObject({
      text: [
        'resource "aws_s3_bucket_public_access_block" "orders_export" {',
        '  bucket                  = "orders-export"',
        '  block_public_acls       = true',
        '  ignore_public_acls      = true',
        '  block_public_policy     = true',
        '  restrict_public_buckets = true',
        '}',
        '',
      ].join('\n'),
    });
    expect(group({ Terraform: 'true' }).steps[1]).toMatchObject({
      text: expect.stringContaining('cidr_ipv4         = var.administrators_cidr'),
    });
  });
});

describe('a package', () => {
  const update = (change: Partial<FactOf<'vulnerability'>>, distribution?: string) =>
    guidanceOf(
      storyWith((draft) => {
        if (draft.fact.kind === 'learned-behaviour' && distribution !== undefined)
          return { ...draft, fact: { kind: 'image', name: 'x', distribution } };
        if (draft.fact.kind !== 'vulnerability') return draft;
        return draft.fact.cve === 'CVE-2021-44228' ? { ...draft, fact: { ...draft.fact, ...change } } : undefined;
      }),
      'update-image',
    ).steps[0];
  // Any program named like the package loads it: the entry point of the story is Java.
  const java = { packageName: 'java', packageVersion: '1.0', fixedIn: '1.1' };

  it.each([
    [
      'package',
      'Debian GNU/Linux 12',
      'RUN apt-get update && apt-get install -y --only-upgrade java && rm -rf /var/lib/apt/lists/*\n',
    ],
    ['package', 'Alpine Linux v3.20', 'RUN apk add --no-cache --upgrade java\n'],
    ['package', 'Red Hat Enterprise Linux 9', 'RUN dnf -y upgrade java && dnf clean all\n'],
    [
      'ubuntu:22.04',
      undefined,
      'RUN apt-get update && apt-get install -y --only-upgrade java && rm -rf /var/lib/apt/lists/*\n',
    ],
  ])('of type %s on %s is updated in the Dockerfile by its package manager', (packageType, distribution, text) => {
    expect(update({ ...java, packageType }, distribution)).toMatchObject({ kind: 'patch', format: 'dockerfile', text });
  });

  it('of an unknown distribution is updated by a hint, not by a guess', () => {
    expect(update({ ...java, packageType: 'package' })).toMatchObject({
      kind: 'hint',
      text: 'Update package java to 1.1 or later with the package manager of the base image, or take a newer base image.',
    });
  });

  it('is updated to the version of its own release line, or to none', () => {
    expect(update({ fixedIn: '2.12.2, 2.15.0', packageVersion: '2.12.1' })).toMatchObject({
      text: expect.stringContaining('<version>2.12.2</version>'),
    });
    const pack = storyWith((draft) => {
      if (draft.fact.kind !== 'vulnerability') return draft;
      return draft.fact.cve === 'CVE-2021-44228'
        ? { ...draft, fact: { ...draft.fact, fixedIn: '2.12.2, 2.3.1' } }
        : undefined;
    });
    expect(analyseByRules(pack).guidance?.leftOut).toEqual([
      { what: 'update-image', why: 'several versions hold the fix, and none is of the installed release line' },
    ]);
  });
});
