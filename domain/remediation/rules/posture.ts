import { claim, factsOf, quote } from '../../analysis/rules/facts.ts';
import type { Entity } from '../../evidence/pack.ts';
import { type Context, type Draft, guide, type Outcome } from '../context.ts';
import type { Urgency } from '../guidance.ts';
import { command, hint } from '../steps.ts';
import { openPort } from './open-port.ts';
import { publicBucket } from './public-bucket.ts';
import { regionFlag, workloadEntity } from './subject.ts';
import { type Found, type Topic, topicsOf } from './topics.ts';

/** What to change about a misconfiguration, by its topic; the vendor's own recommendation where none is known. */
export function mendPosture(context: Context): Outcome[] {
  const { pack, judgement } = context.investigation;
  const target = workloadEntity(pack);
  const topics = topicsOf(pack);
  const outcomes = topics.map((found) => guide(context, found.topic, target, () => draftFor(context, found, target)));
  const written = outcomes.some(({ kind }) => kind === 'guidance');
  return judgement.verdict === 'misconfiguration' && !written ? [...outcomes, ...byVendor(context, target)] : outcomes;
}

type Writer = (context: Context, found: Found, target: Entity | undefined) => Omit<Draft, 'why' | 'urgency'>;

function draftFor(context: Context, found: Found, target: Entity | undefined): Draft {
  return {
    ...WRITERS[found.topic](context, found, target),
    why: [claim('observed', `The vendor's policy found this on ${quote(target?.label ?? '', 200)}.`, found.items)],
    urgency: urgencyFor(context, found.topic),
  };
}

/** Open to everybody is soon; reachable and powerful is at once; tidiness is planned. */
function urgencyFor({ investigation: { pack } }: Context, topic: Topic): Urgency {
  if (topic === 'untagged' || topic === 'unused-user') return 'planned';
  const admin = factsOf(pack, 'cloud-identity').some(({ fact }) => fact.admin === true);
  const reachable = factsOf(pack, 'exposure').some(({ fact }) => fact.reachableFromInternet === true);
  return admin && reachable ? 'immediate' : 'soon';
}

