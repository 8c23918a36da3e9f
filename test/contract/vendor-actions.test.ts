import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import { exactTargets } from '../../connectors/targets/exact.ts';
import { rehearsingTargets } from '../../connectors/targets/rehearsal.ts';
import type { ApplyResult } from '../../domain/actions/action.ts';
import {
  atVendor,
  onWrites,
  PATIENCE_MS,
  prepare,
  prepared,
  recordNow,
  startVendors,
  VENDOR_ACTIONS,
  type VendorStage,
  vendorOf,
  world,
} from './vendor-stage.ts';

let on: VendorStage;
beforeEach(async () => {
  on = await startVendors();
});
afterEach(async () => {
  await on.close();
});

const answered = (status: number, headers: Record<string, string> = {}) =>
  onWrites(async () => new Response('{"message":"played"}', { status, headers }));

describe.each(VENDOR_ACTIONS)('%s', (name) => {
  const action = atVendor(name);
  const vendor = vendorOf(name);
  const isCopy = action.class === 'evidence';
  const apply = async (fetch?: typeof globalThis.fetch): Promise<ApplyResult> =>
    await action.apply(on.write(vendor, fetch), await prepared(on, name));

  it('reads only while it is prepared, and gives the same plan for the same record', async () => {
    const before = world(on);
    const first = await prepare(on, name);
    expect(first).toMatchObject({ ok: true });
    expect(await prepare(on, name)).toEqual(first);
    expect(world(on)).toBe(before);
  });

  it('is advice with the reason while no credential may answer, and asks the vendor nothing then', async () => {
    const configured = on.sources[vendor];
    if (configured === undefined) throw new Error(`${vendor} is not configured`);
    const { writeSecret: _, ...api } = configured.api;
    const calls = on.server.calls.length;
    const read = on.read(vendor, { [vendor]: { ...configured, api } });
    expect(await prepare(on, name, {}, read)).toMatchObject({
      ok: false,
      code: 'unsupported',
      reason: expect.stringContaining(`sources.${vendor}.api.writeSecret is not configured`),
    });
    expect(on.server.calls.length).toBe(calls);
  });

  it('is not prepared for a record the vendor does not have, nor for one of another kind', async () => {
    expect(await prepare(on, name, { id: 'nobody-has-this' })).toMatchObject({ ok: false, code: 'gone' });
    const kind = action.name.startsWith('wiz.') ? 'alert' : 'issue';
    expect(await prepare(on, name, { kind })).toMatchObject({ ok: false, code: 'unsupported' });
  });

  it('is there after it was applied, twice equals once, and the reading credential sees it', async () => {
    const plan = await prepared(on, name);
    expect((await action.verify(on.read(vendor), plan)).result).toBe('failed');
    const first = await action.apply(on.write(vendor), plan);
    expect(first).toMatchObject({ outcome: 'applied' });
    expect(first.requests.map(({ method, path }) => ({ method, path }))).toEqual(
      plan.requests.map(({ method, path }) => ({ method, path })),
    );
    const after = world(on);
    expect(await action.apply(on.write(vendor), plan)).toMatchObject({ outcome: 'already-applied', requests: [] });
    expect(world(on)).toBe(after);
    // A copy takes hours, and Wiz tells nobody when it is complete.
    expect((await action.verify(on.read(vendor), plan)).result).toBe(isCopy ? 'partial' : 'contained');
  });

  if (action.reversible) {
    it('is gone after it was rolled back, and rolling back twice changes nothing more', async () => {
      const before = await recordNow(on, name);
      const plan = await prepared(on, name);
      await action.apply(on.write(vendor), plan);
      expect(await action.rollBack(on.write(vendor), plan)).toMatchObject({ outcome: 'rolled-back' });
      expect(await recordNow(on, name)).toEqual(before);
      expect(await action.rollBack(on.write(vendor), plan)).toMatchObject({
        outcome: 'nothing-to-undo',
        requests: [],
      });
    });

    it('is rehearsed with the reading credential, and then undone by exactly the requests that were rehearsed', async () => {
      const before = await recordNow(on, name);
      const plan = await prepared(on, name);
      await action.apply(on.write(vendor), plan);
      const done = world(on);
      const elsewhere = { kubernetes: () => undefined, aws: () => undefined };
      const { rehearse } = rehearsingTargets(catalogue, { ...elsewhere, vendor: () => on.read(vendor) });
      const rehearsal = await rehearse(plan);
      if (rehearsal.kind !== 'ready') throw new Error(rehearsal.said);
      expect(world(on)).toBe(done);
      const { rollBackExactly } = exactTargets(catalogue, { ...elsewhere, vendor: () => on.write(vendor) });
      expect(await rollBackExactly(plan, 'ada', [])).toMatchObject({ outcome: 'changed', requests: [] });
      expect(world(on)).toBe(done);
      expect(await rollBackExactly(plan, 'ada', rehearsal.requests)).toMatchObject({ outcome: 'rolled-back' });
      expect(await recordNow(on, name)).toEqual(before);
      expect(await rehearse(plan)).toMatchObject({ kind: 'nothing' });
      expect((await action.verify(on.read(vendor), plan)).result).not.toBe('contained');
    });

    it('tells that it could not be undone when the vendor refuses, and finds it undone when only the answer was lost', async () => {
      const plan = await prepared(on, name);
      await action.apply(on.write(vendor), plan);
      expect(await action.rollBack(on.write(vendor, answered(403)), plan)).toMatchObject({ outcome: 'failed' });
      const lost = onWrites(async (send) => {
        await send();
        throw new TypeError('the connection was reset');
      });
      expect(await action.rollBack(on.write(vendor, lost), plan)).toMatchObject({ outcome: 'rolled-back' });
    });
  } else {
    it('says that nothing undoes it, and does not claim so before it was done', async () => {
      const plan = await prepared(on, name);
      expect(plan.inverse).toEqual([]);
      expect(await action.rollBack(on.write(vendor), plan)).toMatchObject({ outcome: 'nothing-to-undo', requests: [] });
      await action.apply(on.write(vendor), plan);
      expect(await action.rollBack(on.write(vendor), plan)).toMatchObject({
        outcome: isCopy ? 'nothing-to-undo' : 'failed',
        requests: [],
      });
    });
  }

  it('is denied with the credential that only reads, and changes nothing then', async () => {
    const plan = await prepared(on, name);
    const before = world(on);
    on.secrets.stored.set(`write/${vendor}`, on.secrets.stored.get(`read/${vendor}`));
    expect(await action.apply(on.write(vendor), plan)).toMatchObject({ outcome: 'denied' });
    expect(world(on)).toBe(before);
  });

  it('renews a token that is refused, once, and is denied when the new one is refused as well', async () => {
    const once = onWrites(async (send, nth) => (nth === 1 ? new Response('{}', { status: 401 }) : await send()));
    expect(await apply(once)).toMatchObject({ outcome: 'applied' });
    await on.close();
    on = await startVendors();
    expect(await apply(answered(401))).toMatchObject({ outcome: 'denied' });
  });

  it.each([
    [400, 'failed', /400/],
    [403, 'denied', /403/],
    [422, 'failed', /422/],
    [429, 'failed', /429.*the request was not processed/],
    [500, 'failed', /500.*it is not known whether the request took effect/],
    [503, 'failed', /503.*it is not known whether the request took effect/],
  ] as const)('ends as it is when the vendor answers %i, and nothing was changed', async (status, outcome, reason) => {
    const before = world(on);
    expect(await apply(answered(status))).toMatchObject({ outcome, reason: expect.stringMatching(reason) });
    expect(world(on)).toBe(before);
  });

  it('names a record that is gone, and in Prisma Cloud one that is in another state by now (404)', async () => {
    const before = world(on);
    expect(await apply(answered(404))).toMatchObject({ outcome: vendor === 'prisma-cloud' ? 'changed' : 'gone' });
    expect(world(on)).toBe(before);
  });

  it('reads again when somebody was faster (409), and wants a new plan when that happens again', async () => {
    const once = onWrites(async (send, nth) => (nth === 1 ? new Response('{}', { status: 409 }) : await send()));
    expect(await apply(once)).toMatchObject({ outcome: 'applied' });
    await on.close();
    on = await startVendors();
    expect(await apply(answered(409))).toMatchObject({ outcome: 'changed' });
  });

  it('finds its effect when the answer was lost on the way, and does nothing twice', async () => {
    const lost = onWrites(async (send) => {
      await send();
      throw new DOMException('too slow', 'TimeoutError');
    });
    const plan = await prepared(on, name);
    const first = await action.apply(on.write(vendor, lost), plan);
    if (plan.requests.length === 1) expect(first).toMatchObject({ outcome: 'applied', reason: /the answer was lost/ });
    const after = world(on);
    await action.apply(on.write(vendor), plan);
    if (plan.requests.length === 1) expect(world(on)).toBe(after);
  });

  it('never sends what is not in its closed list, whoever approved it', async () => {
    const plan = await prepared(on, name);
    const before = world(on);
    const forged = { ...plan, requests: plan.requests.map((one) => ({ ...one, path: `${one.path}/../../policies` })) };
    expect(await action.apply(on.write(vendor), forged)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('is never sent'),
      requests: [],
    });
    const wider = {
      ...plan,
      requests: plan.requests.map((one) => ({ ...one, body: { ...Object(one.body), all: true } })),
    };
    expect(await action.apply(on.write(vendor), wider)).toMatchObject({ outcome: 'failed', requests: [] });
    expect(world(on)).toBe(before);
  });

  it('has its rights beside it, of both halves', () => {
    const { read, write } = action.permissions;
    for (const { right, why } of [...read, ...write])
      expect([right, why]).toEqual([expect.any(String), expect.any(String)]);
    expect(read.length).toBeGreaterThan(0);
    expect(write.length).toBeGreaterThan(0);
  });
});

