import type { Configuration } from '../../domain/config/schema.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import type { Connection } from '../context.ts';
import { explain } from '../explain.ts';
import { type Check, check } from './check.ts';

/** When each source last sent something. Silence is told, not judged: a quiet night and a broken webhook look the same from here. */
export async function checkPushes({ sources }: Configuration, connection: Connection): Promise<readonly Check[]> {
  return await Promise.all(
    SOURCES.filter((source) => sources[source] !== undefined).map((source) =>
      check(
        `last push of ${source}`,
        'sign in with a role that may read the incidents table',
        async () => await lastPush(connection, source),
        explain,
      ),
    ),
  );
}

async function lastPush({ pushes }: Connection, source: Source): Promise<string> {
  const state = await pushes.get(source);
  if (state === undefined) return 'nothing yet; send a test from the vendor to see whether it arrives';
  const { lastPushAt, lastChannel, lastTestAt } = state;
  const test = lastTestAt === undefined ? 'no test of the vendor yet' : `last test of the vendor ${lastTestAt}`;
  return `${lastPushAt} by ${lastChannel}; ${test}`;
}
