import type { Slack } from '../../connectors/chat/slack/client.ts';
import type { Teams } from '../../connectors/chat/teams/client.ts';
import { readBody } from '../../connectors/publication/bodies.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../connectors/publication/destination.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { ApprovalStore, AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { ShownPlace, ShownStore } from '../../connectors/store/shown-port.ts';
import { planSchema } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { approvedAction } from '../../domain/approval/link.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import { digestOf } from '../../domain/json/canonical.ts';
import { type QuestionWords, questionWords } from '../../domain/publish/question.ts';
import { changedApprovals } from './stream.ts';

export interface ShowQuestionDeps {
  readonly config: Configuration;
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly shown: ShownStore;
  /** Absent: not configured. */
  readonly slack?: Slack | undefined;
  readonly teams?: Teams | undefined;
  readonly peopleEdgeUrl: string;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Channels are views of the one record: whenever a question changes - asked, voted, decided, expired, re-planned, closed -
 * what they show is made anew from the table, so that an event that comes twice or late shows nothing old.
 * @throws z.ZodError when the event is no batch
 */
export async function showQuestions(deps: ShowQuestionDeps, event: unknown): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const { sequence, approvalId } of changedApprovals(event)) {
    try {
      await show(deps, approvalId);
    } catch (error) {
      deps.telemetry.error('question not shown yet', { approvalId }, error);
      failures.push({ itemIdentifier: sequence });
    }
  }
  return { batchItemFailures: failures };
}

async function show(deps: ShowQuestionDeps, approvalId: string): Promise<void> {
  const approval = await deps.approvals.get(approvalId);
  const incident = approval && (await deps.incidents.get(approval.incidentId));
  if (approval === undefined || incident === undefined) return;
  const [plan, pack] = await Promise.all([
    readBody(deps.blobs, approval.planKey, planSchema),
    readBody(deps.blobs, incident.blobs.pack, evidencePackSchema),
  ]);
  const pageUrl = `${deps.peopleEdgeUrl.replace(/\/+$/, '')}/approvals/${approvalId}`;
  const action = plan && approvedAction(plan, approval);
  const words = questionWords({ config: deps.config, approval, incident, action, pack, pageUrl });
  // Each for itself: one that fails must not keep the other from being told.
  const became = await Promise.allSettled([showInSlack(deps, approval, words), showInTeams(deps, approval, words)]);
  const failed = became.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function showInSlack(deps: ShowQuestionDeps, approval: Approval, words: QuestionWords): Promise<void> {
  const { slack } = deps;
  if (slack === undefined) return;
  const content = {
    ...words,
    approvalId: approval.approvalId,
    planDigest: approval.planDigest,
    revision: approval.votes.length,
    buttons: words.open ? [...(words.notByLink === undefined ? (['approved'] as const) : []), 'rejected' as const] : [],
  };
  const before = await deps.shown.get(approval.approvalId, 'slack');
  const remoteId = before?.remoteId;
  await once(deps, approval, 'slack', words, () =>
    remoteId === undefined ? slack.ask(content) : slack.updateQuestion(remoteId, content),
  );
}

async function showInTeams(deps: ShowQuestionDeps, approval: Approval, words: QuestionWords): Promise<void> {
  const { teams } = deps;
  if (teams === undefined) return;
  const place = words.open ? 'teams-question' : 'teams-end';
  // One card for each: a vote in between, or a delivery after the decision, is no reason for another.
  if ((await deps.shown.get(approval.approvalId, place)) !== undefined) return;
  await once(deps, approval, place, words, () => teams.post(words));
}

/** Sends what is not shown there yet, and remembers it. Whatever needs a person is said and not tried again. */
async function once(
  deps: ShowQuestionDeps,
  approval: Approval,
  place: ShownPlace,
  words: QuestionWords,
  send: () => Promise<{ readonly remoteId?: string; readonly requestSha256: string; readonly status: number }>,
): Promise<void> {
  const { approvalId } = approval;
  const digest = digestOf({ title: words.title, blocks: words.blocks, open: words.open });
  const before = await deps.shown.get(approvalId, place);
  if (before?.digest === digest) return;
  const remember = (remoteId: string | undefined) =>
    deps.shown.put(approvalId, place, {
      digest,
      at: deps.now().toISOString(),
      ...(remoteId === undefined ? {} : { remoteId }),
    });
  try {
    const receipt = await send();
    await remember(receipt.remoteId);
    const state = before?.remoteId === undefined ? 'created' : 'updated';
    await say(deps, approval, place, { ...receipt, state });
  } catch (error) {
    const settled =
      error instanceof DestinationRefusedError ||
      (error instanceof DestinationUnavailableError && error.outcomeUnknown);
    if (!settled) throw error;
    // After silence it may be there; a second one would be shown for nothing, and mails have asked everybody anyway.
    deps.telemetry.error('question could not be shown', { approvalId, place }, error);
    deps.telemetry.count('QuestionNotShown', { place });
    await remember(before?.remoteId);
    await say(deps, approval, place, { state: 'failed', note: error.message });
  }
}

async function say(
  deps: ShowQuestionDeps,
  { approvalId, actionId, incidentId, status }: Approval,
  place: ShownPlace,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'show-question' },
    kind: 'published',
    data: {
      destination: place === 'slack' ? 'slack' : 'teams',
      what: 'question',
      approvalId,
      actionId,
      question: status,
      ...data,
    },
  });
}