describe('a vendor that limits the rate', () => {
  it('is waited for, since a call that was refused for its rate did nothing', async () => {
    const name = 'prisma-cloud-compute.acknowledge-incident';
    const twice = onWrites(async (send, nth) =>
      nth <= 2 ? new Response('{}', { status: 429, headers: { 'retry-after': '2' } }) : await send(),
    );
    const plan = await prepared(on, name);
    expect(await atVendor(name).apply(on.write('prisma-cloud-compute', twice), plan)).toMatchObject({
      outcome: 'applied',
    });
    expect(on.waited).toEqual([2_000, 2_000]);
  });

  it('is not waited for longer than the function has', async () => {
    const name = 'prisma-cloud-compute.acknowledge-incident';
    const plan = await prepared(on, name);
    const late = answered(429, { 'retry-after': String(PATIENCE_MS / 1000 + 1) });
    expect(await atVendor(name).apply(on.write('prisma-cloud-compute', late), plan)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('the request was not processed'),
    });
    expect(on.waited).toEqual([]);
  });
});

describe('a threat in Wiz', () => {
  const name = 'wiz.resolve-issue';

  it('can be resolved, an issue about posture cannot: that closes when its cause is gone', async () => {
    expect(await prepare(on, name)).toMatchObject({ ok: true });
    expect(await prepare(on, name, { id: '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0002' })).toMatchObject({
      ok: false,
      code: 'unsupported',
      reason: expect.stringContaining('only threats be resolved'),
    });
  });

  it('goes back to in progress when it was that, not to open', async () => {
    const acknowledge = atVendor('wiz.acknowledge-issue');
    await acknowledge.apply(on.write('wiz'), await prepared(on, 'wiz.acknowledge-issue'));
    const plan = await prepared(on, name);
    await atVendor(name).apply(on.write('wiz'), plan);
    expect(await atVendor(name).rollBack(on.write('wiz'), plan)).toMatchObject({ outcome: 'rolled-back' });
    expect(await recordNow(on, name)).toMatchObject({ state: 'in_progress' });
  });

  it('is left alone by the way back when somebody has set it to something else meanwhile', async () => {
    const plan = await prepared(on, 'wiz.acknowledge-issue');
    await atVendor('wiz.acknowledge-issue').apply(on.write('wiz'), plan);
    await atVendor(name).apply(on.write('wiz'), await prepared(on, name));
    expect(await atVendor('wiz.acknowledge-issue').rollBack(on.write('wiz'), plan)).toMatchObject({
      outcome: 'nothing-to-undo',
      reason: expect.stringContaining('somebody made the issue resolved'),
    });
    expect(await recordNow(on, name)).toMatchObject({ state: 'resolved' });
  });
});

