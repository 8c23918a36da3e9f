import type { Preparation } from '../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../domain/actions/target.ts';
import type { AwsReader } from './api.ts';
import type { Instance } from './schema.ts';
import { protectingTag } from './tags.ts';

export interface FoundInstance {
  readonly region: string;
  readonly instance: Instance;
  /** The target with the region it was found in. */
  readonly target: AwsTarget;
}

/** Which of the configured regions an instance is in is found out by looking: what told of it need not know. */
export async function findInstance(
  read: AwsReader,
  target: AwsTarget,
): Promise<FoundInstance | Extract<Preparation, { ok: false }>> {
  if (target.kind !== 'instance') return { ok: false, code: 'unsupported', reason: 'this is for instances only' };
  for (const region of target.region === undefined ? read.account.regions : [target.region]) {
    const instance = await read.getInstance(region, target.name);
    if (instance !== undefined) return placed(read, target, region, instance);
  }
  return {
    ok: false,
    code: 'gone',
    reason: `instance ${target.name} is in none of the configured regions of account ${target.account}`,
  };
}

function placed(
  read: AwsReader,
  target: AwsTarget,
  region: string,
  instance: Instance,
): FoundInstance | Extract<Preparation, { ok: false }> {
  const { name: state } = instance.instanceState;
  if (isOver(instance)) return { ok: false, code: 'gone', reason: `instance ${target.name} is ${state}` };
  const tag = protectingTag(instance.tagSet, read.account);
  if (tag !== undefined)
    return {
      ok: false,
      code: 'protected',
      reason: `instance ${target.name} carries the tag ${tag}, which protects it`,
    };
  const arn = `arn:aws:ec2:${region}:${target.account}:instance/${target.name}`;
  return { region, instance, target: { ...target, region, arn } };
}

export function isOver({ instanceState }: Instance): boolean {
  return ['terminated', 'shutting-down'].includes(instanceState.name);
}
