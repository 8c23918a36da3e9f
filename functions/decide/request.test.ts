import { beforeEach, describe, expect, it } from 'vitest';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  linkFor,
  type StoryStores,
  storyApproval,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { formOf, HOST, type PeopleCall, peopleEvent, postEvent } from '../../test/stories/people-event.ts';
import { type DecideDeps, decide } from './decide.ts';

const ID = storyApproval().approvalId;

let stores: StoryStores;
let telemetry: RecordingTelemetry;
let now: Date;
let deps: DecideDeps;
let link: string;

beforeEach(async () => {
  stores = await storyStores({ asked: true });
  telemetry = recordingTelemetry();
  now = new Date(ASKED_AT.getTime() + 60_000);
  deps = { ...stores, config: approverConfiguration(), telemetry, now: () => now };
  link = await linkFor(stores, 'dana');
});

const get = (call: PeopleCall = {}) => decide(deps, peopleEvent('GET', { t: link, ...call }));
const post = (body: string, call?: PeopleCall) => decide(deps, postEvent(body, call));
async function submit(decision: 'approved' | 'rejected', comment?: string, t = link) {
  return post(formOf((await get({ t })).body, decision, comment));
}
const status = async () => (await stores.approvals.get(ID))?.status;

describe('what is not our own form', () => {
  const good = async () => formOf((await get()).body, 'approved');
  const without = (body: string, name: string) => {
    const fields = new URLSearchParams(body);
    fields.delete(name);
    return fields.toString();
  };

  it.each<[string, (body: string) => string, Readonly<Record<string, string>>]>([
    ['JSON', () => '{"decision":"approved"}', { 'content-type': 'application/json' }],
    ['plain text, which other sites may post', (body) => body, { 'content-type': 'text/plain' }],
    ['a body without a type', (body) => body, { 'content-type': '' }],
    ['a form of another site by Origin', (body) => body, { origin: 'https://evil.example.net' }],
    ['a form of another site by Sec-Fetch-Site', (body) => body, { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['a form of a neighbouring name', (body) => body, { 'sec-fetch-site': 'same-site' }],
    ['an unreadable Origin', (body) => body, { origin: 'not an address' }],
    ['a form without its token', (body) => without(body, 'csrf'), {}],
    ['a form with a token of nothing', (body) => body.replace(/csrf=[^&]+/, 'csrf=AAAA'), {}],
    ['a form without a decision', (body) => without(body, 'decision'), {}],
    ['a decision nobody offered', (body) => body.replace('decision=approved', 'decision=APPROVED'), {}],
    ['two decisions', (body) => `${body}&decision=rejected`, {}],
    ['a comment that is too long', (body) => body.replace('comment=', `comment=${'x'.repeat(501)}`), {}],
    ['a body that is too large', (body) => `${body}&x=${'x'.repeat(12_000)}`, {}],
    ['nothing', () => '', {}],
  ])('refuses %s', async (_, change, headers) => {
    const reply = await post(change(await good()), { headers });
    expect([reply.statusCode, await status()]).toEqual([400, 'PENDING']);
    expect(telemetry.counted('ApprovalRefused', { reason: 'malformed' })).toBe(1);
  });

  it.each([
    [{ origin: `https://${HOST}`, 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'null' }],
    [{}],
  ])('accepts the headers browsers send with our page: %j', async (headers) => {
    expect((await post(await good(), { headers })).statusCode).toBe(200);
  });

  it('does not take the form of one approver with the link of another', async () => {
    const samsLink = await linkFor(stores, 'sam');
    const fields = new URLSearchParams(await good());
    fields.set('t', samsLink);
    expect((await post(fields.toString())).statusCode).toBe(400);
    expect(await status()).toBe('PENDING');
  });

  it('strips what would disturb those who read a comment later', async () => {
    await submit('approved', 'fine\u0000 \u202Eexe.txt\u200B\n ');
    expect((await stores.approvals.get(ID))?.comment).toBe('fine exe.txt');
  });
});
