import { type Mail, type Mailer, MailRefusedError, MailUnavailableError } from '../../connectors/mail/mail.ts';
import { readBody } from '../../connectors/publication/bodies.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import {
  type ApprovalStore,
  type AuditLog,
  type BlobStore,
  type IncidentStore,
  NotFoundError,
} from '../../connectors/store/ports.ts';
import { type Plan, type PlannedAction, planSchema } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { approvalIdFor } from '../../domain/approval/id.ts';
import { type ApprovalLinks, approvedAction, mayDecide } from '../../domain/approval/link.ts';
import type { ApproverConfiguration, Configuration } from '../../domain/config/schema.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { requestApprovalInputSchema } from '../../domain/orchestration.ts';
import { approvalMail } from './mail.ts';

/** Nobody may decide this now: the plan, the vendor's confirmation or the rights changed since it was planned. */
export class NotAskableError extends Error {
  override readonly name = 'NotAskableError';
}
/** No approver could be reached: waiting would be waiting for nothing. */
export class NobodyAskedError extends Error {
  override readonly name = 'NobodyAskedError';
}

export interface RequestApprovalDeps {
  readonly config: Configuration;
  readonly incidents: Pick<IncidentStore, 'get' | 'update'>;
  readonly approvals: Pick<ApprovalStore, 'create'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly links: Pick<ApprovalLinks, 'sign'>;
  readonly mailer: Mailer;
  /** Where approvers reach `decide`, e.g. `https://abc.execute-api.eu-central-1.amazonaws.com`. */
  readonly peopleEdgeUrl: string;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/**
 * Stores the question with its task token and mails each approver a link of their own. Called again (a retried state), the
 * same question stays one; the mails go out again, because whether the first ones left is not known and a second copy
 * opens the same approval.
 * @throws NotAskableError, NobodyAskedError, NotFoundError: the state machine names the action failed
 */
export async function requestApproval(
  deps: RequestApprovalDeps,
  event: unknown,
): Promise<{ readonly approvalId: string }> {
  const { incidentId, actionId, planKey, taskToken } = requestApprovalInputSchema.parse(event);
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const plan = await readBody(deps.blobs, planKey, planSchema);
  const action = plan?.actions.find(({ prepared }) => prepared.actionId === actionId);
  if (plan === undefined || action === undefined) throw new NotFoundError(`plan ${planKey} has no action ${actionId}`);

  const wanted = questionOf(deps.now(), { incident, planKey, action });
  const people = askable(deps.config, { incident, plan, action, approval: wanted });
  const { approval, created } = await deps.approvals.create(
    { ...wanted, approvers: people.map(({ id }) => id) },
    taskToken,
  );
  if (approval.status !== 'PENDING') return answeredAlready(deps, approval);

  // All records come before the mails: somebody may decide before the last mail has left.
  const asked = people.filter(({ id }) => approval.approvers.includes(id));
  await say(deps, incidentId, 'approval.requested', {
    approvalId: approval.approvalId,
    actionId,
    action: approval.action,
    planDigest: approval.planDigest,
    approvers: asked.map(({ id }) => id),
    expiresAt: approval.expiresAt,
    askedAgain: !created,
  });
  await deps.incidents.update(incidentId, { status: 'awaiting-decision', times: { asked: approval.createdAt } });
  const sent = await mailAll(deps, { incident, action, approval, people: asked });
  await say(deps, incidentId, 'published', {
    destination: 'mail',
    state: sent.length > 0 ? 'created' : 'failed',
    approvalId: approval.approvalId,
    mailed: sent,
    notMailed: asked.map(({ id }) => id).filter((id) => !sent.includes(id)),
  });
  if (sent.length === 0) throw new NobodyAskedError(`no approver of ${incidentId} ${actionId} could be mailed`);
  return { approvalId: approval.approvalId };
}

/** Decided while the state was retried: the delivery finds the token that was just stored. Anything else answers nobody. */
function answeredAlready(deps: RequestApprovalDeps, approval: Approval): { readonly approvalId: string } {
  const decided = approval.status === 'APPROVED' || approval.status === 'REJECTED';
  if (!decided || approval.delivery !== 'waiting') {
    throw new NotAskableError(
      `approval ${approval.approvalId} is ${approval.status}; the same question is not asked twice`,
    );
  }
  deps.telemetry.info('approval was decided before it was asked again', { approvalId: approval.approvalId });
  return { approvalId: approval.approvalId };
}

async function say(
  deps: RequestApprovalDeps,
  chain: string,
  kind: 'approval.requested' | 'published',
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const actor = { type: 'function', id: 'request-approval' } as const;
  await deps.audit.append({ chain, at: deps.now().toISOString(), actor, kind, data });
}

function questionOf(
  now: Date,
  of: { readonly incident: Incident; readonly planKey: string; readonly action: PlannedAction },
): Approval {
  const { prepared, digest, approvers, expiresAfterSeconds } = of.action;
  return {
    approvalId: approvalIdFor(of.incident.incidentId, prepared.actionId, digest),
    incidentId: of.incident.incidentId,
    actionId: prepared.actionId,
    action: prepared.action,
    planDigest: digest,
    planKey: of.planKey,
    status: 'PENDING',
    approvers,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + expiresAfterSeconds * 1000).toISOString(),
    delivery: 'waiting',
  };
}

