import * as z from 'zod';
import { APPROVALS } from '../../connectors/store/tables.ts';

/**
 * A record of the approvals table's stream, as far as it is needed: which item changed. The approval itself is read from
 * the table, because a redelivered record shows it as it was.
 */
const recordSchema = z.lazy(() =>
  z.object({
    dynamodb: z.object({
      SequenceNumber: z.string().min(1),
      Keys: z.object({ [APPROVALS.pk]: z.object({ S: z.string() }) }),
    }),
  }),
);
const envelopeSchema = z.object({ Records: z.array(z.unknown()) });

export type StreamRecord =
  | { readonly kind: 'approval'; readonly sequence: string; readonly approvalId: string }
  | { readonly kind: 'other'; readonly sequence: string }
  | { readonly kind: 'unreadable'; readonly sequence: string | undefined };

/** @throws z.ZodError when the event is no batch at all */
export function recordsOf(event: unknown): readonly StreamRecord[] {
  return envelopeSchema.parse(event).Records.map(recordOf);
}

function recordOf(raw: unknown): StreamRecord {
  const parsed = recordSchema.safeParse(raw);
  if (!parsed.success) return { kind: 'unreadable', sequence: sequenceOf(raw) };
  const { SequenceNumber: sequence, Keys } = parsed.data.dynamodb;
  const key = Keys[APPROVALS.pk].S;
  return key.startsWith(APPROVALS.approvalPrefix)
    ? { kind: 'approval', sequence, approvalId: key.slice(APPROVALS.approvalPrefix.length) }
    : { kind: 'other', sequence };
}

function sequenceOf(raw: unknown): string | undefined {
  const parsed = z.object({ dynamodb: z.object({ SequenceNumber: z.string().min(1) }) }).safeParse(raw);
  return parsed.success ? parsed.data.dynamodb.SequenceNumber : undefined;
}
