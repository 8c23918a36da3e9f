import type { Entity } from '../../evidence/pack.ts';
import { BLOCK_PUBLIC_ACCESS } from '../command/aws.ts';
import type { Context, Draft } from '../context.ts';
import { templateOf, templateWords } from '../management.ts';
import { fixed, object, pairs } from '../patch/tree.ts';
import { command, hint, terraformPatch, yamlPatch } from '../steps.ts';
import type { Found } from './topics.ts';

const SETTINGS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;

/** A bucket nobody outside may read: first in its template, on the bucket itself otherwise or to win time. */
export function publicBucket(
  context: Context,
  _found: Found,
  target: Entity | undefined,
): Omit<Draft, 'why' | 'urgency'> {
  const { slots, investigation } = context;
  const { workload } = investigation.pack;
  const name = slots.take(
    'bucket',
    slots.only('bucket')?.text ?? (workload.kind === 'resource' ? workload.name : undefined),
  );
  const template = target === undefined ? undefined : templateOf(investigation.pack, target);
  const logicalId = template?.by === 'cloudformation' ? slots.maybe('logical-id', template.logicalId) : undefined;
  return {
    title: `Block public access to bucket ${name.text}`,
    steps: [
      command(slots, 'What is blocked now', ['aws', 's3api', 'get-public-access-block', '--bucket', name]),
      command(slots, 'Whether its policy makes it public', [
        'aws',
        's3api',
        'get-bucket-policy-status',
        '--bucket',
        name,
      ]),
      ...(template?.by === 'cloudformation'
        ? [
            yamlPatch(
              'cloudformation',
              'Block every way of making it public',
              `the template of stack ${slots.take('stack', template.stack).text}`,
              object({
                Resources: pairs([
                  [
                    logicalId ?? 'Bucket',
                    object({
                      Type: fixed('AWS::S3::Bucket'),
                      Properties: object({
                        PublicAccessBlockConfiguration: object(Object.fromEntries(SETTINGS.map((key) => [key, true]))),
                      }),
                    }),
                  ],
                ]),
              }),
            ),
          ]
        : []),
      ...(template?.by === 'terraform'
        ? [
            terraformPatch('Block every way of making it public', 'the configuration that holds the bucket', [
              {
                type: 'resource',
                labels: ['aws_s3_bucket_public_access_block', name],
                attributes: [
                  ['bucket', name],
                  ['block_public_acls', true],
                  ['ignore_public_acls', true],
                  ['block_public_policy', true],
                  ['restrict_public_buckets', true],
                ],
              },
            ]),
            command(slots, 'See that nothing else changes', ['terraform', 'plan']),
          ]
        : []),
      command(
        slots,
        template === undefined
          ? 'Block every way of making it public; who reads it without an identity gets errors'
          : `At once, until the change is in ${templateWords(template)}`,
        [
          'aws',
          's3api',
          'put-public-access-block',
          '--bucket',
          name,
          '--public-access-block-configuration',
          BLOCK_PUBLIC_ACCESS,
        ],
        { emergency: template !== undefined },
      ),
      hint(
        'If it is public on purpose (a web site), put a distribution with origin access in front of it. Look in its access log for who read it; without a log, assume everybody did.',
      ),
    ],
  };
}
