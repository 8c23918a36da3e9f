import type { Configuration } from '../../domain/config/schema.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import type { Connection } from '../context.ts';
import { explain } from '../explain.ts';
import { type Check, check, NotSoError } from './check.ts';

/** When each source that is to be polled was last asked for what its push missed, and what only the poll found. */
export async function checkPolls({ sources }: Configuration, connection: Connection): Promise<readonly Check[]> {
  const polled = SOURCES.filter((source) => {
    const configured = sources[source];
    return configured !== undefined && 'reconcileEveryMinutes' in configured && configured.reconcileEveryMinutes;
  });
  return await Promise.all(
    polled.map((source) =>
      check(
        `last poll of ${source}`,
        'read the log of function poll; the next poll begins where the last good one ended, so nothing is lost meanwhile',
        async () => await lastPoll(connection, source),
        explain,
      ),
    ),
  );
}

async function lastPoll({ polls }: Connection, source: Source): Promise<string> {
  const [state, only] = await Promise.all([polls.get(source), polls.onlyPolled(source)]);
  if (state === undefined) return 'nothing yet; the schedule asks for the first time within its interval';
  const { lastPollAt, lastAlerts, cursor, trouble } = state;
  if (trouble !== undefined) throw new NotSoError(`failed at ${lastPollAt} (${trouble}); all is known up to ${cursor}`);
  const since = only.lastAt === undefined ? '' : `, the last at ${only.lastAt}`;
  return `${lastPollAt}, ${lastAlerts} alerts up to ${cursor}; only the poll found ${only.count}${since}`;
}