/** Who may be asked now. A guard that does not hold refuses (rules 7 and 9). */
function askable(
  config: Configuration,
  of: {
    readonly incident: Incident;
    readonly plan: Plan;
    readonly action: PlannedAction;
    readonly approval: Approval;
  },
): readonly ApproverConfiguration[] {
  const { incident, action, approval } = of;
  if (action.gate !== 'ask')
    throw new NotAskableError(`action ${approval.actionId} has gate ${action.gate}; nobody is asked`);
  if (!incident.confirmed) throw new NotAskableError('the vendor did not confirm the alert; nobody is asked');
  if (approvedAction(of.plan, approval) === undefined) {
    throw new NotAskableError(`action ${approval.actionId} does not match its digest; plan again`);
  }
  const { target } = action.prepared;
  const people = config.approvers.filter(({ id }) =>
    mayDecide(id, { approval, target, workload: incident.workload, config }),
  );
  if (people.length === 0) throw new NotAskableError(`nobody may approve ${approval.action} on this target any more`);
  return people;
}

/** @returns the ids of those whose mail was accepted; one dead address must not silence the others. */
async function mailAll(
  deps: RequestApprovalDeps,
  of: {
    readonly incident: Incident;
    readonly action: PlannedAction;
    readonly approval: Approval;
    readonly people: readonly ApproverConfiguration[];
  },
): Promise<string[]> {
  const pack = await readBody(deps.blobs, of.incident.blobs.pack, evidencePackSchema);
  const results = await Promise.all(
    of.people.map(async (person) => {
      const link = await linkFor(deps, of.approval, person);
      const mail = approvalMail({ ...of, person, link, pack, now: deps.now() });
      return (await mailed(deps, person, mail)) ? [person.id] : [];
    }),
  );
  return results.flat();
}

async function linkFor(deps: RequestApprovalDeps, approval: Approval, person: ApproverConfiguration): Promise<string> {
  const token = await deps.links.sign({
    sub: approval.approvalId,
    per: person.id,
    plan: approval.planDigest,
    inc: approval.incidentId,
    exp: Math.floor(Date.parse(approval.expiresAt) / 1000),
  });
  return `${deps.peopleEdgeUrl.replace(/\/+$/, '')}/approvals/${approval.approvalId}?t=${token}`;
}

async function mailed(deps: RequestApprovalDeps, person: ApproverConfiguration, mail: Mail): Promise<boolean> {
  try {
    const { messageId } = await deps.mailer.send(mail);
    deps.telemetry.info('approver mailed', { approver: person.id, messageId });
    return true;
  } catch (error) {
    if (!(error instanceof MailRefusedError || error instanceof MailUnavailableError)) throw error;
    deps.telemetry.error('approver could not be mailed', { approver: person.id }, error);
    deps.telemetry.count('ApprovalMailFailed');
    return false;
  }
}
