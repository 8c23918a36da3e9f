import * as z from 'zod';
import { APPROVALS } from '../../connectors/store/tables.ts';

/** Which approval changed; what it is now is read from the table, because a repeated record shows it as it was. */
const batchSchema = z.lazy(() =>
  z.object({
    Records: z.array(
      z.object({
        dynamodb: z.object({
          SequenceNumber: z.string().min(1),
          Keys: z.object({ [APPROVALS.pk]: z.object({ S: z.string() }) }),
        }),
      }),
    ),
  }),
);

/** @throws z.ZodError when the event is no batch of this table */
export function changedApprovals(
  event: unknown,
): readonly { readonly sequence: string; readonly approvalId: string }[] {
  return batchSchema.parse(event).Records.flatMap(({ dynamodb: { SequenceNumber: sequence, Keys } }) => {
    const key = Keys[APPROVALS.pk].S;
    if (!key.startsWith(APPROVALS.approvalPrefix)) return [];
    return [{ sequence, approvalId: key.slice(APPROVALS.approvalPrefix.length) }];
  });
}
