import * as z from 'zod';

const text = z.string().catch('');

/**
 * One Falco event as falcosidekick posts it. A field of another type than documented reads as empty, so that one odd
 * value does not cost the alert; `rule` and `priority` alone are needed.
 */
export const eventSchema = z.lazy(() =>
  z.looseObject({
    /** Random per reception at falcosidekick: not stable when Falco's event is sent again. */
    uuid: text,
    output: text,
    priority: z.union([z.string(), z.number()]).transform(String).catch(''),
    rule: text,
    time: text,
    source: text,
    hostname: text,
    tags: z.array(z.unknown()).catch([]),
    output_fields: z.unknown(),
  }),
);
export type FalcoEvent = z.infer<typeof eventSchema>;

/** What Amazon SNS puts around a message unless raw delivery is switched on. */
export const snsSchema = z.looseObject({
  Type: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
});
