import * as z from 'zod';

/** Products that may send alerts. The name is the path of the webhook, the key in the configuration and the folder under connectors/cwpp. */
export const SOURCES = [
  'prisma-cloud-compute',
  'prisma-cloud',
  'wiz',
  'lacework',
  'falco',
  'guardduty',
  'inspector',
  'generic',
] as const;
export const sourceSchema = z.enum(SOURCES);
export type Source = z.infer<typeof sourceSchema>;

/**
 * How an alert came to us. `webhook`: HTTP, authenticated by a shared secret, so a hint only (rule 7). `event-bus`: an
 * EventBridge event whose source and account AWS itself vouches for. `queue`: SQS, where the queue's policy is the
 * authentication (SNS subscriptions and falcosidekick's outputs end there). `poll`: we read it from the vendor's API.
 */
export const CHANNELS = ['webhook', 'event-bus', 'queue', 'poll'] as const;
export const channelSchema = z.enum(CHANNELS);
export type Channel = z.infer<typeof channelSchema>;
