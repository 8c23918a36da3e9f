import type { Slack } from '../../connectors/chat/slack/client.ts';
import { LEASE_SECONDS } from '../../connectors/publication/publish.ts';
import { fewAtOnce } from '../../connectors/runtime/few-at-once.ts';
import type { DigestPlace, DigestPost, DigestReceipt } from '../../connectors/store/digest-port.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { chatDigest } from '../../domain/publish/chat-digest.ts';
import type { PostDigestDeps } from './deps.ts';
import { STORE_CALLS_AT_ONCE, whoIsToBeTold } from './members.ts';
import { settle } from './settle.ts';

/** Members of one digest; the others are told a minute later. So many are settled well within a run. */
export const MOST_MEMBERS = 1_000;

/**
 * Tells those who stand in the line in one message. Claim, post, record, and only then does anybody leave: a run that ends
 * before the post is recorded is done again, so that nobody is lost (Slack may then show the digest twice, because it cannot
 * be asked); one that ends later is finished by the next without a second message.
 * @throws what the chat system or its credential is at fault for, so that the alarm rings; everybody stays in the line
 */
export async function postDigest(deps: PostDigestDeps): Promise<{ readonly told: number }> {
  const { chat, line, posts, telemetry } = deps;
  if (chat === undefined) return { told: 0 };
  const before = await posts.current();
  if (before?.receipt !== undefined) await settle(deps, chat.system, before, before.receipt);
  else if (before !== undefined && holds(before, deps.now())) {
    telemetry.info('another run posts the digest', { digestId: before.digestId });
    return { told: 0 };
  }
  const entries = await line.next(MOST_MEMBERS + 1);
  const { told, members, toldAlone } = await whoIsToBeTold(deps.incidents, entries.slice(0, MOST_MEMBERS));
  await fewAtOnce(toldAlone, STORE_CALLS_AT_ONCE, (place) => line.leave(place));
  if (told.length === 0) return { told: 0 };
  const post = digestPost(members, deps.now());
  // What was posted was settled, and with that gone.
  if (!(await posts.claim(post, before?.receipt === undefined ? before : undefined))) return { told: 0 };
  const words = chatDigest(told, { perMinute: chat.messagesPerMinute, more: entries.length > MOST_MEMBERS });
  const receipt = await send(deps, chat.slack, post, words);
  await posts.posted(post, receipt);
  await settle(deps, chat.system, post, receipt);
  telemetry.info('digest posted', { digestId: post.digestId, incidents: told.length });
  telemetry.count('DigestPosted');
  return { told: told.length };
}

async function send(
  { posts, telemetry }: PostDigestDeps,
  slack: Pick<Slack, 'postDigest'>,
  post: DigestPost,
  words: ReturnType<typeof chatDigest>,
): Promise<DigestReceipt> {
  const { digestId } = post;
  try {
    const { remoteId, requestSha256, status } = await slack.postDigest({ digestId, ...words });
    return { remoteId, requestSha256, status };
  } catch (error) {
    // We live and know that it failed, so the next run need not wait for the lease.
    await posts.finish(post).catch((cause) => telemetry.error('the claim of a digest stays', { digestId }, cause));
    throw error;
  }
}

/** Equal members give an equal id, so that a digest that was posted twice can be told. */
function digestPost(members: readonly DigestPlace[], now: Date): DigestPost {
  const names = members.map(({ incidentId, stoodAt }) => `${incidentId}@${stoodAt}`).join('\n');
  return { digestId: `dig-${sha256Hex(names).slice(0, 20)}`, claimedAt: now.toISOString(), members };
}

/** As long as a run may take: infra gives it no more. */
function holds({ claimedAt }: DigestPost, now: Date): boolean {
  return Date.parse(claimedAt) + LEASE_SECONDS * 1000 > now.getTime();
}
