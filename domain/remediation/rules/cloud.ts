import { claim, entitiesIn, factsOf, type Piece, quote } from '../../analysis/rules/facts.ts';
import type { Entity } from '../../evidence/pack.ts';
import { readArn } from '../arn.ts';
import { ADMINISTRATOR_ACCESS } from '../command/aws.ts';
import { type Context, type Draft, guide, type Outcome, urgencyOf } from '../context.ts';
import type { Step } from '../guidance.ts';
import { templateOf } from '../management.ts';
import { fixed, object } from '../patch/tree.ts';
import type { Slot, Slots } from '../slots.ts';
import { command, hint, terraformPatch, yamlPatch } from '../steps.ts';
import { regionFlag, workloadEntity } from './subject.ts';

const METADATA = '169.254.169.254';
const STOLEN = /InstanceCredentialExfiltration|instance metadata|\bIMDS|metadata service|MetadataDNSRebind/i;

/** Credentials of an instance that were, or could be, fetched from its metadata service by whatever runs on it. */
export function metadataService(context: Context): Outcome[] {
  const { pack } = context.investigation;
  const asked = factsOf(pack, 'connection').filter(({ fact }) => fact.destinationIp === METADATA);
  const told = factsOf(pack, 'alert').filter(({ fact }) =>
    STOLEN.test(`${fact.title} ${fact.category} ${fact.rule ?? ''}`),
  );
  const items = [...told, ...asked].map(({ item }) => item);
  if (items.length === 0) return [];
  const target = pack.workload.kind === 'host' ? workloadEntity(pack) : undefined;
  return [
    guide(context, 'metadata-service', target, () => {
      const { slots } = context;
      const instance = slots.take(
        'instance',
        pack.workload.kind === 'host' ? (pack.workload.instanceId ?? pack.workload.host) : undefined,
      );
      const template = target === undefined ? undefined : templateOf(pack, target);
      return {
        title: `Let only IMDSv2 with one hop answer on instance ${instance.text}`,
        why: [
          claim('observed', 'Credentials of the instance came, or may have come, from its metadata service.', items),
        ],
        steps: [
          ...(template?.by === 'terraform'
            ? [
                terraformPatch(
                  'Require tokens, and let no container ask',
                  `the aws_instance or launch template of ${instance.text}`,
                  [
                    {
                      type: 'metadata_options',
                      attributes: [
                        ['http_tokens', { fixed: 'required' }],
                        ['http_put_response_hop_limit', 1],
                      ],
                    },
                  ],
                ),
              ]
            : []),
          ...(template?.by === 'cloudformation'
            ? [
                yamlPatch(
                  'cloudformation',
                  'Require tokens, and let no container ask',
                  `the launch template in stack ${slots.take('stack', template.stack).text}`,
                  object({
                    LaunchTemplateData: object({
                      MetadataOptions: object({ HttpTokens: fixed('required'), HttpPutResponseHopLimit: 1 }),
                    }),
                  }),
                ),
              ]
            : []),
          command(
            slots,
            template === undefined
              ? 'Require tokens, and let no container ask'
              : 'At once; the template brings the old setting back with the next instance',
            [
              'aws',
              'ec2',
              'modify-instance-metadata-options',
              '--instance-id',
              instance,
              '--http-tokens',
              'required',
              '--http-put-response-hop-limit',
              '1',
              ...regionFlag(slots),
            ],
            { emergency: template !== undefined },
          ),
          hint(
            'Revoke the sessions of the role of the instance (IAM console: role, Revoke sessions): what was fetched before stays valid until it expires. Software that knows only IMDSv1 must be updated first.',
          ),
        ],
        urgency: urgencyOf(context),
      };
    }),
  ];
}

/** An identity that may do more than it should, where the workload uses it. */
export function narrowIdentity(context: Context): Outcome[] {
  const { pack } = context.investigation;
  const strong = factsOf(pack, 'cloud-identity').filter(
    ({ fact }) => fact.admin === true || fact.highPrivileges === true,
  );
  return strong.slice(0, 3).map((one) => {
    const target = entitiesIn(pack, one.item, 'principal')[0];
    return guide(context, 'narrow-identity', target, () => identityDraft(context, one, target));
  });
}

function identityDraft(
  { slots, underAttack }: Context,
  { fact, item }: Piece<'cloud-identity'>,
  target: Entity | undefined,
): Draft {
  const isUser = /user/i.test(fact.identityKind);
  const arn = slots.maybe('arn', target?.canonical);
  const named = arn === undefined ? undefined : readArn(arn.text);
  const name = slots.take(isUser ? 'user' : 'cloud-role', named?.name ?? fact.name);
  return {
    title: `Give ${isUser ? 'user' : 'role'} ${name.text} only what it uses`,
    why: [
      claim(
        'observed',
        `${quote(fact.name, 120)} has ${fact.admin === true ? 'administrator rights' : 'high privileges'} (${quote(fact.basis, 300)}).`,
        [item],
      ),
    ],
    steps: [
      command(
        slots,
        'Which policies give it its rights',
        isUser
          ? ['aws', 'iam', 'list-attached-user-policies', '--user-name', name]
          : ['aws', 'iam', 'list-attached-role-policies', '--role-name', name],
      ),
      ...usedServices(slots, arn),
      hint('Let IAM Access Analyzer write a policy from its recorded use, and attach that one first.'),
      ...(isUser ? [] : withoutAdministrator(slots, name, fact.basis)),
    ],
    urgency: underAttack ? 'soon' : 'planned',
  };
}

function usedServices(slots: Slots, arn: Slot | undefined): Step[] {
  return arn === undefined
    ? []
    : [
        command(slots, 'Which services it has used, and when', [
          'aws',
          'iam',
          'generate-service-last-accessed-details',
          '--arn',
          arn,
        ]),
      ];
}

function withoutAdministrator(slots: Slots, role: Slot, basis: string): Step[] {
  return /\bAdministratorAccess\b/.test(basis)
    ? [
        command(slots, 'Then take the administrator policy away', [
          'aws',
          'iam',
          'detach-role-policy',
          '--role-name',
          role,
          '--policy-arn',
          ADMINISTRATOR_ACCESS,
        ]),
      ]
    : [];
}

/** A function that is under attack has no pod to isolate: no more copies of it are started. */
export function stopFunction(context: Context): Outcome[] {
  const { pack } = context.investigation;
  if (pack.workload.kind !== 'function' || !context.underAttack) return [];
  const alerts = factsOf(pack, 'alert').map(({ item }) => item);
  return [
    guide(context, 'stop-function', workloadEntity(pack), () => {
      const { slots } = context;
      const name = slots.take('function', pack.workload.kind === 'function' ? pack.workload.name : undefined);
      return {
        title: `Stop function ${name.text} until its code and its packages are looked through`,
        why: [claim('observed', `The vendor reports an attack by or on function ${name.text}.`, alerts)],
        steps: [
          command(slots, 'Which role it has and when its code was changed', [
            'aws',
            'lambda',
            'get-function-configuration',
            '--function-name',
            name,
            ...regionFlag(slots),
          ]),
          command(
            slots,
            'Start no more copies; whoever calls it gets errors',
            [
              'aws',
              'lambda',
              'put-function-concurrency',
              '--function-name',
              name,
              '--reserved-concurrent-executions',
              '0',
              ...regionFlag(slots),
            ],
            { emergency: true },
          ),
          hint('Revoke the sessions of its role, and replace what stands in its environment variables.'),
          hint('Deploy it again from source with updated packages; then delete the reserved concurrency.'),
        ],
        urgency: urgencyOf(context),
      };
    }),
  ];
}
