import { ModelError, type ModelPort, type ModelReply, type ModelRequest } from '../../connectors/models/port.ts';
import type { NamedProfile } from '../../domain/models/route.ts';

export const INVENTED_PROFILE: NamedProfile = {
  name: 'analysis-default',
  provider: 'bedrock',
  modelId: 'invented.model-1',
  region: 'us-east-1',
  structured: ['native', 'prompt'],
  tools: true,
  maxOutputTokens: 4096,
  cache: { prefix: false, ttl: '5m' },
  timeoutSeconds: 10,
  pricePerMTok: { input: 3, output: 15, asOf: '2026-07-02' },
};

export type Play = Partial<ModelReply> | Error;

export interface ScriptedModel {
  readonly port: ModelPort;
  readonly requests: ModelRequest[];
}

/** A model that plays its script, one answer a call; the last one is repeated. */
export function scriptedModel(
  script: readonly (Play | ((request: ModelRequest) => Play))[],
  change: Partial<NamedProfile> = {},
): ScriptedModel {
  const requests: ModelRequest[] = [];
  return {
    requests,
    port: {
      profile: profileWith(change),
      async generate(request) {
        const at = Math.min(requests.length, script.length - 1);
        requests.push(request);
        const planned = script[at] ?? new ModelError('unavailable', 'the script is empty');
        const play = typeof planned === 'function' ? planned(request) : planned;
        if (play instanceof Error) throw play;
        return {
          outcome: play.calls === undefined ? 'json' : 'tool_calls',
          rawText: play.json === undefined ? '' : JSON.stringify(play.json),
          stop: 'end_turn',
          mode: 'native',
          usage: { input: 1_000, output: 100, cacheRead: 0, cacheWrite: 0 },
          provider: { requestId: 'r-1', latencyMs: 7, attempts: 1 },
          ...play,
        };
      },
    },
  };
}

function profileWith(change: Partial<NamedProfile>): NamedProfile {
  return Object.assign({ ...INVENTED_PROFILE }, change);
}
