import { offered } from '../../connectors/asking/live.ts';
import { type Mailed, type MailPeopleDeps, mailPeople } from '../../connectors/asking/mail-people.ts';
import { readBody } from '../../connectors/publication/bodies.ts';
import type { LiveRights } from '../../connectors/rights/port.ts';
import type { ChasingStore } from '../../connectors/store/chasing-port.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import { type PlannedAction, planSchema } from '../../domain/actions/action.ts';
import type { Approval, ApprovalStep } from '../../domain/approval/approval.ts';
import { isOnDuty } from '../../domain/approval/duty.ts';
import { type Eligible, eligiblePeople, holderOf, idOf } from '../../domain/approval/eligible.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import { approvedAction, caseOf } from '../../domain/approval/link.ts';
import { isOver } from '../../domain/approval/over.ts';
import { membersOf } from '../../domain/approval/policy.ts';
import { hasVoted } from '../../domain/approval/votes.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';

export interface ChaseDeps extends MailPeopleDeps {
  readonly config: Configuration;
  readonly approvals: ChasingStore;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly rights: LiveRights;
}

/** Steps of one run; the next minute takes the next ones. */
export const STEPS_PER_RUN = 25;
/** Longer than a run may take, so that a step is taken by a second run only when the first one died. */
export const LEASE_SECONDS = 180;

/** Some steps could not be done; each is due again when its lease ends. Thrown last, so that none held up the others. */
export class StepsFailedError extends Error {
  override readonly name = 'StepsFailedError';
}

/**
 * Reminds of questions that are open, and asks the next group, as the steps stored with each question say. A step is taken
 * by one run, written to the log once, and repeated only if the run that took it did not finish it.
 * @throws StepsFailedError
 */
export async function chaseApprovals(deps: ChaseDeps): Promise<{ readonly steps: number }> {
  const failed: string[] = [];
  let steps = 0;
  for (const approval of await deps.approvals.due(deps.now(), STEPS_PER_RUN)) {
    try {
      if (!(await deps.approvals.take(approval, deps.now(), LEASE_SECONDS))) continue;
      await takeStep(deps, approval);
      await deps.approvals.finish(approval);
      steps += 1;
    } catch (error) {
      failed.push(approval.approvalId);
      deps.telemetry.error('step of an approval not done', { approvalId: approval.approvalId }, error);
      deps.telemetry.count('ApprovalStepFailed');
    }
  }
  if (failed.length > 0) throw new StepsFailedError(`steps of ${failed.join(', ')} were not done`);
  return { steps };
}

interface Open {
  readonly approval: Approval;
  readonly incident: Incident;
  readonly action: PlannedAction;
}

async function takeStep(deps: ChaseDeps, approval: Approval): Promise<void> {
  const step = approval.steps[approval.stepsDone];
  if (step === undefined) return;
  const open = await openNow(deps, approval);
  // Nothing is left to decide: whoever closes the question is on the way.
  if (open === undefined) return;
  switch (step.kind) {
    case 'remind':
      return await remind(deps, open);
    case 'escalate':
      return await escalate(deps, open, step);
  }
}

async function openNow(deps: ChaseDeps, approval: Approval): Promise<Open | undefined> {
  if (deps.now().getTime() >= Date.parse(approval.expiresAt)) return undefined;
  const incident = await deps.incidents.get(approval.incidentId);
  if (incident === undefined || isOver(approval, incident)) return undefined;
  const plan = await readBody(deps.blobs, approval.planKey, planSchema);
  const action = plan && approvedAction(plan, approval);
  return action && { approval, incident, action };
}

/** Who was asked and has not decided, and could still do it. */
async function remind(deps: ChaseDeps, open: Open): Promise<void> {
  const { approval, action } = open;
  if (await wasSaid(deps, approval, 'approval.reminded')) return;
  const waiting = eligibleNow(deps, open).filter(
    (one) => approval.approvers.includes(idOf(one)) && !hasVoted(approval, voterOf(one)),
  );
  const { allowed, keptOut } = await offered(deps.rights, waiting, action.prepared);
  const mailed = await mail(deps, open, 'reminded', allowed);
  await say(deps, approval, 'approval.reminded', { ...mailed, keptOut });
  deps.telemetry.count('ApprovalReminded');
}

/** The members of the next group may decide from now on; only then are they told. */
async function escalate(
  deps: ChaseDeps,
  open: Open,
  { group: id }: Extract<ApprovalStep, { readonly kind: 'escalate' }>,
): Promise<void> {
  const { approval, action } = open;
  const group = deps.config.approvals.groups.find((candidate) => candidate.id === id);
  const others = approval.steps.slice(approval.stepsDone + 1).some(({ kind }) => kind === 'escalate');
  if (group === undefined || (!isOnDuty(group.duty, deps.now()) && others)) {
    const reason = group === undefined ? 'the configuration has no such group any more' : 'the group is not on duty';
    if (await wasSaid(deps, approval, 'approval.escalated')) return;
    return await say(deps, approval, 'approval.escalated', { group: id, asked: [], reason });
  }
  const members = membersOf(eligibleNow(deps, open), [group]).filter((one) => !hasVoted(approval, voterOf(one)));
  const { allowed, keptOut } = await offered(deps.rights, members, action.prepared);
  const asked = await deps.approvals.askAlso(approval.approvalId, allowed.map(idOf));
  if (asked === undefined) return;
  if (!(await wasSaid(deps, approval, 'approval.escalated'))) {
    await say(deps, approval, 'approval.escalated', { group: id, asked: allowed.map(idOf), keptOut });
  }
  await mail(deps, { ...open, approval: asked }, 'escalated', allowed);
  deps.telemetry.count('ApprovalEscalated');
}

function eligibleNow(deps: ChaseDeps, { incident, action }: Open): readonly Eligible[] {
  return eligiblePeople(deps.config, caseOf(deps.config, { incident, prepared: action.prepared }), deps.now());
}

function voterOf(one: Eligible): { readonly person: string; readonly onBehalfOf?: string } {
  return { person: idOf(one), ...(one.onBehalfOf === undefined ? {} : { onBehalfOf: holderOf(one) }) };
}

/** @throws when nobody was reached and somebody may be at another attempt */
async function mail(
  deps: ChaseDeps,
  { approval, incident, action }: Open,
  occasion: 'reminded' | 'escalated',
  people: readonly Eligible[],
): Promise<Mailed> {
  const pack = await readBody(deps.blobs, incident.blobs.pack, evidencePackSchema);
  const mailed = await mailPeople(deps, { occasion, incident, action, approval, people, pack });
  if (mailed.mailed.length === 0 && mailed.unavailable.length > 0) {
    throw new Error(`no approver of ${approval.approvalId} could be mailed for now`);
  }
  return mailed;
}

type StepKind = 'approval.reminded' | 'approval.escalated';

function stepId({ stepsDone }: Approval): string {
  return String(stepsDone);
}

async function wasSaid(deps: ChaseDeps, approval: Approval, kind: StepKind): Promise<boolean> {
  const { approvalId, incidentId } = approval;
  return saidBefore(await deps.audit.read(incidentId), kind, { approvalId, step: stepId(approval) });
}

async function say(
  deps: ChaseDeps,
  approval: Approval,
  kind: StepKind,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { approvalId, actionId } = approval;
  await deps.audit.append({
    chain: approval.incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'chase-approvals' },
    kind,
    data: { approvalId, actionId, step: stepId(approval), ...data },
  });
}
