import { converse } from '../../connectors/models/conversation.ts';
import {
  type CallSummary,
  type Judgement,
  type Opening,
  type Question,
  sum,
} from '../../connectors/models/question.ts';
import type { Analysis, AnalysisBody } from '../../domain/analysis/analysis.ts';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { repairFor } from '../../domain/analysis/verify/repair.ts';
import { toldAnswerJsonSchema, verifyTold } from '../../domain/analysis/verify/told.ts';
import type { Guard } from '../../domain/analysis/verify/verify.ts';
import type { Telling } from '../../domain/config/models.ts';
import { routeFor } from '../../domain/models/route.ts';
import { blockedEventAnswerJsonSchema, remediationAnswerJsonSchema } from '../../domain/remediation/answer.ts';
import { verifyBlockedEvents, verifyGuidance } from '../../domain/remediation/verify.ts';
import { maxSeverity } from '../../domain/severity.ts';
import type { Source } from '../../domain/source.ts';
import { PROMPT as ANOMALY } from '../../prompts/generated/anomaly-explanation.ts';
import { PROMPT as BLOCKED } from '../../prompts/generated/blocked-event.ts';
import { PROMPT as CHAT } from '../../prompts/generated/chat-summary.ts';
import { PROMPT as REMEDIATION } from '../../prompts/generated/remediation-guidance.ts';
import { PROMPT as TICKET } from '../../prompts/generated/ticket-summary.ts';
import { fill } from '../../prompts/render.ts';
import { REPAIR } from '../../prompts/repair.ts';
import { canaryOf, forSource, type Prompt, systemOf, type VendorPrompt } from './prompting.ts';
import type { TellDeps, Told } from './tell.ts';

/** What was written beside the account. `body`: its guidance may have been explained; nothing else of it changes. */
export interface ToldMore {
  readonly body: AnalysisBody;
  readonly tellings: NonNullable<Analysis['tellings']>;
  readonly dropped: Told['dropped'];
  readonly cost: CallSummary;
}

/** Whose alert it is, and when nothing more may be begun. */
export interface About {
  readonly source: Source;
  readonly until: Date;
}

const NO_COST: CallSummary = { calls: 0, lookUps: 0, tokens: 0, microUsd: 0, unpricedCalls: 0, callIds: [] };

const PROMPTS: Readonly<Record<Telling, Prompt>> = {
  'remediation-guidance': REMEDIATION,
  'blocked-event': BLOCKED,
  'anomaly-explanation': ANOMALY,
  'ticket-summary': TICKET,
  'chat-summary': CHAT,
};

/** How many sentences of a purpose are read. */
const MOST = { 'anomaly-explanation': 6, 'ticket-summary': 5, 'chat-summary': 2 } as const;

/**
 * Lets the profile that told the incident write what the configuration names beside it, one call each, within the same
 * budget. What fails is left out: the rules' own words stand there anyway (rule 9).
 * @throws only what the stores throw
 */
export async function tellMore(deps: TellDeps, told: Told, of: About): Promise<ToldMore> {
  let more: ToldMore = { body: told.body, tellings: [], dropped: [], cost: NO_COST };
  if (told.author === undefined || told.reusedFrom !== undefined) return more;
  for (const telling of deps.models.configuration.tellings)
    if (isAbout(telling, told)) more = await tellOne(deps, told, telling, of, more);
  return more;
}

/** Whether there is anything to tell for this purpose. */
function isAbout(telling: Telling, { body, evidence }: Told): boolean {
  switch (telling) {
    case 'remediation-guidance':
      return (body.guidance?.items.length ?? 0) > 0;
    case 'blocked-event':
      return (body.guidance?.blocked.length ?? 0) > 0;
    case 'anomaly-explanation':
      return evidence.pack.items.some(({ fact }) => fact.kind === 'anomaly');
    case 'ticket-summary':
    case 'chat-summary':
      return true;
  }
}

type Add = (more: ToldMore) => ToldMore;

