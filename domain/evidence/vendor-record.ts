import * as z from 'zod';

/** CWPPs that can be answered through their API. The others only send. */
export const ANSWERABLE_VENDORS = ['prisma-cloud-compute', 'prisma-cloud', 'wiz', 'lacework'] as const;
export const answerableVendorSchema = z.enum(ANSWERABLE_VENDORS);
export type AnswerableVendor = z.infer<typeof answerableVendorSchema>;

/** What each vendor calls the record that can be answered. */
export const VENDOR_RECORD_KINDS = ['incident', 'alert', 'issue'] as const;

/** The vendor's own record behind a confirmed alert, by the id the vendor gave in its answer: never one a webhook named. */
export const vendorRecordSchema = z.object({
  vendor: answerableVendorSchema,
  kind: z.enum(VENDOR_RECORD_KINDS),
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'must be an id of letters, digits, dash and underscore'),
});
export type VendorRecordRef = z.infer<typeof vendorRecordSchema>;

/** A record with that id, if the id can be one; an id of another form is answered by nobody. */
export function vendorRecord(
  vendor: AnswerableVendor,
  kind: VendorRecordRef['kind'],
  id: string | undefined,
): VendorRecordRef | undefined {
  return vendorRecordSchema.safeParse({ vendor, kind, id }).data;
}

const NAMES: Readonly<Record<AnswerableVendor, string>> = {
  'prisma-cloud-compute': 'Prisma Cloud Compute',
  'prisma-cloud': 'Prisma Cloud',
  wiz: 'Wiz',
  lacework: 'Lacework',
};

export function vendorName(vendor: AnswerableVendor): string {
  return NAMES[vendor];
}

/** Where an action answers: `wiz.comment-issue` at Wiz. */
export function vendorOfAction(action: string): AnswerableVendor | undefined {
  return ANSWERABLE_VENDORS.find((vendor) => action.startsWith(`${vendor}.`));
}
