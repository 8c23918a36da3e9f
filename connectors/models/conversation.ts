import type { NamedProfile } from '../../domain/models/route.ts';
import {
  type Answered,
  type Author,
  type CallSummary,
  type ConversationDeps,
  type FellBack,
  type Question,
  sum,
} from './question.ts';
import { talk } from './talk.ts';

const NOTHING: CallSummary = { calls: 0, lookUps: 0, tokens: 0, microUsd: 0, unpricedCalls: 0, callIds: [] };

/**
 * One question to the models the route allows, in its order: look-ups on the model's request, one repair, money and time
 * kept, every call and every look-up in the audit log. Used by `analyze` and `ask`; what an answer is worth is judged by the
 * caller's `judge`, which must be the verifier's (domain/analysis/verify).
 * @throws only what the evidence bucket and the audit log throw; whatever goes wrong with a model is an answer
 */
export async function converse<T>(deps: ConversationDeps, question: Question<T>): Promise<Answered<T>> {
  const { route } = question;
  if (!route.asked) return { ok: false, reason: route.why, fellBack: [], summary: NOTHING };
  const fellBack: FellBack[] = [];
  let summary = NOTHING;
  for (const profile of route.profiles) {
    const said = await talk(deps, question, profile);
    summary = sum(summary, said.summary);
    if (said.kind === 'answer') {
      const { value, evidence } = said;
      return { ok: true, value, author: authorOf(question, profile), evidence, fellBack, summary };
    }
    fellBack.push({ profile: profile.name, why: said.why });
    deps.telemetry.warn('a model profile did not answer', {
      incidentId: question.incidentId,
      profile: profile.name,
      why: said.why,
    });
    deps.telemetry.count('ModelFallBack', { profile: profile.name });
    if (said.kind === 'stop') break;
  }
  return { ok: false, reason: fellBack.map(({ profile, why }) => `${profile}: ${why}`).join('; '), fellBack, summary };
}

export function authorOf({ prompt }: Pick<Question<unknown>, 'prompt'>, profile: NamedProfile): Author {
  return {
    profile: profile.name,
    provider: profile.provider,
    modelId: profile.modelId,
    promptId: prompt.id,
    promptVersion: prompt.version,
    promptSha256: prompt.sha256,
  };
}