async function tellOne(
  deps: TellDeps,
  told: Told,
  telling: Telling,
  { source, until }: About,
  more: ToldMore,
): Promise<ToldMore> {
  const { configuration, placeOf } = deps.models;
  const { pack } = told.evidence;
  const prompt = forSource(PROMPTS[telling], source);
  const route = routeFor(configuration, placeOf(pack), maxSeverity(pack.vendorSeverity, told.body.severity));
  const profile = route.asked ? route.profiles.find(({ name }) => name === told.author?.profile) : undefined;
  if (profile === undefined) return more;
  const question: Question<Add> = {
    incidentId: pack.incidentId,
    purpose: telling,
    actor: 'analyze',
    route: { asked: true, profiles: [profile] },
    prompt,
    repair: REPAIR,
    evidence: told.evidence,
    open: (boundary) => openingOf(prompt, telling, more.body, told, boundary),
    judge: (answer, _, boundary) => judge(telling, answer, more.body, told, { canary: canaryOf(prompt), boundary }),
    deadline: until,
  };
  // Everything there is to look up was looked up for the account.
  const answered = await converse<Add>({ ...deps, ...deps.models, lookUp: undefined, limits: configuration }, question);
  const spent = { ...more, cost: sum(more.cost, answered.summary) };
  if (answered.ok) return answered.value(spent);
  return { ...spent, dropped: [...spent.dropped, { what: telling, why: answered.reason }] };
}

function openingOf(prompt: VendorPrompt, telling: Telling, body: AnalysisBody, told: Told, boundary: string): Opening {
  const evidence = modelView(told.evidence.pack, told.body, prompt.evidenceCharacters).text;
  const usual = { boundary, judgement: judgementView(body), evidence };
  const opening = (schema: Readonly<Record<string, unknown>>, slots: Readonly<Record<string, string>>): Opening => ({
    system: systemOf(prompt),
    user: fill(prompt.user, slots),
    output: { name: prompt.id, schema },
  });
  switch (telling) {
    case 'remediation-guidance':
      return opening(remediationAnswerJsonSchema(), { ...usual, guidance: JSON.stringify(body.guidance?.items ?? []) });
    case 'blocked-event':
      return opening(blockedEventAnswerJsonSchema(), {
        ...usual,
        guidance: JSON.stringify(body.guidance?.blocked ?? []),
      });
    default:
      return opening(toldAnswerJsonSchema(), usual);
  }
}

function judge(telling: Telling, answer: unknown, body: AnalysisBody, told: Told, guard: Guard): Judgement<Add> {
  const { pack } = told.evidence;
  const { guidance } = body;
  switch (telling) {
    case 'remediation-guidance':
    case 'blocked-event': {
      if (guidance === undefined) return { ok: false, reason: 'there is no guidance to explain' };
      const verify = telling === 'remediation-guidance' ? verifyGuidance : verifyBlockedEvents;
      const verified = verify(answer, pack, guidance, { guard, verdict: body.verdict });
      if (verified.fallback !== undefined) return { ok: false, reason: verified.fallback };
      return {
        ok: true,
        faults: verified.dropped.length,
        value: (more) => ({
          ...more,
          body: { ...more.body, guidance: verified.guidance },
          dropped: [...more.dropped, ...verified.dropped],
        }),
      };
    }
    default: {
      const verified = verifyTold(answer, pack, body, guard, MOST[telling]);
      if ('refused' in verified) return { ok: false, reason: verified.refused, repair: repairFor(verified.violations) };
      const { claims, dropped, violations } = verified;
      return {
        ok: true,
        faults: dropped.length,
        ...(claims.length === 0 ? { repair: repairFor(violations) } : {}),
        value: (more) => ({
          ...more,
          tellings: claims.length === 0 ? more.tellings : [...more.tellings, { purpose: telling, claims: [...claims] }],
          dropped: [...more.dropped, ...dropped],
        }),
      };
    }
  }
}