describe('an answer of GraphQL', () => {
  const said = (body: object) => onWrites(async () => Response.json(body));
  const error = (code: string) => ({ message: 'played', extensions: { code } });
  const acknowledge = async (fetch: typeof globalThis.fetch): Promise<ApplyResult> =>
    await atVendor('wiz.acknowledge-issue').apply(on.write('wiz', fetch), await prepared(on, 'wiz.acknowledge-issue'));

  it.each([
    ['UNAUTHENTICATED', 'denied'],
    ['UNAUTHORIZED', 'denied'],
    ['FORBIDDEN_IP', 'denied'],
    ['NOT_FOUND', 'gone'],
    ['BAD_USER_INPUT', 'failed'],
    ['RATE_LIMIT_EXCEEDED', 'failed'],
    ['INTERNAL', 'failed'],
  ])('that is 200 with the error %s is a refusal', async (code, outcome) => {
    expect(await acknowledge(said({ data: null, errors: [error(code)] }))).toMatchObject({ outcome });
  });

  it('with data and an error was carried out in part: the issue is asked, and nothing is claimed that it does not show', async () => {
    const half = { data: { updateIssue: { issue: { id: 'x' } } }, errors: [error('INTERNAL')] };
    expect(await acknowledge(said(half))).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('it is not known whether the request took effect'),
    });
    const done = onWrites(async (send) => {
      await send();
      return Response.json(half);
    });
    expect(await acknowledge(done)).toMatchObject({ outcome: 'applied' });
  });
});

