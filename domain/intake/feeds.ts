import type { SourcesConfiguration } from '../config/sources.ts';
import type { Source } from '../source.ts';

/** Events of the default bus that are alerts of a source. AWS itself vouches for `eventSource` and `account`. */
export interface EventFeed {
  readonly source: Source;
  /** EventBridge's `source` and `detail-type`. */
  readonly eventSource: string;
  readonly detailType: string;
  /** AWS accounts the event must come from. */
  readonly accounts: readonly string[];
}

/** A queue whose policy lets exactly these topics and roles send. */
export interface QueueFeed {
  readonly source: 'wiz' | 'falco';
  readonly senderArns: readonly string[];
}

export function eventFeedsOf({ guardduty, inspector, lacework }: SourcesConfiguration): readonly EventFeed[] {
  return [
    ...(guardduty
      ? [
          {
            source: 'guardduty' as const,
            eventSource: 'aws.guardduty',
            detailType: 'GuardDuty Finding',
            accounts: guardduty.events.accounts,
          },
        ]
      : []),
    ...(inspector
      ? [
          {
            source: 'inspector' as const,
            eventSource: 'aws.inspector2',
            detailType: 'Inspector2 Finding',
            accounts: inspector.events.accounts,
          },
        ]
      : []),
    ...(lacework?.eventBus
      ? [
          {
            source: 'lacework' as const,
            // All tenants of the vendor send from one account; only the name of the integration tells ours.
            eventSource: lacework.eventBus.source,
            detailType: 'LaceworkEvents',
            accounts: [lacework.eventBus.account],
          },
        ]
      : []),
  ];
}

export function queueFeedsOf({ wiz, falco }: SourcesConfiguration): readonly QueueFeed[] {
  return [
    ...(wiz?.queue ? [{ source: 'wiz' as const, senderArns: wiz.queue.senderArns }] : []),
    ...(falco?.queue ? [{ source: 'falco' as const, senderArns: falco.queue.senderArns }] : []),
  ];
}
