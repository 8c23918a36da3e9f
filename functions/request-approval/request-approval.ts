import { offered } from '../../connectors/asking/live.ts';
import { type MailPeopleDeps, mailPeople } from '../../connectors/asking/mail-people.ts';
import { readBody } from '../../connectors/publication/bodies.ts';
import type { LiveRights } from '../../connectors/rights/port.ts';
import {
  type ApprovalStore,
  type AuditLog,
  type BlobStore,
  type IncidentStore,
  NotFoundError,
} from '../../connectors/store/ports.ts';
import { type Plan, type PlannedAction, planSchema } from '../../domain/actions/action.ts';
import { analysisSchema } from '../../domain/analysis/analysis.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { type Eligible, eligiblePeople, idOf, voicesOf } from '../../domain/approval/eligible.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import { approvalIdFor } from '../../domain/approval/id.ts';
import { approvedAction, caseOf } from '../../domain/approval/link.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import { policyFor, whomToAsk } from '../../domain/approval/policy.ts';
import { stepsOf } from '../../domain/approval/steps.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { requestApprovalInputSchema } from '../../domain/orchestration.ts';
import { authorWords } from '../../domain/publish/words.ts';

/** Nobody may decide this now: the plan or the vendor's confirmation changed since it was planned. */
export class NotAskableError extends Error {
  override readonly name = 'NotAskableError';
}
/**
 * Too few people have the right at this moment. The state machine makes advice of it and shows the message, so it holds no
 * double quote: that is where the state machine takes it to end.
 */
export class NobodyMayApproveError extends Error {
  override readonly name = 'NobodyMayApproveError';
  constructor(reason: string) {
    super(reason.replaceAll('"', "'"));
  }
}
/** No approver could be reached: waiting would be waiting for nothing. */
export class NobodyAskedError extends Error {
  override readonly name = 'NobodyAskedError';
}

export interface RequestApprovalDeps extends MailPeopleDeps {
  readonly config: Configuration;
  readonly incidents: Pick<IncidentStore, 'get' | 'update'>;
  readonly approvals: Pick<ApprovalStore, 'create'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly rights: LiveRights;
}

