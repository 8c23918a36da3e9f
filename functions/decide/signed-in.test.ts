import { beforeEach, describe, expect, it } from 'vitest';
import type { Proof } from '../../domain/approval/approval.ts';
import { whyNoQuorum } from '../../domain/approval/quorum.ts';
import { scriptedRights } from '../../test/fakes/rights.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  INCIDENT_ID,
  linkFor,
  type StoryStores,
  storyApproval,
  storyIncident,
  storyPrepared,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { formOf, peopleEvent, postEvent } from '../../test/stories/people-event.ts';
import { signInConfiguration } from '../../test/stories/sign-in.ts';
import { type DecideDeps, decide } from './decide.ts';

const ISSUER = 'https://login.example.com';
const ID = storyApproval().approvalId;
let stores: StoryStores;
let telemetry: RecordingTelemetry;
let deps: DecideDeps;
let link: string;
let now: Date;

beforeEach(async () => {
  stores = await storyStores({ asked: true });
  telemetry = recordingTelemetry();
  now = new Date(ASKED_AT.getTime() + 60_000);
  const config = signInConfiguration({ issuer: ISSUER });
  deps = { ...stores, rights: scriptedRights(), config, telemetry, now: () => now };
  link = await linkFor(stores, 'dana');
});

function proofOf(person: string): Proof {
  return { kind: 'oidc', issuer: ISSUER, subject: `subject-of-${person}`, authenticatedAt: ASKED_AT.toISOString() };
}
/** The cookie as `sign-in` sets it. */
async function session(change: Partial<{ person: string; approvalId: string; link: string; proof: Proof }> = {}) {
  const of = { approvalId: ID, person: 'dana', link, ...change };
  const expires = new Date(ASKED_AT.getTime() + 900_000);
  return `__Host-parapet-session=${await stores.sessions.signSession(of, change.proof ?? proofOf(of.person), expires)}`;
}
const withCookies = (event: unknown, ...cookies: string[]): unknown => ({ ...Object(event), cookies });
const page = async (...cookies: string[]) =>
  (await decide(deps, withCookies(peopleEvent('GET', { t: link }), ...cookies))).body;
const post = (form: string, ...cookies: string[]) => decide(deps, withCookies(postEvent(form), ...cookies));
const approval = async () => await stores.approvals.get(ID);

