import type { DigestLine, DigestPlace, DigestPost, DigestPosts } from '../../connectors/store/digest-port.ts';
import { minuteOf } from '../../connectors/store/minute-rate.ts';
import { ConflictError } from '../../connectors/store/ports.ts';
import type { Publication } from '../../domain/incident/incident.ts';
import { type DigestEntry, digestEntrySchema } from '../../domain/publish/digest-entry.ts';
import { type Failing, failing } from './failures.ts';
import type { MemoryIncidentStore } from './incident-store.ts';

const placeOf = ({ stoodAt, incidentId }: DigestPlace): string => `${stoodAt}#${incidentId}`;

export type MemoryDigestLine = DigestLine & Failing<keyof DigestLine>;
/** The line beside the publications it changes. */
export function memoryDigestLine(incidents: Pick<MemoryIncidentStore, 'changeChat'>): MemoryDigestLine {
  const counts = new Map<string, number>();
  const standing = new Map<string, DigestEntry>();
  return failing({
    async countInMinute(now) {
      const count = (counts.get(minuteOf(now)) ?? 0) + 1;
      counts.set(minuteOf(now), count);
      return count;
    },
    async stand(entry, { system, before }) {
      const { incidentId, stoodAt } = entry;
      const stands: Publication = {
        destination: 'chat',
        system,
        state: 'in-digest',
        claimedAt: stoodAt,
        updatedAt: stoodAt,
      };
      const isAsRead = (now: Publication | undefined): boolean =>
        now?.state === before?.state && now?.updatedAt === before?.updatedAt;
      if (!incidents.changeChat(incidentId, (now) => (isAsRead(now) ? stands : undefined))) {
        throw new ConflictError('changed meanwhile');
      }
      standing.set(placeOf(entry), digestEntrySchema.parse(entry));
    },
    async next(limit) {
      return [...standing]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([, entry]) => entry);
    },
    async tell({ incidentId, stoodAt }, { remoteId, at }) {
      return incidents.changeChat(incidentId, (now) =>
        now?.state === 'in-digest' && now.claimedAt === stoodAt
          ? { ...now, remoteId, updatedAt: at.toISOString() }
          : undefined,
      );
    },
    async leave(place) {
      standing.delete(placeOf(place));
    },
  } satisfies DigestLine);
}

export type MemoryDigestPosts = DigestPosts & Failing<keyof DigestPosts>;
export function memoryDigestPosts(): MemoryDigestPosts {
  let held: DigestPost | undefined;
  const isHeld = (post: DigestPost | undefined): boolean =>
    held?.digestId === post?.digestId && held?.claimedAt === post?.claimedAt;
  return failing({
    async current() {
      return held;
    },
    async claim(post, before) {
      if (!isHeld(before)) return false;
      held = post;
      return true;
    },
    async posted(post, receipt) {
      if (held === undefined || !isHeld(post)) throw new ConflictError('another digest');
      held = { ...held, receipt };
    },
    async finish(post) {
      if (isHeld(post)) held = undefined;
    },
  } satisfies DigestPosts);
}
