import { timingSafeEqual } from 'node:crypto';
import { emptyReply, type Reply, redirectReply } from '../../connectors/pages/reply.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { cookieOf, setCookie } from '../../connectors/sign-in/cookies.ts';
import { type Identity, NotSignedInError } from '../../connectors/sign-in/id-token.ts';
import type { OpenIdProvider } from '../../connectors/sign-in/provider.ts';
import type { UnderWay } from '../../connectors/sign-in/schema.ts';
import { type SignInTokens, UNDER_WAY_SECONDS } from '../../connectors/sign-in/sealed.ts';
import type { Proof } from '../../domain/approval/approval.ts';
import { type ApprovalLinks, isForeign } from '../../domain/approval/link.ts';
import { isProofOf } from '../../domain/approval/proof.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { SignInConfiguration } from '../../domain/config/sign-in.ts';
import { refusedReply, type SignInRefusal } from './answer.ts';
import { readRequest, type SignInRequest } from './request.ts';

export interface SignInDeps {
  readonly config: Configuration;
  readonly signIn: SignInConfiguration;
  readonly links: Pick<ApprovalLinks, 'read'>;
  readonly tokens: Pick<SignInTokens, 'sealUnderWay' | 'openUnderWay' | 'signSession'>;
  readonly provider: OpenIdProvider;
  /** 256 unguessable bits, base64url. */
  readonly random: () => string;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/**
 * Proves who is at the approval page. It decides nothing and can read or write no question (rule 4): what it hands out is a
 * session that says "this person, for this question, by this link", which `decide` holds against everything else.
 * @throws z.ZodError when not called by an HTTP API
 */
export async function signIn(deps: SignInDeps, event: unknown): Promise<Reply> {
  const request = readRequest(event);
  if (request === undefined) return refuse(deps, 'malformed');
  if (request.method !== 'GET') return emptyReply(405, 'GET');
  try {
    switch (request.asks.kind) {
      case 'start':
        return await start(deps, request, request.asks.approvalId);
      case 'callback':
        return await callback(deps, request);
      case 'nothing':
        return refuse(deps, 'malformed');
    }
  } catch (error) {
    // Whatever could not be found out, nobody is signed in by it (rule 9).
    deps.telemetry.error('sign-in failed', { asks: request.asks.kind }, error);
    return refuse(deps, 'unavailable');
  }
}

async function start(deps: SignInDeps, request: SignInRequest, approvalId: string): Promise<Reply> {
  const link = request.given('t');
  if (link === undefined) return refuse(deps, 'malformed');
  const reading = await deps.links.read(link, deps.now());
  if (!reading.ok || isForeign(reading.claims, approvalId)) return refuse(deps, 'link');
  if (reading.expired) return refuse(deps, 'expired');
  const { per: person } = reading.claims;
  const known = deps.config.approvers.find(({ id }) => id === person);
  if (known?.oidcSubject === undefined) return refuse(deps, 'no-subject');
  const { edge } = request;
  const underWay: UnderWay = {
    state: deps.random(),
    nonce: deps.random(),
    verifier: deps.random(),
    approvalId,
    person,
    link,
    redirectUri: `${edge.base}/sign-in/callback`,
    issuer: deps.signIn.issuer,
  };
  const address = await deps.provider.authorizationUrl(underWay, { anew: request.given('anew') === '1' });
  const sealed = await deps.tokens.sealUnderWay(underWay, deps.now());
  deps.telemetry.count('SignInStarted');
  return redirectReply(address, [setCookie('sign-in', sealed, edge, UNDER_WAY_SECONDS)]);
}

async function callback(deps: SignInDeps, request: SignInRequest): Promise<Reply> {
  const { edge } = request;
  const sealed = cookieOf(request.cookies, 'sign-in', edge);
  const underWay = sealed === undefined ? undefined : await deps.tokens.openUnderWay(sealed, deps.now());
  if (underWay === undefined || !same(underWay.state, request.given('state') ?? '')) {
    return refuse(deps, 'other-browser');
  }
  const done = setCookie('sign-in', '', edge, 0);
  const again = (anew = false): string => addressOf('sign-in', underWay, anew);
  const no = (refusal: SignInRefusal, detail = {}): Reply => ({
    ...refuse(deps, refusal, { again: again(), ...detail }),
    cookies: [done],
  });
  const iss = request.given('iss');
  // RFC 9207: an answer of another provider must not have its code sent to ours.
  if (underWay.issuer !== deps.signIn.issuer) return no('other-issuer');
  if (iss === undefined ? await deps.provider.namesIssuer() : iss !== deps.signIn.issuer) return no('other-issuer');
  const code = request.given('code');
  if (code === undefined || request.given('error') !== undefined) return no('declined');
  let identity: Identity;
  try {
    identity = await deps.provider.identityOf(code, underWay);
  } catch (error) {
    if (!(error instanceof NotSignedInError)) {
      deps.telemetry.error('the identity provider could not be asked', {}, error);
      return no('unavailable');
    }
    deps.telemetry.error('sign-in refused', { approvalId: underWay.approvalId, person: underWay.person }, error);
    return no('not-proven');
  }
  const proof: Proof = {
    kind: 'oidc',
    issuer: deps.signIn.issuer,
    subject: identity.subject,
    authenticatedAt: identity.authenticatedAt.toISOString(),
  };
  if (!isProofOf(deps.config, underWay.person, proof)) {
    const name = deps.config.approvers.find(({ id }) => id === underWay.person)?.name;
    return no('other-person', { again: again(true), ...(name === undefined ? {} : { name }) });
  }
  const expires = new Date(identity.authenticatedAt.getTime() + deps.signIn.maxAgeSeconds * 1000);
  const session = await deps.tokens.signSession(underWay, proof, expires);
  const seconds = (expires.getTime() - deps.now().getTime()) / 1000;
  deps.telemetry.count('SignedIn');
  deps.telemetry.info('approver signed in', { approvalId: underWay.approvalId, person: underWay.person });
  return redirectReply(`${edge.base}${addressOf('approvals', underWay).slice(2)}`, [
    setCookie('session', session, edge, seconds),
    done,
  ]);
}

/** Relative to `/sign-in/…`, which may lie below another path. */
function addressOf(page: 'approvals' | 'sign-in', { approvalId, link }: UnderWay, anew = false): string {
  return `../${page}/${approvalId}?t=${encodeURIComponent(link)}${anew ? '&anew=1' : ''}`;
}

function refuse(deps: SignInDeps, refusal: SignInRefusal, detail: Parameters<typeof refusedReply>[1] = {}): Reply {
  deps.telemetry.count('SignInRefused', { reason: refusal });
  return refusedReply(refusal, detail);
}

function same(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
