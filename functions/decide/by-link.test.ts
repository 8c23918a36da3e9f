import { beforeEach, describe, expect, it } from 'vitest';
import { scriptedRights } from '../../test/fakes/rights.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  INCIDENT_ID,
  linkFor,
  type StoryStores,
  storyApproval,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { formOf, peopleEvent, postEvent } from '../../test/stories/people-event.ts';
import { type DecideDeps, decide } from './decide.ts';

const ID = storyApproval().approvalId;
let stores: StoryStores;
let telemetry: RecordingTelemetry;
let deps: DecideDeps;
let link: string;

/** The class of the story's action was taken out of what a link may approve after the question was asked. */
beforeEach(async () => {
  stores = await storyStores({ asked: true });
  telemetry = recordingTelemetry();
  const config = approverConfiguration();
  const now = () => new Date(ASKED_AT.getTime() + 60_000);
  const approvals = { ...config.approvals, linkMayApprove: ['annotation' as const] };
  deps = { ...stores, rights: scriptedRights(), config: { ...config, approvals }, telemetry, now };
  link = await linkFor(stores, 'dana');
});

const page = async () => (await decide(deps, peopleEvent('GET', { t: link }))).body;
const status = async () => (await stores.approvals.get(ID))?.status;

describe('an action a link may not approve', () => {
  it('is shown whole with the reason, with a button to reject and none to approve', async () => {
    const body = await page();
    expect(body).toContain('It cannot be approved here');
    expect(body).toContain('actions of class network-isolation are not among those');
    expect(body).toContain('value="rejected"');
    expect(body).not.toContain('value="approved"');
    expect(body).toContain('kubernetes.quarantine-pod');
  });

  it('is not approved by a form that says so all the same, however often; the attempt is counted and written once', async () => {
    const form = formOf(await page(), 'approved');
    for (const _ of [1, 2, 3]) {
      const reply = await decide(deps, postEvent(form));
      expect([reply.statusCode, reply.body.includes('A link may not approve this')]).toEqual([403, true]);
    }
    expect(await status()).toBe('PENDING');
    expect(telemetry.counted('ApprovalRefused', { reason: 'not-by-link' })).toBe(3);
    expect(
      (await stores.audit.read(INCIDENT_ID)).map(({ kind, actor, data }) => [kind, actor.id, data['refusal']]),
    ).toEqual([['approval.refused', 'dana', 'not-by-link']]);
  });

  it('is rejected by the link as any other - a rejection by mistake leaves everything as it is', async () => {
    const form = new URLSearchParams(formOf(await page(), 'rejected'));
    form.set('reason', 'false-alarm');
    expect((await decide(deps, postEvent(form.toString()))).statusCode).toBe(200);
    expect(await status()).toBe('REJECTED');
  });
});
