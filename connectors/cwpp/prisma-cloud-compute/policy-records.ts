import * as z from 'zod';
import { integer, text, texts, time } from './records.ts';

/** Audits of rules that judge requests, as leniently read as the others (records.ts). */

/** `shared.AppFirewallAudit`: one request that a WAAS rule found something in. */
export const firewallAuditSchema = z.lazy(() =>
  z.object({
    _id: text,
    time,
    type: text,
    effect: text,
    msg: text,
    ruleName: text,
    containerId: text,
    containerName: text,
    imageName: text,
    hostname: text,
    method: text,
    requestHost: text,
    urlPath: text,
    statusCode: integer,
    /** The source, named after the subnet it may be shortened to. */
    subnet: text,
    connectingIPs: texts,
    attackField: z.object({ key: text, type: text, value: text }).optional().catch(undefined),
    attackTechniques: texts,
  }),
);
export type FirewallAudit = z.infer<typeof firewallAuditSchema>;

/** `admission.Audit`: one request to a cluster's API that an admission (OPA) rule judged. It has no id. */
export const admissionAuditSchema = z.lazy(() =>
  z.object({
    time,
    ruleName: text,
    message: text,
    operation: text,
    kind: text,
    resource: text,
    username: text,
    namespace: text,
    cluster: text,
    effect: text,
    /** The whole AdmissionReview as text; often cut. */
    rawRequest: text,
    attackTechniques: texts,
  }),
);
export type AdmissionAudit = z.infer<typeof admissionAuditSchema>;

const containers = z
  .array(z.object({ image: text }))
  .catch([])
  .prefault([]);
/** Of an `admission.k8s.io/v1` AdmissionReview: what is asked for, by the fields Kubernetes documents. */
const reviewSchema = z.lazy(() => {
  const template = z
    .object({ spec: z.object({ containers }).optional().catch(undefined) })
    .optional()
    .catch(undefined);
  const request = z.object({
    name: text,
    object: z
      .object({
        metadata: z.object({ name: text, generateName: text }).optional().catch(undefined),
        spec: z.object({ containers, template }).optional().catch(undefined),
      })
      .optional()
      .catch(undefined),
  });
  // Whether the console keeps the review or only its request is not documented.
  return z.union([z.object({ request }), request.transform((bare) => ({ request: bare }))]);
});

/** Name and images of the object a request is about, as far as the kept request tells. */
export function requestedObject({ rawRequest }: Pick<AdmissionAudit, 'rawRequest'>): {
  readonly name: string | undefined;
  readonly images: readonly string[];
} {
  const nothing = { name: undefined, images: [] };
  if (rawRequest === undefined) return nothing;
  const parsed = reviewSchema.safeParse(jsonIn(rawRequest));
  if (!parsed.success) return nothing;
  const { name, object } = parsed.data.request;
  const asked = [...(object?.spec?.containers ?? []), ...(object?.spec?.template?.spec?.containers ?? [])];
  return {
    name: name ?? object?.metadata?.name ?? object?.metadata?.generateName,
    images: [...new Set(asked.flatMap(({ image }) => image ?? []))],
  };
}

/** The console cuts long requests, and a cut one is no JSON: then it tells nothing. */
function jsonIn(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
