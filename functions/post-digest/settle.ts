import { fewAtOnce } from '../../connectors/runtime/few-at-once.ts';
import type { DigestPost, DigestReceipt } from '../../connectors/store/digest-port.ts';
import type { PostDigestDeps } from './deps.ts';
import { STORE_CALLS_AT_ONCE } from './members.ts';

type SettleDeps = Pick<PostDigestDeps, 'incidents' | 'line' | 'posts' | 'audit' | 'now'>;

/**
 * What follows a posted digest: for each member the log says so, its publication names the message, and it leaves the line.
 * Safe to repeat from anywhere; at worst the log says twice what is true.
 */
export async function settle(
  deps: SettleDeps,
  system: string,
  post: DigestPost,
  receipt: DigestReceipt,
): Promise<void> {
  const incidentIds = [...new Set(post.members.map(({ incidentId }) => incidentId))];
  await fewAtOnce(incidentIds, STORE_CALLS_AT_ONCE, (incidentId) => settleOne(deps, system, post, receipt, incidentId));
  await deps.posts.finish(post);
}

async function settleOne(
  { incidents, line, audit, now }: SettleDeps,
  system: string,
  { digestId, members }: DigestPost,
  receipt: DigestReceipt,
  incidentId: string,
): Promise<void> {
  const publications = await incidents.publications(incidentId);
  const said = publications.some(
    ({ destination, remoteId }) => destination === 'chat' && remoteId === receipt.remoteId,
  );
  if (!said) {
    await audit.append({
      chain: incidentId,
      at: now().toISOString(),
      actor: { type: 'function', id: 'post-digest' },
      kind: 'published',
      data: { destination: 'chat', system, stage: 'digest', state: 'told-in-digest', digestId, ...receipt },
    });
  }
  for (const place of members.filter((member) => member.incidentId === incidentId)) {
    await line.tell(place, { remoteId: receipt.remoteId, at: now() });
    await line.leave(place);
  }
}
