import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';

const bodySchema = z.strictObject({ acknowledged: z.boolean() });
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** Archives an incident, or takes it out of the archive. */
export function acknowledgement(base: string, id: string, acknowledged: boolean): PlannedRequest {
  return {
    method: 'PATCH',
    path: `${base}/audits/incidents/acknowledge/${id}`,
    contentType: 'application/json',
    body: { acknowledged },
    purpose: acknowledged ? 'acknowledge the incident' : 'make the incident active again',
  };
}

/** The closed list of what is ever written to a console: what a plan holds beside it is not sent, whoever approved it. */
export function isAcknowledgement(
  request: PlannedRequest,
  base: string,
): request is PlannedRequest & { readonly body: z.infer<typeof bodySchema> } {
  const prefix = `${base}/audits/incidents/acknowledge/`;
  const { method, path, body } = request;
  return (
    method === 'PATCH' &&
    path.startsWith(prefix) &&
    ID.test(path.slice(prefix.length)) &&
    bodySchema.safeParse(body).success
  );
}