describe('a forensics copy', () => {
  const name = 'wiz.forensics-copy';
  const copies = () => on.systems.wiz?.view();

  it('is for machines alone: a container has no volumes', async () => {
    expect(await prepare(on, name, { id: '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0001' })).toMatchObject({
      ok: false,
      code: 'unsupported',
    });
  });

  it('is not asked for twice when the answer got lost: a second copy of every disk would be made', async () => {
    const plan = await prepared(on, name);
    const lost = onWrites(async (send, nth) => {
      const answer = await send();
      if (nth === 2) throw new TypeError('the connection was reset');
      return answer;
    });
    expect(await atVendor(name).apply(on.write('wiz', lost), plan)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^1 of the requests took effect.*it is not known/),
    });
    expect(await atVendor(name).apply(on.write('wiz'), plan)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('delete the note under the issue to ask again'),
      requests: [],
    });
    expect(copies()).toMatchObject({ forensicCopies: ['a90f3b52-7c1d-5e86-94ab-2d4f6b8c0009'] });
    expect((await atVendor(name).verify(on.read('wiz'), plan)).result).toBe('unknown');
  });
});

describe('the hourly calls of Lacework', () => {
  const name = 'lacework.comment-alert';
  const comments = (): number => on.server.calls.filter(({ path }) => path.endsWith('/comment')).length;

  it('are not spent on waiting: a 429 speaks of the hour, so nothing is repeated and the next answer is not even sent', async () => {
    const plan = await prepared(on, name);
    let refused = 0;
    const limited = onWrites(async () => {
      refused += 1;
      return new Response('{}', { status: 429, headers: { 'retry-after': '1' } });
    });
    const write = on.write('lacework', limited);
    const outcome = { outcome: 'failed', reason: expect.stringContaining('the request was not processed') };
    expect(await atVendor(name).apply(write, plan)).toMatchObject(outcome);
    expect(await atVendor(name).apply(write, plan)).toMatchObject(outcome);
    expect([refused, on.waited]).toEqual([1, []]);
  });

  it('are used up for what writes alone, and then nothing is sent', async () => {
    const lacework = on.sources.lacework;
    if (lacework === undefined) throw new Error('lacework is not configured');
    const plan = await prepared(on, name);
    const few = { lacework: { ...lacework, api: { ...lacework.api, callsPerHour: 1 } } };
    const write = on.write('lacework', undefined, few);
    // One call of each kind: the alert can be read, its timeline not any more.
    await expect(atVendor(name).apply(write, plan)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('the hourly budget of calls'),
    });
    expect(comments()).toBe(0);
    expect(await prepare(on, name)).toMatchObject({ ok: true });
  });
});
