import type { Slack } from '../../connectors/chat/slack/client.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { DigestLine, DigestPosts } from '../../connectors/store/digest-port.ts';
import type { AuditLog, IncidentStore } from '../../connectors/store/ports.ts';

export interface PostDigestDeps {
  readonly incidents: Pick<IncidentStore, 'get' | 'publications'>;
  readonly line: Pick<DigestLine, 'next' | 'tell' | 'leave'>;
  readonly posts: DigestPosts;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  /** Absent: no chat system is configured, so nobody stands in the line either. */
  readonly chat?:
    | { readonly system: 'slack'; readonly slack: Pick<Slack, 'postDigest'>; readonly messagesPerMinute: number }
    | undefined;
}
