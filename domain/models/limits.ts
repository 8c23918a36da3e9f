import type { ModelsConfiguration } from '../config/models.ts';

/** A model answers and may have to correct itself once; whoever is asked instead of it must have as long. */
const TURNS = 2;
/** Lambda ends a call at 900 s, and the rules analyst must still be able to write. */
const MOST_SECONDS = 780;

/** How long the models of one conversation may take together, in seconds: the longest route, with the look-ups on the way. */
export function conversationSeconds({ profiles, routes, tools }: ModelsConfiguration): number {
  const longest = routes.map((route) =>
    route.profiles.reduce((sum, name) => sum + TURNS * (profiles[name]?.timeoutSeconds ?? 0), 0),
  );
  return Math.min(MOST_SECONDS, tools.seconds + Math.max(0, ...longest));
}

/** The same with what is told beside the account; what has no time left is not told. */
export function analysisSeconds(models: ModelsConfiguration): number {
  const slowest = Math.max(0, ...Object.values(models.profiles).map(({ timeoutSeconds }) => timeoutSeconds));
  return Math.min(MOST_SECONDS, conversationSeconds(models) + models.tellings.length * TURNS * slowest);
}
