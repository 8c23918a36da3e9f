import type { CallSummary, StoredPack } from '../../connectors/models/question.ts';
import type { Analysis, AnalysisBody } from '../../domain/analysis/analysis.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { analysisSeconds } from '../../domain/models/limits.ts';
import { type TellDeps, type Told, tellWithModels } from './tell.ts';
import { tellMore } from './tell-more.ts';

export type Whole = Told & { readonly tellings?: NonNullable<Analysis['tellings']> };

/** The account in a model's words, and what is told beside it. @throws only what the stores throw */
export async function tellWhole(
  deps: TellDeps,
  evidence: StoredPack,
  rules: AnalysisBody,
  source: Incident['source'],
): Promise<Whole> {
  const { models } = deps;
  const started = deps.now();
  const told = await tellWithModels(deps, evidence, rules, source);
  deps.telemetry.count('ModelAnalysis', { outcome: told.author === undefined ? 'fallback' : 'used' });
  if (told.fallback !== undefined)
    deps.telemetry.warn('rules analyst writes alone', {
      incidentId: evidence.pack.incidentId,
      reason: told.fallback,
    });
  const until = new Date(started.getTime() + analysisSeconds(models.configuration) * 1000);
  const more = await tellMore(deps, told, { source, until });
  return {
    ...told,
    body: more.body,
    dropped: [...told.dropped, ...more.dropped],
    ...(more.tellings.length === 0 ? {} : { tellings: more.tellings }),
    ...withCost(told, more.cost),
  };
}

function withCost(
  { cost, callIds = [] }: Told,
  { callIds: moreIds, ...more }: CallSummary,
): Pick<Told, 'cost' | 'callIds'> {
  if (more.calls === 0 || cost === undefined) return cost === undefined ? {} : { cost, callIds };
  return {
    callIds: [...callIds, ...moreIds],
    cost: {
      calls: cost.calls + more.calls,
      lookUps: cost.lookUps + more.lookUps,
      tokens: cost.tokens + more.tokens,
      microUsd: cost.microUsd + more.microUsd,
      unpricedCalls: cost.unpricedCalls + more.unpricedCalls,
    },
  };
}
