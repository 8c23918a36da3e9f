import { readInteraction } from '../../connectors/chat/slack/interaction.ts';
import { answerPrivately } from '../../connectors/chat/slack/private-answer.ts';
import { type SignatureFault, signatureFault, signingSecretSchema } from '../../connectors/chat/slack/signature.ts';
import type { HttpDeps } from '../../connectors/http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../connectors/publication/destination.ts';
import type { Secrets } from '../../connectors/secrets/secrets.ts';
import { type ClickDeps, decideByClick } from './click.ts';
import { type Reply, readRequest, reply, type SignedRequest } from './request.ts';
import { FAILED } from './words.ts';

export interface SlackCallbackDeps extends ClickDeps {
  /** undefined: questions are not asked in Slack, so nothing that arrives is an answer. */
  readonly slack: { readonly signingSecret: string; readonly appId: string; readonly teamId: string } | undefined;
  readonly secrets: Secrets;
  readonly http: HttpDeps;
}

/** A message of ours has 50 blocks at most and comes back whole, percent-encoded; larger is nothing Slack sends for it. */
const MAX_BODY_BYTES = 512_000;

/**
 * A click on a button in Slack. Whatever it says is read only after the bytes were proven to be Slack’s; the person is who
 * the configuration says that Slack user is. Decides at most one question, by the one way there is.
 * @throws z.ZodError when not called by an HTTP API
 */
export async function slackCallback(deps: SlackCallbackDeps, event: unknown): Promise<Reply> {
  const request = readRequest(event);
  if (deps.slack === undefined) return refuse(deps, 403, 'not-configured');
  if (request.body.length > MAX_BODY_BYTES) return refuse(deps, 413, 'too-large');
  let fault: SignatureFault | undefined;
  try {
    fault = await faultOf(deps, deps.slack.signingSecret, request);
  } catch (error) {
    // A guard that cannot be evaluated refuses (rule 9).
    deps.telemetry.error('a click could not be checked', {}, error);
    return refuse(deps, 503, 'unchecked');
  }
  if (fault !== undefined) return refuse(deps, 401, fault);

  const interaction = readInteraction(request.body);
  if (interaction.kind === 'unreadable') return refuse(deps, 400, 'unreadable');
  if (interaction.kind === 'other') return reply(200);
  const { click } = interaction;
  if (click.appId !== deps.slack.appId) return refuse(deps, 403, 'other-app');
  if (click.teamId !== deps.slack.teamId) return refuse(deps, 403, 'other-team');
  const said = await decideOrSay(deps, click);
  if (said !== undefined && click.responseUrl !== undefined) await tell(deps, click.responseUrl, said);
  return reply(200);
}

/** The secret may have been regenerated since it was read, so a forged one is looked at twice. */
async function faultOf(
  deps: SlackCallbackDeps,
  name: string,
  request: SignedRequest,
): Promise<SignatureFault | undefined> {
  const fault = signatureFault(await deps.secrets.get(name, signingSecretSchema), request, deps.now());
  if (fault !== 'forged') return fault;
  return signatureFault(await deps.secrets.get(name, signingSecretSchema, { fresh: true }), request, deps.now());
}

/** @returns what the person is told; undefined when the message itself will say it */
async function decideOrSay(
  deps: SlackCallbackDeps,
  click: Parameters<typeof decideByClick>[1],
): Promise<string | undefined> {
  try {
    return await decideByClick(deps, click);
  } catch (error) {
    // Answered 200 all the same: Slack would show its own error, which says less than this.
    deps.telemetry.error('a click could not be decided', { approvalId: click.approvalId }, error);
    deps.telemetry.count('SlackClickFailed');
    return FAILED;
  }
}

async function tell(deps: SlackCallbackDeps, responseUrl: string, words: string): Promise<void> {
  try {
    await answerPrivately(deps.http, responseUrl, words);
  } catch (error) {
    if (!(error instanceof DestinationRefusedError || error instanceof DestinationUnavailableError)) throw error;
    deps.telemetry.error('who clicked could not be told', {}, error);
  }
}

function refuse(deps: SlackCallbackDeps, status: Parameters<typeof reply>[0], reason: string): Reply {
  deps.telemetry.count('SlackCallbackRefused', { reason });
  return reply(status);
}
