import * as z from 'zod';
import type { PlannedRequest, PreparedOn, RollbackResult, SentRequest } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesWriter } from '../api.ts';
import { deletion, pointer } from '../requests.ts';
import type { Pod } from '../schema.ts';
import { isOurs, policyName, policyPath, QUARANTINE_LABEL } from './quarantine-plan.ts';

/**
 * Labels first, then the policy: a pod must never carry the label of a policy that is not there and look isolated.
 * Each half is done only where it is still needed, so that doing it twice equals doing it once.
 */
export async function rollBackQuarantine(
  write: KubernetesWriter,
  prepared: PreparedOn<KubernetesTarget>,
  id: string,
  namespace: string,
): Promise<RollbackResult> {
  const requests: SentRequest[] = [];
  const record = (sent: SentRequest): void => {
    requests.push(sent);
  };
  try {
    const labels = await restoreLabels(write, prepared, id, namespace, record);
    const policy = await removePolicy(write, id, namespace, record);
    return {
      outcome: labels.done || policy.done ? 'rolled-back' : 'nothing-to-undo',
      reason: `${labels.said}; ${policy.said}`,
      requests,
    };
  } catch (error) {
    if (error instanceof TargetError) return { outcome: 'failed', reason: error.message, requests };
    throw error;
  }
}

interface Half {
  readonly done: boolean;
  readonly said: string;
}

async function restoreLabels(
  write: KubernetesWriter,
  prepared: PreparedOn<KubernetesTarget>,
  id: string,
  namespace: string,
  record: (sent: SentRequest) => void,
): Promise<Half> {
  const pod = await write.getPod(namespace, prepared.target.name);
  if (pod === undefined || pod.metadata.uid !== prepared.target.uid) return { done: false, said: 'the pod is gone' };
  if (pod.metadata.labels[QUARANTINE_LABEL] !== id) return { done: false, said: 'the pod is not in this quarantine' };
  const restore = prepared.inverse.find(({ method }) => method === 'PATCH');
  if (restore === undefined) throw new TargetError('invalid', 'the plan holds no way back for the labels of the pod');
  const taken = takenSince(pod, prepared);
  await write.send(without(restore, taken), { dryRun: false, record });
  const left = taken.length === 0 ? '' : `, but for ${taken.join(', ')}, which somebody has set since`;
  return { done: true, said: `the pod has its labels back${left}` };
}

const stateSchema = z.object({ removedLabels: z.record(z.string(), z.string()).default({}) });

/** Labels that were taken away and have got another value since: whoever set it meant it. */
function takenSince({ metadata: { labels } }: Pod, { beforeState }: PreparedOn<KubernetesTarget>): readonly string[] {
  const removed = stateSchema.safeParse(beforeState).data?.removedLabels ?? {};
  return Object.entries(removed).flatMap(([key, value]) =>
    labels[key] === undefined || labels[key] === value ? [] : [key],
  );
}

const operations = z.array(z.looseObject({ path: z.string() }));

function without(restore: PlannedRequest, labels: readonly string[]): PlannedRequest {
  if (labels.length === 0) return restore;
  const left = new Set(labels.map((key) => pointer('metadata', 'labels', key)));
  return { ...restore, body: operations.parse(restore.body).filter(({ path }) => !left.has(path)) };
}

async function removePolicy(
  write: KubernetesWriter,
  id: string,
  namespace: string,
  record: (sent: SentRequest) => void,
): Promise<Half> {
  const name = policyName(id);
  const policy = (await write.getNetworkPolicies(namespace)).find(({ metadata }) => metadata.name === name);
  if (policy === undefined) return { done: false, said: `NetworkPolicy ${name} does not exist` };
  if (!isOurs(policy)) return { done: false, said: `NetworkPolicy ${name} is not Parapet's and was left` };
  try {
    await write.send(deletion(policyPath(namespace, id), { uid: policy.metadata.uid }, 'remove the policy'), {
      dryRun: false,
      record,
    });
  } catch (error) {
    if (!(error instanceof TargetError) || error.kind !== 'not-found') throw error;
  }
  return { done: true, said: `NetworkPolicy ${name} was removed` };
}