/**
 * Stores the question with its task token and mails each approver a link of their own. Called again (a retried state), the
 * same question stays one; the mails go out again, because whether the first ones left is not known and a second copy
 * opens the same approval.
 * @throws NotAskableError, NobodyAskedError, NotFoundError: the state machine names the action failed;
 * NobodyMayApproveError: it names it advice
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
  insistAskable({ incident, plan, action, approval: wanted });
  const { question, people } = await offer(deps, { incident, action, approval: wanted });
  const { approval, created } = await deps.approvals.create(question, taskToken);
  if (approval.status !== 'PENDING') return answeredAlready(deps, approval);

  // All records come before the mails: somebody may decide before the last mail has left.
  const asked = people.filter((one) => approval.approvers.includes(idOf(one)));
  await say(deps, incidentId, 'approval.requested', {
    approvalId: approval.approvalId,
    actionId,
    action: approval.action,
    purpose: purposeOf(approval),
    planDigest: approval.planDigest,
    approvers: asked.map(idOf),
    ...delegated(asked),
    quorum: approval.quorum,
    keptOut: approval.keptOut,
    expiresAt: approval.expiresAt,
    askedAgain: !created,
  });
  // An undo is asked about beside the incident, which may be over long since.
  if (purposeOf(approval) === 'apply')
    await deps.incidents.update(incidentId, { status: 'awaiting-decision', times: { asked: approval.createdAt } });
  const pack = await readBody(deps.blobs, incident.blobs.pack, evidencePackSchema);
  const { mailed } = await mailPeople(deps, { occasion: 'asked', incident, action, approval, people: asked, pack });
  await say(deps, incidentId, 'published', {
    destination: 'mail',
    state: mailed.length > 0 ? 'created' : 'failed',
    approvalId: approval.approvalId,
    mailed,
    notMailed: asked.map(idOf).filter((id) => !mailed.includes(id)),
  });
  if (mailed.length === 0) throw new NobodyAskedError(`no approver of ${incidentId} ${actionId} could be mailed`);
  return { approvalId: approval.approvalId };
}

function delegated(people: readonly Eligible[]): { readonly onBehalfOf?: Readonly<Record<string, string>> } {
  const pairs = people.flatMap(({ person, onBehalfOf }) => (onBehalfOf ? [[person.id, onBehalfOf.id] as const] : []));
  return pairs.length === 0 ? {} : { onBehalfOf: Object.fromEntries(pairs) };
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
  kind: 'approval.requested' | 'approval.not-asked' | 'published',
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
    purpose: prepared.undoes === undefined ? 'apply' : 'undo',
    planDigest: digest,
    planKey: of.planKey,
    status: 'PENDING',
    approvers,
    quorum: 1,
    votes: [],
    steps: [],
    stepsDone: 0,
    keptOut: [],
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + expiresAfterSeconds * 1000).toISOString(),
    delivery: 'waiting',
  };
}

/** A guard that does not hold refuses (rules 7 and 9). */
function insistAskable(of: {
  readonly incident: Incident;
  readonly plan: Plan;
  readonly action: PlannedAction;
  readonly approval: Approval;
}): void {
  const { incident, action, approval } = of;
  // An automatic action is asked about where its playbook may not act after all.
  if (action.gate === 'suggest')
    throw new NotAskableError(`action ${approval.actionId} has gate ${action.gate}; nobody is asked`);
  if (!incident.confirmed && purposeOf(of.approval) === 'apply')
    throw new NotAskableError('the vendor did not confirm the alert; nobody is asked');
  if (approvedAction(of.plan, approval) === undefined) {
    throw new NotAskableError(`action ${approval.actionId} does not match its digest; plan again`);
  }
}

/** Whom the question goes to: who was planned, has the right still, and could do it themselves at this moment (rule 4). */
async function offer(
  deps: RequestApprovalDeps,
  of: { readonly incident: Incident; readonly action: PlannedAction; readonly approval: Approval },
): Promise<{ readonly question: Approval; readonly people: readonly Eligible[] }> {
  const { action, approval } = of;
  const about = caseOf(deps.config, { incident: of.incident, prepared: action.prepared });
  const policy = policyFor(deps.config, about);
  const planned = eligiblePeople(deps.config, about, deps.now()).filter((one) => action.approvers.includes(idOf(one)));
  const { allowed, keptOut } = await offered(deps.rights, planned, action.prepared);
  const voices = voicesOf(allowed);
  if (voices < policy.quorum) {
    const reason = [
      voices === 0
        ? 'Nobody may approve it now.'
        : `${policy.quorum} different people must approve it, and only ${voices} may.`,
      ...keptOut.map(({ reason }) => reason),
    ].join(' ');
    const { approvalId, actionId } = approval;
    if (!saidBefore(await deps.audit.read(approval.incidentId), 'approval.not-asked', { approvalId })) {
      await say(deps, approval.incidentId, 'approval.not-asked', {
        approvalId,
        actionId,
        action: approval.action,
        keptOut,
        reason,
      });
    }
    deps.telemetry.count('ApprovalNotAsked');
    throw new NobodyMayApproveError(reason);
  }
  const { now: people, later } = whomToAsk(policy, allowed, deps.now());
  const analysis = await readBody(deps.blobs, of.incident.blobs.analysis, analysisSchema);
  return {
    people: allowed,
    question: {
      ...approval,
      approvers: people.map(idOf),
      quorum: policy.quorum,
      keptOut: [...keptOut],
      steps: [...stepsOf(policy, { ...approval, later })],
      ...(analysis === undefined
        ? {}
        : {
            analysis: {
              headline: analysis.headline,
              author: authorWords(analysis),
              verdict: `${analysis.verdict}, confidence ${analysis.confidence}`,
            },
          }),
    },
  };
}
