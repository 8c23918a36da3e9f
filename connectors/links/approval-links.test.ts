import fc from 'fast-check';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { LinkClaims } from '../../domain/approval/link.ts';
import { memorySecrets } from '../../test/fakes/secrets.ts';
import { SecretError } from '../secrets/secrets.ts';
import { approvalLinks } from './approval-links.ts';

const NAME = 'parapet/approval-links';
const KEY = 'an-invented-link-secret-for-tests-only';
const OTHER = 'another-invented-link-secret-for-tests';
const NOW = new Date('2025-10-14T09:25:00.000Z');
const CLAIMS: LinkClaims = {
  sub: 'apr-0123456789abcdef01234567',
  per: 'dana',
  plan: 'd'.repeat(64),
  inc: 'inc-0123456789abcdef0123',
  exp: Math.floor(NOW.getTime() / 1000) + 600,
};
const linksWith = (secret: unknown) => approvalLinks({ secrets: memorySecrets({ [NAME]: secret }), secretName: NAME });
const links = linksWith({ current: KEY });

/** A token of the same secret that is not a link of ours. */
function token(change: {
  alg?: string;
  typ?: string;
  aud?: string;
  claims?: Record<string, unknown>;
}): Promise<string> {
  const { sub, exp, ...rest } = CLAIMS;
  return new SignJWT({ ...rest, ...change.claims })
    .setProtectedHeader({ alg: change.alg ?? 'HS256', typ: change.typ ?? 'parapet-approval+jwt' })
    .setSubject(sub)
    .setAudience(change.aud ?? 'parapet-approval')
    .setExpirationTime(exp)
    .sign(new TextEncoder().encode(KEY));
}

describe('approval links', () => {
  it('say what they were signed with', async () => {
    expect(await links.read(await links.sign(CLAIMS), NOW)).toEqual({
      ok: true,
      expired: false,
      claims: expect.objectContaining(CLAIMS),
    });
  });

  it('still name their person after they expired, so that the page can say so', async () => {
    const link = await links.sign(CLAIMS);
    const read = (seconds: number) => links.read(link, new Date((CLAIMS.exp + seconds) * 1000));
    expect(await read(-1)).toMatchObject({ ok: true, expired: false });
    expect(await read(0)).toMatchObject({ ok: true, expired: true, claims: { per: 'dana' } });
    expect(await read(9_999_999)).toMatchObject({ ok: true, expired: true });
  });

  it('are refused as tampered when any one character is changed', async () => {
    const link = await links.sign(CLAIMS);
    await fc.assert(
      fc.asyncProperty(
        // The last character has two bits that say nothing (32 bytes in 43 characters).
        fc.nat({ max: link.length - 2 }),
        fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'),
        async (at, character) => {
          const changed = link.slice(0, at) + character + link.slice(at + 1);
          fc.pre(changed !== link);
          expect((await links.read(changed, NOW)).ok).toBe(false);
        },
      ),
    );
  });

  it.each([
    ['another secret', () => linksWith({ current: OTHER }).sign(CLAIMS)],
    ['another purpose', () => token({ typ: 'JWT' })],
    ['another audience', () => token({ aud: 'parapet-console' })],
    ['another algorithm of the same key', () => token({ alg: 'HS384' })],
    ['a person that is no text', () => token({ claims: { per: 7 } })],
  ])('are refused as tampered when signed for %s', async (_, make) => {
    expect(await links.read(await make(), NOW)).toEqual({ ok: false, refusal: 'tampered' });
  });

  it('are refused when they claim to need no signature', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none', typ: 'parapet-approval+jwt' })}.${part({ ...CLAIMS, aud: 'parapet-approval' })}.x`;
    expect(await links.read(unsigned, NOW)).toEqual({ ok: false, refusal: 'tampered' });
  });

  it('are malformed when they are nothing like a token, and never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 3_000 }), async (text) => {
        expect((await links.read(text, NOW)).ok).toBe(false);
      }),
    );
    expect(await links.read('x'.repeat(5_000), NOW)).toEqual({ ok: false, refusal: 'malformed' });
  });

  it('survive a rotation: old ones are accepted from `previous`, new ones are signed with `current`', async () => {
    const old = await links.sign(CLAIMS);
    const rotated = linksWith({ current: OTHER, previous: KEY });
    expect(await rotated.read(old, NOW)).toMatchObject({ ok: true });
    expect(await links.read(await rotated.sign(CLAIMS), NOW)).toEqual({ ok: false, refusal: 'tampered' });
    expect(await linksWith({ current: OTHER }).read(old, NOW)).toEqual({ ok: false, refusal: 'tampered' });
  });

  it('are not made with a short secret - HS256 is only as strong as its key', async () => {
    await expect(linksWith({ current: 'short' }).sign(CLAIMS)).rejects.toBeInstanceOf(SecretError);
  });
});

describe('form tokens', () => {
  it('belong to one link of one approval', async () => {
    const link = await links.sign(CLAIMS);
    const form = await links.formToken(CLAIMS.sub, link);
    expect(await links.formTokenMatches(CLAIMS.sub, link, form)).toBe(true);
    expect(await links.formTokenMatches('apr-other', link, form)).toBe(false);
    expect(await links.formTokenMatches(CLAIMS.sub, await links.sign({ ...CLAIMS, per: 'sam' }), form)).toBe(false);
    expect(await linksWith({ current: OTHER }).formTokenMatches(CLAIMS.sub, link, form)).toBe(false);
    expect(await linksWith({ current: OTHER, previous: KEY }).formTokenMatches(CLAIMS.sub, link, form)).toBe(true);
  });

  it('cannot be guessed by form: nothing short, long or odd matches', async () => {
    const link = await links.sign(CLAIMS);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await links.formTokenMatches(CLAIMS.sub, link, text)).toBe(false);
      }),
    );
  });
});