const WRITERS: Readonly<Record<Topic, Writer>> = {
  'public-bucket': publicBucket,
  'open-admin-port': openPort,
  'open-network': openPort,
  'public-database': ({ slots, investigation: { pack } }) => {
    const name = slots.take('database', slots.only('database')?.text ?? nameOf(pack));
    return {
      title: `Take database ${name.text} off the internet`,
      steps: [
        command(slots, 'How it is reached now', [
          'aws',
          'rds',
          'describe-db-instances',
          '--db-instance-identifier',
          name,
          ...regionFlag(slots),
        ]),
        command(slots, 'Give it no public address; who connects from outside loses the connection', [
          'aws',
          'rds',
          'modify-db-instance',
          '--db-instance-identifier',
          name,
          '--no-publicly-accessible',
          ...regionFlag(slots),
        ]),
        hint(
          'Set the same in the template it is made from, and let its security group admit only those of its applications.',
        ),
      ],
    };
  },
  'unused-user': ({ slots, investigation: { pack } }) => {
    const name = slots.take('user', slots.only('user')?.text ?? nameOf(pack));
    return {
      title: `Take the unused credentials of user ${name.text} out of service`,
      steps: [
        command(slots, 'Which access keys there are', ['aws', 'iam', 'list-access-keys', '--user-name', name]),
        hint(
          'Set each key that nothing uses to Inactive (aws iam update-access-key, status Inactive): it can be set back. Delete it after a month of silence.',
        ),
        command(slots, 'Whether there is a password for the console', [
          'aws',
          'iam',
          'get-login-profile',
          '--user-name',
          name,
        ]),
        command(slots, 'Take the password away; it cannot be restored, only set anew', [
          'aws',
          'iam',
          'delete-login-profile',
          '--user-name',
          name,
        ]),
      ],
    };
  },
  untagged: ({ slots, investigation: { pack } }) => ({
    title: `Say who owns ${quote(nameOf(pack) ?? 'the resource', 120)}`,
    steps: [
      ...(pack.workload.kind === 'host'
        ? [
            command(slots, 'What it is, and who started it', [
              'aws',
              'ec2',
              'describe-instances',
              '--instance-ids',
              slots.take('instance', pack.workload.instanceId ?? pack.workload.host),
              ...regionFlag(slots),
            ]),
          ]
        : []),
      hint(
        'Tag it with its team and environment in the template it is made from, and let a tag policy of the organisation require them. What nobody claims is a candidate for removal.',
      ),
    ],
  }),
  'public-instance': ({ slots, investigation: { pack } }) => {
    const instance = slots.take(
      'instance',
      pack.workload.kind === 'host' ? (pack.workload.instanceId ?? pack.workload.host) : undefined,
    );
    return {
      title: `Take instance ${instance.text} off the internet`,
      steps: [
        command(slots, 'Its addresses and security groups', [
          'aws',
          'ec2',
          'describe-instances',
          '--instance-ids',
          instance,
          ...regionFlag(slots),
        ]),
        hint(
          'Move it into a private subnet behind a load balancer, and reach it by Session Manager; in its template set no public address.',
        ),
      ],
    };
  },
  'anonymous-cluster': ({ slots, investigation: { pack } }) => ({
    title: `Let nobody reach cluster ${quote(nameOf(pack) ?? '', 100)} without an identity`,
    steps: [
      command(slots, 'Find the bindings whose subjects are system:anonymous or system:unauthenticated', [
        'kubectl',
        'get',
        'clusterrolebindings',
        '-o',
        'wide',
      ]),
      hint(
        'Take these subjects out of every binding but system:public-info-viewer, in the manifests they come from; then look in the audit log for what was called without an identity.',
      ),
    ],
  }),
  'hardcoded-credential': ({ investigation: { pack } }) => ({
    title: `Take the credential out of the code of ${quote(nameOf(pack) ?? 'the workload', 120)}`,
    steps: [
      hint('Replace the credential at its issuer first: it is in every copy and in the history of the code.'),
      hint(
        'Read it at run time from Secrets Manager with the role of the workload, and let a scanner refuse commits that hold one.',
      ),
    ],
  }),
};

function nameOf({ workload }: Context['investigation']['pack']): string | undefined {
  switch (workload.kind) {
    case 'resource':
    case 'function':
      return workload.name;
    case 'host':
      return workload.host;
    case 'pod':
      return workload.controller;
    case 'container':
      return workload.container;
    case 'image':
      return workload.image;
  }
}

const RECOMMENDED = /\bRecommended: (.+)$/s;

/** The words of the vendor, quoted as its: only they say what its policy wants. What it recommends counts from its own record alone. */
function byVendor(context: Context, target: Entity | undefined): Outcome[] {
  const all = factsOf(context.investigation.pack, 'alert');
  const read = all.filter(({ item }) => item.source !== 'alert' && item.trust === 'vendor');
  return [
    guide(context, 'as-the-vendor-says', target, () => ({
      title: `Mend ${quote(target?.label ?? 'the resource', 160)} as the vendor's policy asks`,
      why: (read.length > 0 ? read : all).slice(0, 3).map(({ fact, item }) => {
        const advice = read.length > 0 ? RECOMMENDED.exec(fact.message)?.[1] : undefined;
        return claim(
          'observed',
          `The vendor's policy found "${quote(fact.title, 200)}"${advice === undefined ? '' : ` and recommends: ${quote(advice, 400)}`}`.replace(
            /\.?$/,
            '.',
          ),
          [item],
        );
      }),
      steps: [
        hint(
          'Change it in the template it is made from; what is only changed by hand comes back with the next deployment.',
        ),
      ],
      urgency: 'soon' as const,
    })),
  ];
}
