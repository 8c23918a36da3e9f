import { claim, enumerate, factsOf, quote } from '../../analysis/rules/facts.ts';
import { type Context, guide, type Outcome, urgencyOf } from '../context.ts';
import type { Step } from '../guidance.ts';
import { command, hint } from '../steps.ts';
import { regionFlag, workloadEntity } from './subject.ts';

/** What was seen, to say why: signs where there are some, else the alerts. */
function signsOf({ investigation: { behaviours, pack } }: Context) {
  const signs = behaviours.flatMap(({ items }) => items);
  return signs.length > 0 ? signs : factsOf(pack, 'alert').map(({ item }) => item);
}

/** A machine under attack: cut off from the network and not stopped, and whatever credentials it held replaced. */
export function cutOffHost(context: Context): Outcome[] {
  const { pack, behaviours } = context.investigation;
  if (pack.workload.kind !== 'host' || !context.underAttack || behaviours.length === 0) return [];
  const { host } = pack.workload;
  return [
    guide(context, 'cut-off-host', workloadEntity(pack), () => {
      const users = factsOf(pack, 'api-call')
        .filter(({ fact }) => fact.operation === 'log-in' && fact.succeeded === true)
        .flatMap(({ fact }) => fact.principal ?? []);
      const who = [...new Set(users)].slice(0, 5).map((user) => quote(user, 80));
      return {
        title: `Cut host ${quote(host, 160)} off from the network and keep it for investigation`,
        why: [
          claim('observed', `Signs of an attack were seen on host ${quote(host, 160)}.`, signsOf(context)),
          ...(who.length === 0
            ? []
            : [
                claim(
                  'observed',
                  `${enumerate(who)} logged in around that time.`,
                  factsOf(pack, 'api-call').map(({ item }) => item),
                ),
              ]),
        ],
        steps: [
          ...describeInstance(context, 'Its interfaces and security groups; keep the output, it is the way back'),
          hint(
            'Capture memory first, if it will be needed. Then give every network interface a security group without rules; connections that are open live on, unless a network ACL of the subnet denies them.',
          ),
          hint(
            'Revoke the sessions of its role (IAM console: role, Revoke sessions), and replace keys, passwords and tokens of everybody and everything that used the host.',
          ),
          hint('Build it anew from a machine image of before; what ran on it is not cleaned but replaced.'),
        ],
        urgency: urgencyOf(context),
      };
    }),
  ];
}

function describeInstance({ slots, investigation: { pack } }: Context, purpose: string): Step[] {
  const { workload } = pack;
  const instance = workload.kind === 'host' ? slots.maybe('instance', workload.instanceId ?? workload.host) : undefined;
  return instance === undefined
    ? []
    : [command(slots, purpose, ['aws', 'ec2', 'describe-instances', '--instance-ids', instance, ...regionFlag(slots)])];
}

/** A container that no cluster of ours runs: replaced by its service, from an image that was looked at. */
export function replaceContainer(context: Context): Outcome[] {
  const { pack } = context.investigation;
  const { workload } = pack;
  if (workload.kind !== 'container' || !context.underAttack) return [];
  return [
    guide(context, 'replace-container', workloadEntity(pack), () => {
      const { slots } = context;
      const image = slots.maybe('image', workload.image);
      return {
        title: `Replace container ${quote(workload.container, 160)} by one from a clean image`,
        why: [
          claim(
            'observed',
            `Signs of an attack were reported in container ${quote(workload.container, 160)}.`,
            signsOf(context),
          ),
        ],
        steps: [
          hint(
            'Keep what is needed for the investigation (file system, logs, memory) before the task or container is stopped; its service starts a new one from the same image.',
          ),
          ...(image === undefined
            ? []
            : [
                command(slots, 'What the image holds that has a fix', [
                  'trivy',
                  'image',
                  image,
                  '--severity',
                  'HIGH,CRITICAL',
                  '--ignore-unfixed',
                ]),
                command(slots, 'How the image was built', ['docker', 'history', image]),
              ]),
          hint(
            'In its definition set a read-only root file system, a user that is not root and no added capabilities; revoke the sessions of its role, and replace the secrets in its environment.',
          ),
        ],
        urgency: urgencyOf(context),
      };
    }),
  ];
}

/** Where nothing can be advised yet: what to look at first. All of it reads. */
export function lookInto(context: Context): Outcome[] {
  const { pack } = context.investigation;
  if (!context.underAttack) return [];
  return [
    guide(context, 'look-into', workloadEntity(pack), () => ({
      title: 'Look into it before anything is changed',
      why: [
        claim(
          'observed',
          'The vendor confirms the alert; the evidence does not tell yet what should be changed.',
          signsOf(context),
        ),
      ],
      steps: [
        ...lookSteps(context),
        hint('Ask the owner whether this was a planned change, a test or maintenance, and note who answered.'),
      ],
      urgency: 'soon',
    })),
  ];
}

function lookSteps(context: Context): Step[] {
  const { slots, investigation } = context;
  const { workload } = investigation.pack;
  switch (workload.kind) {
    case 'pod': {
      const namespace = slots.maybe('namespace', workload.namespace);
      const pod = slots.maybe('pod', workload.pod);
      if (namespace === undefined || pod === undefined) return [];
      return [
        command(slots, 'What the pod is', ['kubectl', 'get', 'pod', pod, '-n', namespace, '-o', 'yaml']),
        command(slots, 'What happened to it', ['kubectl', 'describe', 'pod', pod, '-n', namespace]),
        command(slots, 'What it wrote', ['kubectl', 'logs', pod, '-n', namespace, '--tail', '500']),
      ];
    }
    case 'host':
      return describeInstance(context, 'What the instance is, and who started it');
    case 'function': {
      const name = slots.maybe('function', workload.name);
      return name === undefined
        ? []
        : [
            command(slots, 'What the function is', [
              'aws',
              'lambda',
              'get-function-configuration',
              '--function-name',
              name,
              ...regionFlag(slots),
            ]),
          ];
    }
    case 'resource':
      return resourceSteps(context);
    case 'container':
    case 'image': {
      const image = slots.maybe('image', workload.image);
      return image === undefined ? [] : [command(slots, 'How the image was built', ['docker', 'history', image])];
    }
  }
}

function resourceSteps({ slots }: Context): Step[] {
  const [group, cluster, user] = [slots.only('security-group'), slots.only('cluster'), slots.only('user')];
  return [
    ...(group === undefined
      ? []
      : [
          command(slots, 'What the security group admits', [
            'aws',
            'ec2',
            'describe-security-groups',
            '--group-ids',
            group,
            ...regionFlag(slots),
          ]),
        ]),
    ...(cluster === undefined
      ? []
      : [
          command(slots, 'Who may enter the cluster', [
            'aws',
            'eks',
            'list-access-entries',
            '--cluster-name',
            cluster,
            ...regionFlag(slots),
          ]),
        ]),
    ...(user === undefined
      ? []
      : [command(slots, 'Which access keys the user has', ['aws', 'iam', 'list-access-keys', '--user-name', user])]),
    hint('Find in CloudTrail who did it, from where, and what else that identity did in the hour around it.'),
  ];
}
