import type { Configuration } from '../../../domain/config/schema.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { type Answer, eventEvidence } from '../detection/evidence.ts';
import type { EvidenceSource } from '../evidence-source.ts';

/** Evidence from the events of Falco, which has no API: nothing beyond what they tell. */
export function evidenceOf(
  configuration: Configuration,
  { now }: { readonly now: () => Date },
): EvidenceSource | undefined {
  const config = configuration.sources.falco;
  if (config === undefined) return undefined;
  const queue = config.queue !== undefined;
  return eventEvidence({ answer: (found) => answerOf(found, queue), now });
}

/**
 * The decision of docs/decisions/0008. `channel` is written by the function that received the event, never by its body.
 * A queue that is no longer configured vouches for nothing.
 */
function answerOf({ readBack }: NormalizedFinding, queue: boolean): Answer {
  if (readBack['channel'] === 'queue-envelope') {
    return { confirmed: false, reason: 'the event stood in a notification of a topic that may not send to the queue' };
  }
  if (readBack['channel'] !== 'queue') {
    return {
      confirmed: false,
      reason:
        'Falco has no API to read the event back from, and the webhook is authenticated by a shared secret only; let falcosidekick send to the queue',
    };
  }
  return queue
    ? {
        confirmed: true,
        reason:
          'AWS authenticated the sender as one that may write to the queue of Falco, which has no API to read the event back from',
      }
    : { confirmed: false, reason: 'the event came by a queue that the configuration no longer names' };
}
