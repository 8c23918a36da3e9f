import type { ModelsConfiguration } from '../config/models.ts';

/** A Lambda ends at 900 s, and the rules analyst must still be able to write. */
const MOST_SECONDS = 600;
/** Profiles after these are for the case that the first are down, which shows at once. */
const SLOW_PROFILES = 2;

/**
 * How long the models of one conversation may take together, in seconds: the two slowest a route could meet, a repair, and
 * the time for look-ups.
 */
export function conversationSeconds({ profiles, routes, tools }: ModelsConfiguration): number {
  const longest = routes.map((route) =>
    route.profiles
      .flatMap((name) => profiles[name]?.timeoutSeconds ?? [])
      .sort((a, b) => b - a)
      .slice(0, SLOW_PROFILES)
      .reduce((sum, seconds, index) => sum + (index === 0 ? 2 * seconds : seconds), 0),
  );
  return Math.min(MOST_SECONDS, tools.seconds + Math.max(0, ...longest));
}
