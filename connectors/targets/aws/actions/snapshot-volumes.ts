import * as z from 'zod';
import type { PlannedRequest, Verification } from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import type { AwsReader } from '../api.ts';
import { awsCommand } from '../cli.ts';
import { findInstance } from '../instances.ts';
import { readingAll } from '../permissions.ts';
import type { Instance, Snapshot, Tag } from '../schema.ts';
import { planQuery } from '../wire/request.ts';
import { attempt, no, settled } from './attempt.ts';

const stateSchema = z.object({ region: z.string(), volumes: z.array(z.string()).min(1) });

/** Copies every disk of an instance at one point in time, as evidence. It contains nothing and changes nothing. */
export const snapshotVolumes: AwsAction = {
  name: 'aws.snapshot-volumes',
  title: 'Snapshot the volumes of an instance',
  class: 'evidence',
  // Deleting the copies would be an undo, and the destruction of evidence.
  reversible: false,
  permissions: {
    read: [
      readingAll(['ec2:DescribeInstances', 'ec2:DescribeSnapshots'], 'the volumes, and the snapshots of this incident'),
    ],
    write: [
      {
        actions: ['ec2:CreateSnapshots'],
        why: 'snapshot the volumes of the instance',
        reach: ({ account, prepared }) => ({
          resources:
            prepared === undefined
              ? [
                  `arn:aws:ec2:*:${account.id}:instance/*`,
                  `arn:aws:ec2:*:${account.id}:volume/*`,
                  'arn:aws:ec2:*::snapshot/*',
                ]
              : [
                  prepared.target.arn,
                  ...stateOf(prepared.beforeState).volumes.map(
                    (id) => `arn:aws:ec2:${stateOf(prepared.beforeState).region}:${account.id}:volume/${id}`,
                  ),
                  `arn:aws:ec2:${stateOf(prepared.beforeState).region}::snapshot/*`,
                ],
        }),
      },
      {
        actions: ['ec2:CreateTags'],
        why: 'tag the snapshots while they are made, and nothing else',
        reach: () => ({
          resources: ['arn:aws:ec2:*::snapshot/*'],
          conditions: { StringEquals: { 'ec2:CreateAction': ['CreateSnapshots'] } },
        }),
      },
    ],
    undo: [],
  },

  async prepare(read, { incidentId, actionId, target: asked, parameters }) {
    const found = await findInstance(read, asked);
    if ('ok' in found) return found;
    const { region, instance, target } = found;
    const volumes = volumesOf(instance);
    if (volumes.length === 0) return no('unsupported', 'the instance has no EBS volume');
    const requests = [create(region, target.name, incidentId, actionId)];
    return {
      ok: true,
      prepared: {
        action: 'aws.snapshot-volumes',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        beforeState: { region, volumes },
        requests,
        inverse: [],
      },
      preview: {
        title: `Snapshot ${volumes.length === 1 ? 'the volume' : `all ${volumes.length} volumes`} of instance ${target.name} in account ${target.account}`,
        summary: `Copies ${volumes.join(', ')} at one point in time, as after a power failure, and tags the copies with the incident. The instance goes on running.`,
        commands: requests.map(awsCommand),
        blastRadius: ['A little input and output while the copies begin; storage costs until somebody deletes them.'],
        undo: 'Nothing is undone: the copies are evidence. Delete them by hand when the case is closed.',
        warnings: [
          'Memory is not part of it: capture that before the instance is stopped.',
          'A copy may take hours to be complete. Nothing has to wait for it: it holds what was on the disk when it began.',
          'Copies of volumes that are encrypted under the key AWS manages cannot be shared with a forensics account; encrypt them again under a key of your own.',
        ],
      },
    };
  },

  apply: (write, prepared) =>
    attempt(write, async () => {
      const { region, volumes } = stateOf(prepared.beforeState);
      const found = await findInstance(write, prepared.target);
      if ('ok' in found) return settled(found.code === 'protected' ? 'refused' : 'gone', found.reason);
      // The call makes new copies each time it arrives, so what an earlier attempt made is looked for first.
      const made = await madeBefore(write, region, prepared);
      if (volumes.every((volume) => made.some(({ volumeId }) => volumeId === volume)))
        return settled('already-applied', `every volume has a snapshot of this action`);
      const live = volumesOf(found.instance);
      if (live.join() !== volumes.join())
        return settled('changed', 'other volumes are attached than when this was planned; plan again');
      return { kind: 'ready', requests: prepared.requests };
    }),

  async verify(read, prepared) {
    const { region, volumes } = stateOf(prepared.beforeState);
    const made = await madeBefore(read, region, prepared);
    const checks = volumes.map((volume) => copied(volume, made));
    return {
      result: resultOf(volumes, made, checks),
      enforcement: 'not-applicable',
      checks,
      verifiedAt: read.now().toISOString(),
    };
  },

  rollBack: async () => ({
    outcome: 'nothing-to-undo',
    reason: 'the snapshots are evidence and are kept',
    requests: [],
  }),
};

function stateOf(beforeState: unknown): z.infer<typeof stateSchema> {
  const state = stateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not say which volumes it copies');
  return state.data;
}

function volumesOf({ blockDeviceMapping }: Instance): string[] {
  return blockDeviceMapping.flatMap(({ ebs }) => (ebs === undefined ? [] : [ebs.volumeId])).sort();
}

function marks(incidentId: string, actionId: string): Tag[] {
  return [
    { key: 'ir:incident', value: incidentId },
    { key: 'ir:action', value: actionId },
  ];
}

function create(region: string, instance: string, incidentId: string, actionId: string): PlannedRequest {
  const tags = marks(incidentId, actionId).flatMap(({ key, value }, index) => [
    [`TagSpecification.1.Tag.${index + 1}.Key`, key] as const,
    [`TagSpecification.1.Tag.${index + 1}.Value`, value] as const,
  ]);
  return planQuery(
    'ec2',
    region,
    'CreateSnapshots',
    {
      'InstanceSpecification.InstanceId': instance,
      Description: `Evidence of incident ${incidentId}`,
      'TagSpecification.1.ResourceType': 'snapshot',
      ...Object.fromEntries(tags),
    },
    'snapshot every volume of the instance',
  );
}

async function madeBefore(
  read: AwsReader,
  region: string,
  { incidentId, actionId }: { readonly incidentId: string; readonly actionId: string },
): Promise<readonly Snapshot[]> {
  return await read.getSnapshots(region, marks(incidentId, actionId));
}

function copied(volume: string, made: readonly Snapshot[]): Verification['checks'][number] {
  const of = made.filter(({ volumeId }) => volumeId === volume);
  const done = of.find(({ status }) => status === 'completed');
  const best = done ?? of.find(({ status }) => status === 'pending') ?? of.at(0);
  const detail =
    best === undefined
      ? `${volume} has no snapshot of this action`
      : `${best.snapshotId} of ${volume} is ${best.status}${best.progress ? ` (${best.progress})` : ''}`;
  return { name: volume, ok: done !== undefined, detail };
}

/** A copy that is not complete yet holds the evidence all the same: that is `partial`, not a failure. */
function resultOf(
  volumes: readonly string[],
  made: readonly Snapshot[],
  checks: Verification['checks'],
): Verification['result'] {
  if (checks.every(({ ok }) => ok)) return 'contained';
  const begun = volumes.filter((volume) =>
    made.some(({ volumeId, status }) => volumeId === volume && ['pending', 'completed'].includes(status)),
  );
  return begun.length === volumes.length ? 'partial' : 'failed';
}
