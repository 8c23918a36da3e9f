import { beforeAll, describe, expect, it } from 'vitest';
import { type IncidentStore, NotFoundError, TooLargeError } from '../../connectors/store/ports.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../domain/workload.ts';
import { sampleFinding, sampleWorkload } from '../fakes/findings.ts';
import { publicationBehaviour } from './publication-behaviour.ts';
import { freshNamespace, type Stores } from './stores.ts';

const DAY = 24 * 3600_000;
const start = new Date('2025-10-14T09:16:05.000Z');
const later = (ms: number): Date => new Date(start.getTime() + ms);

function attachAt(incidents: IncidentStore, finding: NormalizedFinding, now = start) {
  return incidents.attach(finding, {
    receivedAt: now.toISOString(),
    now,
    windowMinutes: 60,
    rawKey: 'alerts/sample.json',
  });
}

export function incidentBehaviour(name: string, make: () => Stores | Promise<Stores>, storm: number): void {
  describe(`${name}: attach`, () => {
    let incidents: IncidentStore;
    beforeAll(async () => {
      incidents = (await make()).incidents;
    });
    const about = (namespace: string, event: string, severity: NormalizedFinding['severity'] = 'high') =>
      sampleFinding({ event: `${namespace}-${event}`, severity, workload: sampleWorkload(namespace) });

    it('opens an incident for the first finding of a workload, as whoever reads it needs it', async () => {
      const finding = about(freshNamespace(), 'a');
      const attachment = await attachAt(incidents, finding);
      expect(attachment.kind).toBe('opened');
      expect(await incidents.get(attachment.incident.incidentId)).toEqual({
        incidentId: attachment.incident.incidentId,
        source: 'prisma-cloud-compute',
        status: 'opened',
        severity: 'high',
        workload: finding.workload,
        workloadKey: workloadKey(finding.workload),
        generation: 1,
        windowEndsAt: later(3600_000).toISOString(),
        findingCount: 1,
        duplicateCount: 0,
        confirmed: false,
        times: { received: start.toISOString(), opened: start.toISOString() },
        blobs: {},
      });
      expect(attachment.event).toEqual({
        incidentId: attachment.incident.incidentId,
        source: 'prisma-cloud-compute',
        severity: 'high',
        workloadKey: workloadKey(finding.workload),
        openedAt: start.toISOString(),
      });
      expect(await incidents.findings(attachment.incident.incidentId)).toEqual([finding]);
    });

    it('counts the same finding again as a duplicate - senders repeat what was not acknowledged', async () => {
      const finding = about(freshNamespace(), 'a');
      const opened = await attachAt(incidents, finding);
      const again = await attachAt(incidents, finding, later(1000));
      expect(again).toMatchObject({ kind: 'duplicate', announced: false });
      expect(again.incident).toMatchObject({
        incidentId: opened.incident.incidentId,
        findingCount: 1,
        duplicateCount: 1,
      });
      expect(await incidents.findings(opened.incident.incidentId)).toHaveLength(1);
    });

    it('adds another finding of the workload to the open incident, and raises its severity but never lowers it', async () => {
      const namespace = freshNamespace();
      const opened = await attachAt(incidents, about(namespace, 'a', 'medium'));
      const raised = await attachAt(incidents, about(namespace, 'b', 'critical'), later(1000));
      const low = await attachAt(incidents, about(namespace, 'c', 'low'), later(2000));
      expect([raised.kind, low.kind]).toEqual(['attached', 'attached']);
      expect(low.event.severity).toBe('critical');
      expect(await incidents.get(opened.incident.incidentId)).toMatchObject({ severity: 'critical', findingCount: 3 });
    });

    it('keeps workloads of the same name in different namespaces apart', async () => {
      const [one, other] = [freshNamespace(), freshNamespace()];
      const a = await attachAt(incidents, about(one, 'a'));
      const b = await attachAt(incidents, about(other, 'a'));
      expect([a.kind, b.kind]).toEqual(['opened', 'opened']);
      expect(a.incident.incidentId).not.toBe(b.incident.incidentId);
    });

    it('opens the next incident when the window has ended - and the first one stays in the history', async () => {
      const namespace = freshNamespace();
      const first = await attachAt(incidents, about(namespace, 'a'));
      const second = await attachAt(incidents, about(namespace, 'b'), later(3600_000));
      expect(second).toMatchObject({ kind: 'opened', incident: { generation: 2 } });
      const history = await incidents.history(first.incident.workloadKey, {
        except: second.incident.incidentId,
        limit: 5,
      });
      expect(history.map(({ incidentId }) => incidentId)).toEqual([first.incident.incidentId]);
    });

    it('starts nothing for a finding that was attached long ago - its deduplication key has expired, its place has not', async () => {
      const namespace = freshNamespace();
      const first = await attachAt(incidents, about(namespace, 'a'));
      for (const daysLater of [9, 10]) {
        const again = await attachAt(incidents, about(namespace, 'a'), later(daysLater * DAY));
        expect(again).toMatchObject({ kind: 'duplicate', incident: { incidentId: first.incident.incidentId } });
      }
    });

    it('leaves an incident that is over alone when something worse arrives - nobody is looking at it any more', async () => {
      const namespace = freshNamespace();
      const first = await attachAt(incidents, about(namespace, 'a', 'medium'));
      await incidents.update(first.incident.incidentId, { status: 'concluded' });
      const tail = await attachAt(incidents, about(namespace, 'b', 'medium'), later(1000));
      const worse = await attachAt(incidents, about(namespace, 'c', 'high'), later(2000));
      expect(tail).toMatchObject({ kind: 'attached', incident: { incidentId: first.incident.incidentId } });
      expect(worse).toMatchObject({ kind: 'opened', incident: { generation: 2, severity: 'high' } });
    });

    it(`makes one incident with one finding of ${storm} parallel deliveries of the same finding`, async () => {
      const finding = about(freshNamespace(), 'a');
      const kinds = await Promise.all(Array.from({ length: storm }, () => attachAt(incidents, finding)));
      expect(kinds.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
      expect(kinds.filter(({ kind }) => kind === 'duplicate')).toHaveLength(storm - 1);
      const [first] = kinds;
      const incidentId = first?.incident.incidentId ?? '';
      expect(await incidents.findings(incidentId)).toEqual([finding]);
      expect(await incidents.get(incidentId)).toMatchObject({ findingCount: 1, generation: 1 });
    }, 120_000);

    it(`gathers ${storm} parallel findings of one workload in one incident and loses none`, async () => {
      const namespace = freshNamespace();
      const all = await Promise.all(
        Array.from({ length: storm }, (_, index) => attachAt(incidents, about(namespace, `event-${index}`))),
      );
      expect(new Set(all.map(({ incident }) => incident.incidentId)).size).toBe(1);
      expect(all.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
      const incidentId = all[0]?.incident.incidentId ?? '';
      expect(await incidents.get(incidentId)).toMatchObject({ findingCount: storm, duplicateCount: 0 });
      const uids = (await incidents.findings(incidentId)).map(({ finding }) => finding.finding_info.uid);
      expect(new Set(uids).size).toBe(storm);
    }, 120_000);

    it('keeps a finding as it came although it is nested deeper than a database map may be', async () => {
      let nested: Record<string, unknown> = { text: '\ud800 lone surrogate', number: 1e300 };
      for (let depth = 0; depth < 60; depth += 1) nested = { nested };
      const namespace = freshNamespace();
      const finding = sampleFinding({ event: namespace, workload: sampleWorkload(namespace), unmapped: nested });
      const { incident } = await attachAt(incidents, finding);
      expect(await incidents.findings(incident.incidentId)).toEqual([finding]);
    });

    it('refuses a finding that is larger than an item may be, by name - the caller must make it smaller', async () => {
      const namespace = freshNamespace();
      const finding = sampleFinding({
        event: namespace,
        workload: sampleWorkload(namespace),
        unmapped: { text: 'x'.repeat(400_000) },
      });
      await expect(attachAt(incidents, finding)).rejects.toBeInstanceOf(TooLargeError);
    });

    it('lists the newest first', async () => {
      const future = new Date(Date.now() + 365 * DAY);
      const older = await attachAt(incidents, about(freshNamespace(), 'a'), future);
      const newer = await attachAt(incidents, about(freshNamespace(), 'a'), new Date(future.getTime() + 1000));
      const ids = (await incidents.list({ limit: 200 })).map(({ incidentId }) => incidentId);
      expect(ids.indexOf(newer.incident.incidentId)).toBeGreaterThanOrEqual(0);
      expect(ids.indexOf(older.incident.incidentId)).toBeGreaterThan(ids.indexOf(newer.incident.incidentId));
      expect(await incidents.list({ limit: 1 })).toHaveLength(1);
    });
  });

  describe(`${name}: an incident's life`, () => {
    let incidents: IncidentStore;
    beforeAll(async () => {
      incidents = (await make()).incidents;
    });
    const opened = async (): Promise<string> => {
      const namespace = freshNamespace();
      const finding = sampleFinding({ event: namespace, workload: sampleWorkload(namespace) });
      return (await attachAt(incidents, finding)).incident.incidentId;
    };

    it('is announced once it was said so', async () => {
      const namespace = freshNamespace();
      const finding = sampleFinding({ event: namespace, workload: sampleWorkload(namespace) });
      const { incident } = await attachAt(incidents, finding);
      await incidents.markAnnounced(incident.incidentId);
      expect(await attachAt(incidents, finding)).toMatchObject({ kind: 'duplicate', announced: true });
    });

    it('belongs to the one execution that claimed it first, also when that one asks again', async () => {
      const incidentId = await opened();
      const answers = await Promise.all(
        ['run-1', 'run-2', 'run-3'].map(async (run) => ({ run, mine: await incidents.claim(incidentId, run, start) })),
      );
      const winners = answers.filter(({ mine }) => mine);
      expect(winners).toHaveLength(1);
      expect(await incidents.claim(incidentId, winners[0]?.run ?? '', start)).toBe(true);
      expect(await incidents.get(incidentId)).toMatchObject({ execution: winners[0]?.run });
    });

    it('changes only what is named, and a milestone keeps the time it was first reached', async () => {
      const incidentId = await opened();
      await incidents.update(incidentId, {
        status: 'investigating',
        times: { investigationStarted: later(1000).toISOString() },
        blobs: { pack: 'pack.json' },
      });
      await incidents.update(incidentId, {
        headline: 'Crypto miner in payments/checkout',
        confirmed: true,
        times: { investigationStarted: later(9000).toISOString(), triaged: later(9000).toISOString() },
        blobs: { analysis: 'analysis.json' },
      });
      expect(await incidents.get(incidentId)).toMatchObject({
        status: 'investigating',
        severity: 'high',
        headline: 'Crypto miner in payments/checkout',
        confirmed: true,
        times: {
          received: start.toISOString(),
          opened: start.toISOString(),
          investigationStarted: later(1000).toISOString(),
          triaged: later(9000).toISOString(),
        },
        blobs: { pack: 'pack.json', analysis: 'analysis.json' },
      });
    });

    it('stays concluded - a decision that lost the race against the end is noted, but reopens nothing', async () => {
      const incidentId = await opened();
      await incidents.update(incidentId, { status: 'concluded' });
      await incidents.update(incidentId, { status: 'responding', times: { decided: later(1000).toISOString() } });
      await incidents.update(incidentId, { status: 'failed' });
      expect(await incidents.get(incidentId)).toMatchObject({
        status: 'concluded',
        times: { decided: later(1000).toISOString() },
      });
    });

    it('may go on after it failed - a run can be driven again', async () => {
      const incidentId = await opened();
      await incidents.update(incidentId, { status: 'failed' });
      await incidents.update(incidentId, { status: 'responding' });
      expect(await incidents.get(incidentId)).toMatchObject({ status: 'responding' });
    });

    it('is not made by changing or claiming one that is not there', async () => {
      const missing = `inc-${freshNamespace()}`;
      await expect(incidents.update(missing, { status: 'failed' })).rejects.toBeInstanceOf(NotFoundError);
      await expect(incidents.claim(missing, 'run-1', start)).rejects.toBeInstanceOf(NotFoundError);
      await expect(incidents.markAnnounced(missing)).rejects.toBeInstanceOf(NotFoundError);
      expect(await incidents.get(missing)).toBeUndefined();
    });

    publicationBehaviour(() => incidents, opened);
  });
}
