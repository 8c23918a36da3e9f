import { type EventBridgeClient, PutEventsCommand, type PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../../domain/events.ts';

/** The event is not on the bus. The caller must not acknowledge what it stands for. */
export class BusUnavailableError extends Error {
  override readonly name = 'BusUnavailableError';
}

export interface Bus {
  /** Resolves only when the bus has accepted the event. @throws BusUnavailableError */
  publish(detailType: string, detail: object): Promise<void>;
}

/** How often an entry the bus did not accept is sent again (beyond the SDK's own retries of a failed call). */
export interface BusPatience {
  readonly attempts: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

const ONCE: BusPatience = {
  attempts: 1,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

/** For callers whose own caller is a queue and can wait. */
export const PATIENT: BusPatience = { ...ONCE, attempts: 4 };

/**
 * A classic EventBridge bus. A call may succeed although the entry in it failed, so the entry's own answer counts. One entry
 * a call: two entries that share a call share its size limit and its failure. Permission: PutEvents on the bus.
 */
export function bus(options: {
  readonly client: EventBridgeClient;
  readonly busName: string;
  readonly patience?: BusPatience;
}): Bus {
  const { client, busName, patience = ONCE } = options;
  return {
    async publish(detailType, detail) {
      const command = new PutEventsCommand({
        Entries: [
          { EventBusName: busName, Source: EVENT_SOURCE, DetailType: detailType, Detail: JSON.stringify(detail) },
        ],
      });
      for (let attempt = 1; ; attempt += 1) {
        const refusal = await send(client, command, detailType);
        if (refusal === undefined) return;
        if (attempt >= patience.attempts) throw refusal;
        await patience.sleep(Math.round(patience.random() * 100 * 2 ** (attempt - 1)));
      }
    },
  };
}

async function send(
  client: EventBridgeClient,
  command: PutEventsCommand,
  detailType: string,
): Promise<BusUnavailableError | undefined> {
  try {
    return refusalOf(await client.send(command), detailType);
  } catch (cause) {
    return new BusUnavailableError(`"${detailType}" could not be put on the bus`, { cause });
  }
}

function refusalOf(answer: PutEventsCommandOutput, detailType: string): BusUnavailableError | undefined {
  const [entry] = answer.Entries ?? [];
  if (answer.FailedEntryCount === 0 && entry?.EventId) return undefined;
  return new BusUnavailableError(`the bus did not accept "${detailType}": ${entry?.ErrorCode ?? 'no reason given'}`);
}
