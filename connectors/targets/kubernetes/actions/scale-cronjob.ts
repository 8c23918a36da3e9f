import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { resourcePath } from '../names.ts';
import { WORKLOAD_RESOURCES } from '../reader-workloads.ts';
import { jsonPatch } from '../requests.ts';
import type { JobObject } from '../schema-workloads.ts';
import type { Found, ScaleWay } from './scale-way.ts';
import { check, settled } from './steps.ts';

/**
 * A CronJob is suspended, and so are its jobs that run: a suspended Job ends its pods and starts them anew when it is
 * resumed, while deleting it could not be undone. A job that starts after the plan is not touched; the verification names it.
 */
export const bySuspending: ScaleWay = {
  plan(_ask, found) {
    const { metadata, spec } = found.workload;
    const suspended = spec.suspend === true;
    const running = found.jobs.filter(isRunning);
    if (suspended && running.length === 0) return undefined;
    const jobs = running.map(({ metadata: job }) => ({ name: job.name, uid: job.uid }));
    return {
      beforeState: { uid: metadata.uid, suspended, jobs },
      requests: [
        ...(suspended ? [] : [suspend(cronPath(found), metadata.uid, 'start no more jobs')]),
        ...jobs.map(({ name, uid }) => suspend(jobPath(found, name), uid, 'end the pods of a job that runs')),
      ],
      inverse: [
        ...jobs.map(({ name, uid }) => resume(jobPath(found, name), uid, 'let the job run again')),
        ...(suspended ? [] : [resume(cronPath(found), metadata.uid, 'start jobs again')]),
      ],
    };
  },

  standing(prepared, found) {
    if (prepared.beforeState['suspended'] === true && found.workload.spec.suspend !== true)
      return settled('changed', 'the CronJob was suspended when this was planned and no longer is; plan again');
    const left = prepared.requests.filter(({ path }) => pathsToSuspend(found).includes(bare(path)));
    if (left.length === 0) return settled('already-applied', 'the CronJob and its jobs are suspended already');
    return { kind: 'ready', requests: left };
  },

  desired(_prepared, found) {
    const running = found.jobs.filter(isRunning).map(({ metadata }) => metadata.name);
    const suspended = found.workload.spec.suspend === true;
    const what = suspended ? 'is suspended' : 'is not suspended';
    return check(
      'suspended',
      suspended && running.length === 0,
      `CronJob ${found.workload.metadata.name} ${what}${running.length === 0 ? '' : `; job ${running.join(', ')} still runs`}`,
    );
  },

  undo(prepared, found) {
    const left = prepared.inverse.filter(({ path }) => pathsToResume(found).includes(bare(path)));
    if (left.length === 0) return { outcome: 'nothing-to-undo', said: 'nothing of it is suspended' };
    return { send: left, said: 'the CronJob and its jobs run again' };
  },
};

function isFinished({ status }: JobObject): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );
}

function isRunning(job: JobObject): boolean {
  return job.spec.suspend !== true && !isFinished(job);
}

function pathsToSuspend(found: Found): readonly string[] {
  return [
    ...(found.workload.spec.suspend === true ? [] : [cronPath(found)]),
    ...found.jobs.filter(isRunning).map(({ metadata }) => jobPath(found, metadata.name)),
  ];
}

function pathsToResume(found: Found): readonly string[] {
  return [
    ...(found.workload.spec.suspend === true ? [cronPath(found)] : []),
    ...found.jobs
      .filter((job) => job.spec.suspend === true && !isFinished(job))
      .map(({ metadata }) => jobPath(found, metadata.name)),
  ];
}

function bare(path: string): string {
  return path.split('?')[0] ?? path;
}

function suspend(path: string, uid: string, purpose: string): PlannedRequest {
  return jsonPatch(path, uid, [{ op: 'add', path: '/spec/suspend', value: true }], purpose);
}

function resume(path: string, uid: string, purpose: string): PlannedRequest {
  return jsonPatch(path, uid, [{ op: 'add', path: '/spec/suspend', value: false }], purpose);
}

function cronPath({ workload, namespace }: Found): string {
  return resourcePath({ ...WORKLOAD_RESOURCES.CronJob, namespace, name: workload.metadata.name });
}

function jobPath({ namespace }: Found, name: string): string {
  return resourcePath({ group: 'batch', version: 'v1', plural: 'jobs', namespace, name });
}
