import { decisionOf, tellDecided } from '../../connectors/asking/decided.ts';
import { messagePage } from '../../connectors/pages/message.tsx';
import { emptyReply, pageReply, type Reply, withoutBody } from '../../connectors/pages/reply.ts';
import { readBody } from '../../connectors/publication/bodies.ts';
import { cookieOf, edgeOf } from '../../connectors/sign-in/cookies.ts';
import type { SignInTokens } from '../../connectors/sign-in/sealed.ts';
import type { ApprovalStore } from '../../connectors/store/ports.ts';
import type { Decision, Proof } from '../../domain/approval/approval.ts';
import { whyNotByLink } from '../../domain/approval/by-link.ts';
import type { ApprovalLinks } from '../../domain/approval/link.ts';
import { isProofOf, signInFor } from '../../domain/approval/proof.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import { decidedMessage, UNAVAILABLE, WRONG_METHOD } from './answer-pages.tsx';
import { type OpenDeps, type Opened, open } from './open.ts';
import { approvalPage } from './page.tsx';
import { type RefuseDeps, refuse } from './refusals.ts';
import { type DecisionForm, type PeopleRequest, readForm, readRequest } from './request.ts';
import { approvalView } from './view.ts';

export interface DecideDeps extends OpenDeps, RefuseDeps {
  readonly approvals: Pick<ApprovalStore, 'get' | 'decide'>;
  readonly links: ApprovalLinks;
  readonly sessions: Pick<SignInTokens, 'readSession'>;
}

/**
 * The approval page and its decision (rule 4). Only `post` reaches `approvals.decide`: GET, HEAD and OPTIONS, however
 * often mail scanners send them, read.
 * @throws z.ZodError when not called by an HTTP API
 */
export async function decide(deps: DecideDeps, event: unknown): Promise<Reply> {
  const request = readRequest(event);
  try {
    switch (request.method) {
      case 'GET':
        return await show(deps, request);
      case 'HEAD':
        return withoutBody(await show(deps, request));
      case 'POST':
        return await post(deps, request);
      case 'OPTIONS':
        return emptyReply(204);
      default: {
        const reply = pageReply(405, messagePage(WRONG_METHOD));
        return { ...reply, headers: { ...reply.headers, ...emptyReply(405).headers } };
      }
    }
  } catch (error) {
    // What cannot be checked is refused (rule 9). A decision may have been stored before the failure; the page says so.
    deps.telemetry.error('approval request failed', { approvalId: request.approvalId, method: request.method }, error);
    deps.telemetry.count('ApprovalPageFailed');
    return pageReply(503, messagePage(UNAVAILABLE));
  }
}

async function show(deps: DecideDeps, request: PeopleRequest): Promise<Reply> {
  const opened = await open(deps, request);
  if (!opened.ok) return await refuse(deps, opened, 'GET');
  const { approval, incident, link } = opened;
  const signedIn = await signedInFor(deps, request, opened);
  const [pack, token] = await Promise.all([
    readBody(deps.blobs, incident.blobs.pack, evidencePackSchema),
    deps.links.formToken(approval.approvalId, link, signedIn?.session),
  ]);
  deps.telemetry.count('ApprovalViewed');
  const view = approvalView({ ...opened, config: deps.config, pack, proof: signedIn?.proof, now: deps.now() });
  return pageReply(200, approvalPage(view, { link, token }));
}

interface SignedIn {
  readonly session: string;
  readonly proof: Proof;
}

/**
 * The sign-in of the person of this link for this question, where it takes one. Held against the configuration of now: a
 * subject that was taken from a person is nobody any more.
 */
async function signedInFor(deps: DecideDeps, request: PeopleRequest, opened: Opened): Promise<SignedIn | undefined> {
  const signIn = signInFor(deps.config, opened.approval.action);
  const edge = edgeOf({ host: request.headers['host'], path: request.path });
  const session = signIn && edge && cookieOf(request.cookies, 'session', edge);
  if (signIn === undefined || session === undefined) return undefined;
  const person = opened.decider.person.id;
  const of = { approvalId: opened.approval.approvalId, person, link: opened.link };
  const proof = await deps.sessions.readSession(session, of, deps.now());
  if (proof === undefined || !isProofOf(deps.config, person, proof)) return undefined;
  const ends = Date.parse(proof.authenticatedAt) + signIn.maxAgeSeconds * 1000;
  return deps.now().getTime() < ends ? { session, proof } : undefined;
}

async function post(deps: DecideDeps, request: PeopleRequest): Promise<Reply> {
  const reading = readForm(request);
  if (!reading.ok) return await refuse(deps, { ok: false, refusal: 'malformed', reason: reading.reason }, 'POST');
  const ask = { approvalId: request.approvalId, link: reading.form.t ?? request.link };
  const opened = await open(deps, ask);
  if (!opened.ok) return await refuse(deps, opened, 'POST');
  const { approval, link } = opened;
  const signedIn = await signedInFor(deps, request, opened);
  const byLink = reading.form.decision === 'approved' ? whyNotByLink(deps.config, approval.action) : undefined;
  if (byLink !== undefined && signedIn === undefined) {
    return await refuse(
      deps,
      { ok: false, refusal: 'not-by-link', claims: opened.claims, approval, why: byLink },
      'POST',
    );
  }
  if (!(await deps.links.formTokenMatches(approval.approvalId, link, reading.form.csrf, signedIn?.session))) {
    const reason = 'The form is not the one this page was served with. Open the link in your mail and decide there.';
    return await refuse(deps, { ok: false, refusal: 'malformed', approval, reason }, 'POST');
  }
  const decision = decisionIn(reading.form, opened, signedIn?.proof, deps.now());
  const after = await deps.approvals.decide(decision, approval.incidentId, deps.now(), approval);
  if (after !== undefined) {
    tellDecided(deps.telemetry, after, decision);
    return pageReply(200, messagePage(decidedMessage(decision, after, opened.action.preview)));
  }
  // Somebody or something else was faster: the same checks now say what it was.
  const again = await open(deps, ask);
  if (again.ok) throw new Error(`approval ${approval.approvalId} is open but could not be decided`);
  return await refuse(deps, again, 'POST');
}

/** With what the form says beside yes and no, and by what the person is proven. */
function decisionIn(form: DecisionForm, opened: Opened, proof: Proof | undefined, now: Date): Decision {
  return {
    ...decisionOf(opened, form.decision, now),
    ...(form.comment === undefined ? {} : { comment: form.comment }),
    ...(form.reason === undefined ? {} : { reason: form.reason }),
    ...(proof === undefined ? {} : { proof }),
  };
}