describe('an action that takes a sign-in', () => {
  it('offers to sign in and to reject, and no way to approve by the link', async () => {
    const body = await page();
    expect(body).toContain(`href="../sign-in/${ID}?t=${encodeURIComponent(link)}"`);
    expect(body).toContain('Sign in to approve');
    expect(body).toContain('value="rejected"');
    expect(body).not.toContain('value="approved"');
  });

  it('is approved by the person of the link who signed in, and who it was is in the vote and in the log', async () => {
    const cookie = await session();
    const body = await page(cookie);
    expect(body).toContain('login.example.com says it is you');
    expect((await post(formOf(body, 'approved'), cookie)).statusCode).toBe(200);
    expect((await approval())?.votes).toEqual([
      { person: 'dana', decision: 'approved', at: now.toISOString(), proof: proofOf('dana') },
    ]);
    expect((await stores.audit.read(INCIDENT_ID)).map(({ kind, data }) => [kind, data['identity']])).toEqual([
      ['approval.decided', proofOf('dana')],
    ]);
    expect(quorum(await approval())).toBeUndefined();
  });

  it('is not approved by a session that is of somebody or something else, or over', async () => {
    const good = await session();
    const form = formOf(await page(good), 'approved');
    const foreign = [
      await session({ person: 'sam' }),
      await session({ approvalId: `apr-${'0'.repeat(24)}` }),
      await session({ link: await linkFor(stores, 'sam') }),
      await session({ proof: proofOf('sam') }),
      await session({ proof: { ...proofOf('dana'), issuer: 'https://evil.example.com' } }),
      `${good}x`,
      good.replace('__Host-', ''),
      `__Host-parapet-session=${link}`,
    ];
    for (const cookie of foreign) {
      expect(await page(cookie)).not.toContain('value="approved"');
      expect((await post(form, cookie)).statusCode).toBe(403);
    }
    now = new Date(ASKED_AT.getTime() + 900_000);
    expect((await post(form, good)).statusCode).toBe(403);
    expect((await approval())?.votes).toEqual([]);
  });

  it('is not approved when the subject was taken from the person meanwhile', async () => {
    const cookie = await session();
    const form = formOf(await page(cookie), 'approved');
    const approvers = deps.config.approvers.map((person) =>
      person.id === 'dana' ? { ...person, oidcSubject: 'another' } : person,
    );
    deps = { ...deps, config: { ...deps.config, approvers } };
    expect((await post(form, cookie)).statusCode).toBe(403);
  });

  it('takes the form of this very session - one that was served before signing in, or in another sign-in, is void', async () => {
    const cookie = await session();
    const before = new URLSearchParams(formOf(await page(), 'rejected'));
    before.set('decision', 'approved');
    expect((await post(before.toString(), cookie)).statusCode).toBe(400);
    const earlier = await session({ proof: { ...proofOf('dana'), authenticatedAt: '2025-10-14T09:19:00.000Z' } });
    expect((await post(formOf(await page(earlier), 'approved'), cookie)).statusCode).toBe(400);
    expect((await approval())?.votes).toEqual([]);
  });

  it('is rejected by the link alone, which the log calls by its name', async () => {
    expect((await post(formOf(await page(), 'rejected'))).statusCode).toBe(200);
    expect((await stores.audit.read(INCIDENT_ID)).map(({ data }) => data['identity'])).toEqual([
      { kind: 'possession of link' },
    ]);
  });

  it('asks nothing of a session where a link suffices', async () => {
    const { approvals } = deps.config;
    deps = { ...deps, config: { ...deps.config, approvals: { ...approvals, linkMayApprove: ['network-isolation'] } } };
    const body = await page();
    expect(body).not.toContain('sign-in/');
    expect((await post(formOf(body, 'approved'))).statusCode).toBe(200);
  });
});

describe('the votes behind an action that takes a sign-in', () => {
  it('count only when they are proven, freshly, by the issuer and the subject of now', async () => {
    const cookie = await session();
    await post(formOf(await page(cookie), 'approved'), cookie);
    const decided = await approval();
    const [vote] = decided?.votes ?? [];
    if (decided === undefined || vote === undefined) throw new Error('nothing was decided');
    const { proof: _, ...unproven } = vote;
    const told = (other: typeof vote) => quorum({ ...decided, votes: [other] });
    expect([
      told(unproven),
      told({ ...unproven, channel: 'slack' }),
      told({ ...vote, proof: proofOf('sam') }),
      told({ ...vote, proof: { ...proofOf('dana'), issuer: 'https://evil.example.com' } }),
      told({ ...vote, at: new Date(ASKED_AT.getTime() + 901_000).toISOString() }),
      told({ ...vote, at: new Date(ASKED_AT.getTime() - 61_000).toISOString() }),
      told(vote),
    ]).toEqual([
      'dana approved it without signing in.',
      'dana approved it without signing in.',
      'dana is not who signed in.',
      'dana is not who signed in.',
      'dana had not signed in within 900 seconds before approving.',
      'dana had not signed in within 900 seconds before approving.',
      undefined,
    ]);
    const { signIn: _none, ...approvals } = deps.config.approvals;
    deps = { ...deps, config: { ...deps.config, approvals } };
    expect(told(vote)).toBe('The configuration names no identity provider any more.');
  });
});

function quorum(given: Awaited<ReturnType<typeof approval>>): string | undefined {
  if (given === undefined) throw new Error('there is no approval');
  return whyNoQuorum(deps.config, { approval: given, prepared: storyPrepared(), incident: storyIncident() });
}
