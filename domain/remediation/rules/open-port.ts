import { factsOf } from '../../analysis/rules/facts.ts';
import type { Entity } from '../../evidence/pack.ts';
import type { Context, Draft } from '../context.ts';
import { templateOf, templateWords } from '../management.ts';
import { fixed, object, pairs } from '../patch/tree.ts';
import { command, hint, terraformPatch, yamlPatch } from '../steps.ts';
import { regionFlag } from './subject.ts';
import type { Found } from './topics.ts';

function portIn({ investigation: { pack } }: Context, { words }: Found): 22 | 3389 | undefined {
  const text = `${words} ${factsOf(pack, 'exposure')
    .flatMap(({ fact }) => fact.ports)
    .join(' ')}`;
  if (/\b22\b|\bssh|SSHBruteForce|\bAWS_CIS_4_1\b/i.test(text)) return 22;
  return /\b3389\b|\brdp|RDPBruteForce|\bAWS_CIS_4_2\b/i.test(text) ? 3389 : undefined;
}

/** An administrator's port that anybody can reach, closed in the security group that opens it. */
export function openPort(context: Context, found: Found, target: Entity | undefined): Omit<Draft, 'why' | 'urgency'> {
  const { slots, investigation } = context;
  const { pack } = investigation;
  const port = portIn(context, found);
  if (pack.workload.kind === 'host' && slots.only('security-group') === undefined) return onInstance(context, port);
  const group = slots.take('security-group', slots.only('security-group')?.text);
  const template = target === undefined ? undefined : templateOf(pack, target);
  const logicalId = template?.by === 'cloudformation' ? slots.maybe('logical-id', template.logicalId) : undefined;
  return {
    title: `Close ${port === undefined ? 'what is open to everybody' : `port ${port}`} in security group ${group.text}`,
    steps: [
      command(slots, 'What it admits now; keep the output, it is the way back', [
        'aws',
        'ec2',
        'describe-security-groups',
        '--group-ids',
        group,
        ...regionFlag(slots),
      ]),
      ...(template?.by === 'terraform' && port !== undefined
        ? [
            terraformPatch('Admit only the addresses of administrators', `the configuration that holds ${group.text}`, [
              {
                type: 'resource',
                labels: ['aws_vpc_security_group_ingress_rule', 'administrators'],
                comment: 'in the place of the rule that admits 0.0.0.0/0',
                attributes: [
                  ['security_group_id', group],
                  ['ip_protocol', { fixed: 'tcp' }],
                  ['from_port', port],
                  ['to_port', port],
                  ['cidr_ipv4', { reference: 'var.administrators_cidr' }],
                ],
              },
            ]),
            command(slots, 'See that nothing else changes', ['terraform', 'plan']),
          ]
        : []),
      ...(template?.by === 'cloudformation' && port !== undefined
        ? [
            yamlPatch(
              'cloudformation',
              'Admit only the addresses of administrators',
              `the template of stack ${slots.take('stack', template.stack).text}`,
              object({
                Resources: pairs([
                  [
                    logicalId ?? 'SecurityGroup',
                    object({
                      Type: fixed('AWS::EC2::SecurityGroup'),
                      Properties: object({
                        SecurityGroupIngress: [
                          object({
                            IpProtocol: fixed('tcp'),
                            FromPort: port,
                            ToPort: port,
                            CidrIp: object({ Ref: fixed('AdministratorsCidr') }),
                          }),
                        ],
                      }),
                    }),
                  ],
                ]),
              }),
            ),
          ]
        : []),
      ...(port === undefined
        ? [
            hint(
              'Take every rule out that admits 0.0.0.0/0 or ::/0 and is not for the public side of a load balancer. Group: ',
              group,
            ),
          ]
        : [
            command(
              slots,
              template === undefined
                ? 'Close it; sessions that are open live on until they end'
                : `At once, until the change is in ${templateWords(template)}`,
              [
                'aws',
                'ec2',
                'revoke-security-group-ingress',
                '--group-id',
                group,
                '--protocol',
                'tcp',
                '--port',
                String(port),
                '--cidr',
                '0.0.0.0/0',
                ...regionFlag(slots),
              ],
              { emergency: template !== undefined },
            ),
            hint(
              'Look for the same rule with ::/0. Administrators come by Session Manager or a VPN, which need no open port.',
            ),
          ]),
    ],
  };
}

/** The group is not named: the instance tells which ones it has. */
function onInstance(
  { slots, investigation: { pack } }: Context,
  port: number | undefined,
): Omit<Draft, 'why' | 'urgency'> {
  const { workload } = pack;
  const instance = slots.take(
    'instance',
    workload.kind === 'host' ? (workload.instanceId ?? workload.host) : undefined,
  );
  return {
    title: `Close ${port === undefined ? 'what is open to everybody' : `port ${port}`} on instance ${instance.text}`,
    steps: [
      command(slots, 'Its security groups', [
        'aws',
        'ec2',
        'describe-instances',
        '--instance-ids',
        instance,
        ...regionFlag(slots),
      ]),
      hint(
        'Take the rules with 0.0.0.0/0 or ::/0 for administrators’ ports out of these groups, in the template they are made from. Administrators come by Session Manager or a VPN, which need no open port.',
      ),
    ],
  };
}
