import {
  type HttpDeps,
  type HttpLimits,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../../http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../publication/destination.ts';
import { escapeSlack } from './map.ts';

/** Slack shows an error when the whole answer takes more than three seconds. */
const LIMITS: HttpLimits = { timeoutMs: 800, maxAnswerBytes: 10_000, attempts: 1, maxWaitMs: 0 };

/**
 * Tells one person something only they see. The address comes with the click and is a secret of its own: it is never
 * logged, and nothing is ever sent to another host than Slack’s.
 * @throws DestinationRefusedError, DestinationUnavailableError
 */
export async function answerPrivately(http: HttpDeps, responseUrl: string, text: string): Promise<void> {
  if (!isSlackHook(responseUrl)) throw new DestinationRefusedError('the address to answer at is not one of Slack');
  try {
    await request(
      http,
      {
        method: 'POST',
        url: responseUrl,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: escapeSlack(text) }),
      },
      LIMITS,
    );
  } catch (error) {
    // Without the cause: its message names the path, which is the secret part of the address.
    if (error instanceof RefusedError) throw new DestinationRefusedError(`Slack answered ${error.status}`);
    if (error instanceof UnreachableError || error instanceof UnusableAnswerError) {
      throw new DestinationUnavailableError(`Slack could not be told: ${error.name}`, { outcomeUnknown: true });
    }
    throw error;
  }
}

export function isSlackHook(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, username, password } = new URL(address);
  return protocol === 'https:' && host === 'hooks.slack.com' && username === '' && password === '';
}
