import { expect, it } from 'vitest';
import type { IncidentStore } from '../../connectors/store/ports.ts';
import type { Publication } from '../../domain/incident/incident.ts';

const now = new Date('2025-10-14T09:17:00.000Z');
const after = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** Claims of tickets and messages, so that each is created once. */
export function publicationBehaviour(incidents: () => IncidentStore, opened: () => Promise<string>): void {
  const claim = (incidentId: string, at = now) =>
    incidents().claimPublication(incidentId, { destination: 'ticket', system: 'jira', now: at, leaseSeconds: 60 });
  const created: Publication = {
    destination: 'ticket',
    system: 'jira',
    state: 'created',
    remoteId: 'SEC-1',
    url: 'https://jira.example.com/browse/SEC-1',
    claimedAt: now.toISOString(),
    updatedAt: after(1).toISOString(),
  };

  it('gives a destination to exactly one of several parallel publishers', async () => {
    const incidentId = await opened();
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim(incidentId)));
    expect(claims.filter(({ mine }) => mine)).toHaveLength(1);
    expect(claims.filter(({ stale }) => stale)).toHaveLength(0);
  });

  it('shows what was created to everyone who comes later, however late', async () => {
    const incidentId = await opened();
    await claim(incidentId);
    await incidents().recordPublication(incidentId, created);
    expect(await claim(incidentId, after(999))).toEqual({ mine: false, stale: false, publication: created });
    expect(await incidents().publications(incidentId)).toEqual([created]);
  });

  it('hands over a claim whose lease ran out and says so - the first one may have created something', async () => {
    const incidentId = await opened();
    await claim(incidentId);
    expect(await claim(incidentId, after(59))).toMatchObject({ mine: false, stale: false });
    expect(await claim(incidentId, after(60))).toMatchObject({ mine: true, stale: true });
    expect(await claim(incidentId, after(61))).toMatchObject({ mine: false, stale: false });
  });

  it('lets a failed creation be tried again at once', async () => {
    const incidentId = await opened();
    await claim(incidentId);
    const failed: Publication = {
      destination: 'ticket',
      system: 'jira',
      state: 'failed',
      note: 'the project does not exist',
      claimedAt: now.toISOString(),
      updatedAt: after(1).toISOString(),
    };
    await incidents().recordPublication(incidentId, failed);
    expect(await claim(incidentId, after(2))).toMatchObject({ mine: true, stale: true });
  });

  it('keeps ticket and chat apart', async () => {
    const incidentId = await opened();
    expect(await claim(incidentId)).toMatchObject({ mine: true });
    const chat = await incidents().claimPublication(incidentId, {
      destination: 'chat',
      system: 'slack',
      now,
      leaseSeconds: 60,
    });
    expect(chat).toMatchObject({ mine: true, stale: false });
    expect(await incidents().publications(incidentId)).toHaveLength(2);
  });
}
