import type { ModelPort } from '../../../connectors/models/port.ts';
import type { ConversationDeps } from '../../../connectors/models/question.ts';
import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import { analyseByRules } from '../../../domain/analysis/rules/analyse.ts';
import type { ModelsConfiguration } from '../../../domain/config/models.ts';
import { canonicalJson, sha256Hex } from '../../../domain/json/canonical.ts';
import { analysisPrompt } from '../../../functions/analyze/prompting.ts';
import { type Told, tellBy } from '../../../functions/analyze/tell.ts';
import { memoryAuditLog, memoryBlobStore } from '../../fakes/plain-stores.ts';
import { recordingTelemetry } from '../../fakes/telemetry.ts';
import type { Built } from '../golden/build.ts';
import { goldenLookUp } from '../golden/look-up.ts';

/** As far as a model may go, and what it may take, in one conversation. */
export interface Limits {
  readonly tokensPerIncident: number;
  readonly tools: ModelsConfiguration['tools'];
}

export interface Held {
  readonly told: Told;
  readonly rules: AnalysisBody;
  /** What the audit log says of look-ups. */
  readonly lookUps: { readonly answered: number; readonly refused: number; readonly pieces: number };
}

/**
 * One conversation about one incident, by the code `analyze` runs: its prompt, look-ups, repair turn, verifier, money and
 * audit entries. What is not of production: the stores are in memory, and one profile is asked, whatever a route would say.
 */
export async function hold(
  one: Built,
  of: {
    readonly port: ModelPort;
    readonly limits: Limits;
    readonly spending: ConversationDeps['spending'];
    readonly seed: string;
    readonly now: () => Date;
  },
): Promise<Held> {
  const { pack, golden } = one;
  const blobs = memoryBlobStore();
  const audit = memoryAuditLog();
  const rules = analyseByRules(pack);
  const stored = await blobs.put(`incidents/${pack.incidentId}/pack.json`, canonicalJson(pack));
  const { profile } = of.port;
  const told = await tellBy(
    {
      blobs,
      audit,
      telemetry: recordingTelemetry(),
      now: of.now,
      nonce: noncesFrom(of.seed),
      models: {
        configuration: configurationOf(profile, of.limits),
        placeOf: () => ({
          account: undefined,
          region: undefined,
          cluster: undefined,
          namespace: undefined,
          environment: undefined,
          labels: undefined,
        }),
        load: async () => of.port,
        lookUp: goldenLookUp(one, blobs),
        spending: of.spending,
      },
    },
    { key: stored.key, sha256: stored.sha256, pack },
    rules,
    { route: { asked: true, profiles: [profile] }, prompt: analysisPrompt(golden.source) },
  );
  const entries = (await audit.read(pack.incidentId)).filter(({ kind }) => kind === 'evidence.looked-up');
  const answered = entries.filter(({ data }) => data['outcome'] === 'answered').length;
  return {
    told,
    rules,
    lookUps: {
      answered,
      refused: entries.length - answered,
      pieces: told.evidence.pack.items.length - pack.items.length,
    },
  };
}

function configurationOf(profile: ModelPort['profile'], { tokensPerIncident, tools }: Limits): ModelsConfiguration {
  const { name, ...rest } = profile;
  return {
    profiles: { [name]: rest },
    routes: [{ scope: {}, profiles: [name] }],
    bindings: [],
    budget: { tokensPerIncident },
    tellings: [],
    tools,
  };
}

/** The same conversation has the same boundaries when it is held again; whoever wrote the evidence could not know the seed. */
function noncesFrom(seed: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return sha256Hex(`${seed}/${count}`).slice(0, 32);
  };
}
