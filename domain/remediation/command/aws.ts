import type { CommandSpec, Place, ProgramSpec } from './grammar.ts';

const bucket = { '--bucket': { value: 'bucket' } } as const;
const user = { '--user-name': { value: 'user' } } as const;
const role = { '--role-name': { value: 'cloud-role' } } as const;
const group = { '--group-id': { value: 'security-group' } } as const;
const instance = { '--instance-id': { value: 'instance' } } as const;
const name = { '--function-name': { value: 'function' } } as const;
const database = { '--db-instance-identifier': { value: 'database' } } as const;

export const BLOCK_PUBLIC_ACCESS =
  'BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true';
export const ADMINISTRATOR_ACCESS = 'arn:aws:iam::aws:policy/AdministratorAccess';

type Flags = Readonly<Record<string, Place | 'switch'>>;
const reads = (verb: string, flags: Flags): CommandSpec => ({
  verb,
  effect: 'reads',
  flags,
  required: Object.keys(flags),
});

/** Every flag of a changing command is required: one that is left out means a default nobody looked at. */
const changes = (verb: string, flags: Flags, approval = false): CommandSpec => ({
  verb,
  effect: 'changes',
  flags,
  required: Object.keys(flags),
  ...(approval ? { approval } : {}),
});

export const AWS: ProgramSpec = {
  program: 'aws',
  flags: {
    '--region': { value: 'region' },
    '--output': { oneOf: ['json', 'text', 'table'] },
    '--no-cli-pager': 'switch',
  },
  commands: [
    reads('sts get-caller-identity', {}),
    reads('ec2 describe-security-groups', { '--group-ids': { value: 'security-group' } }),
    reads('ec2 describe-instances', { '--instance-ids': { value: 'instance' } }),
    reads('s3api get-public-access-block', bucket),
    reads('s3api get-bucket-acl', bucket),
    reads('s3api get-bucket-policy-status', bucket),
    reads('iam list-access-keys', user),
    reads('iam get-login-profile', user),
    reads('iam list-attached-user-policies', user),
    reads('iam list-user-policies', user),
    reads('iam list-attached-role-policies', role),
    reads('iam list-role-policies', role),
    reads('iam generate-service-last-accessed-details', { '--arn': { value: 'arn' } }),
    reads('rds describe-db-instances', database),
    reads('lambda get-function-configuration', name),
    reads('eks describe-cluster', { '--name': { value: 'cluster' } }),
    reads('eks list-access-entries', { '--cluster-name': { value: 'cluster' } }),
    changes(
      'ec2 revoke-security-group-ingress',
      {
        ...group,
        '--protocol': { oneOf: ['tcp', 'udp'] },
        '--port': { oneOf: ['22', '3389'] },
        '--cidr': { oneOf: ['0.0.0.0/0'] },
      },
      true,
    ),
    changes('ec2 modify-instance-metadata-options', {
      ...instance,
      '--http-tokens': { oneOf: ['required'] },
      '--http-put-response-hop-limit': { from: 1, to: 2 },
    }),
    changes('s3api put-public-access-block', {
      ...bucket,
      '--public-access-block-configuration': { oneOf: [BLOCK_PUBLIC_ACCESS] },
    }),
    changes('s3api put-bucket-acl', { ...bucket, '--acl': { oneOf: ['private'] } }),
    changes('iam detach-role-policy', { ...role, '--policy-arn': { oneOf: [ADMINISTRATOR_ACCESS] } }, true),
    changes('rds modify-db-instance', { ...database, '--no-publicly-accessible': 'switch' }, true),
    changes('lambda put-function-concurrency', { ...name, '--reserved-concurrent-executions': { oneOf: ['0'] } }, true),
    changes(
      'ssm send-command',
      {
        '--instance-ids': { value: 'instance' },
        '--document-name': { oneOf: ['AWS-RunPatchBaseline'] },
        '--parameters': { oneOf: ['Operation=Scan', 'Operation=Install'] },
      },
      true,
    ),
    { verb: 'iam delete-login-profile', effect: 'destroys', approval: true, flags: user, required: ['--user-name'] },
  ],
  refused: ['secretsmanager', 'configure', 'kms', 'organizations', 's3', 'cloudtrail', 'guardduty'],
};
