import type { LiveAnswer, LiveRights } from '../../connectors/rights/port.ts';
import { idOf } from '../../domain/approval/eligible.ts';

export interface ScriptedRights extends LiveRights {
  /** What the systems say about a person from now on; whoever is not named has no identity there. */
  readonly say: Map<string, LiveAnswer>;
}

export function scriptedRights(): ScriptedRights {
  const say = new Map<string, LiveAnswer>();
  return { say, check: async (one) => say.get(idOf(one)) ?? { right: 'not-configured' } };
}
