import { NotFoundError, type QuarantineRecord } from '../../connectors/store/ports.ts';
import { ALERT_RECEIVED, type AlertReceived } from '../../domain/events.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printable, printableJson, table } from '../io.ts';
import { parseLimit } from '../parse.ts';

export const quarantine: Register = (program, host, answer) => {
  const group = program
    .command('quarantine')
    .description('Alerts that were authentic but not understood. They wait here; nothing is lost.');

  withPlace(group.command('list').description('List them, newest first, with the reason.'))
    .option('--limit <count>', 'how many at most', parseLimit, 50)
    .action(async (options: PlaceOptions & { readonly limit: number }) => {
      await answer(
        (async () => {
          const { quarantine: store } = await host.connect(options);
          const list = await store.list({ limit: options.limit });
          if (options.json) host.io.out(printableJson(list, 2));
          else if (list.length === 0) host.io.err('The quarantine is empty.');
          else for (const line of table(HEAD, list.map(rowOf))) host.io.out(line);
          return true;
        })(),
      );
    });

  withPlace(group.command('show').description('Show one with its body.').argument('<id>')).action(
    async (id: string, options: PlaceOptions) => {
      await answer(
        (async () => {
          const connection = await host.connect(options);
          const record = await find(connection, id, host.io.err);
          if (!record) return false;
          const body = await bodyOf(connection, record);
          if (options.json) {
            host.io.out(printableJson({ ...record, body: body ?? null }, 2));
          } else {
            for (const [label, value] of Object.entries(record)) host.io.out(`${label}: ${printable(String(value))}`);
            host.io.out('');
            for (const line of (body ?? '(the body is no longer in the evidence bucket)').split('\n')) {
              host.io.out(printable(line));
            }
          }
          return true;
        })(),
      );
    },
  );

  withPlace(
    group
      .command('replay')
      .description('Hand one to the pipeline again, after what was not understood has been mended.')
      .argument('<id>'),
  ).action(async (id: string, options: PlaceOptions) => {
    await answer(
      (async () => {
        const connection = await host.connect(options);
        const record = await find(connection, id, host.io.err);
        if (!record) return false;
        if ((await bodyOf(connection, record)) === undefined) {
          host.io.err(`The body of ${printable(id)} is no longer in the evidence bucket, so it cannot be replayed.`);
          return false;
        }
        const event = replayEvent(record);
        // Marked first: an alert that is not understood again is held anew only when it is no longer marked as held.
        await connection.quarantine.markReplayed(record.quarantineId, host.now());
        await connection.bus.publish(ALERT_RECEIVED, event);
        if (options.json)
          host.io.out(printableJson({ quarantineId: record.quarantineId, deliveryId: event.deliveryId }));
        else
          host.io.out(
            `${record.quarantineId} was handed to the pipeline again; if it is still not understood it comes back.`,
          );
        return true;
      })(),
    );
  });
};

/** The alert as `receive` announced it, body by pointer. The received time stays: the wait in quarantine is part of the story. */
export function replayEvent(record: QuarantineRecord): AlertReceived {
  return {
    deliveryId: `replay-${record.deliveryId}`,
    source: record.source,
    channel: record.channel,
    receivedAt: record.receivedAt,
    sha256: record.sha256,
    bytes: record.bytes,
    ...(record.encoding && { encoding: record.encoding }),
    body: { in: 'store', pointer: { key: record.rawKey, sha256: record.sha256, bytes: record.bytes } },
  };
}

async function find(
  { quarantine: store }: Connection,
  id: string,
  say: (line: string) => void,
): Promise<QuarantineRecord | undefined> {
  const record = await store.get(id);
  if (!record) say(`There is no quarantined alert ${printable(id)}.`);
  return record;
}

async function bodyOf({ blobs }: Connection, record: QuarantineRecord): Promise<string | undefined> {
  try {
    return await blobs.get(record.rawKey);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

const HEAD = ['QUARANTINE', 'SINCE', 'SOURCE', 'BYTES', 'STATUS', 'REASON'];

function rowOf(record: QuarantineRecord): string[] {
  return [
    record.quarantineId,
    record.quarantinedAt.slice(0, 19),
    record.source,
    String(record.bytes),
    record.status,
    record.reason,
  ];
}
