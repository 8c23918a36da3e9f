import * as z from 'zod';
import type { ComputeSourceConfiguration } from '../../../../domain/config/schema.ts';
import { computeTokens } from '../../../cwpp/prisma-cloud-compute/token.ts';
import { DEFAULT_LIMITS } from '../../../http/request.ts';
import { TargetError } from '../../errors.ts';
import type { VendorWriter } from '../api.ts';
import { Connection, parsedOf } from '../connection.ts';
import type { VendorDeps } from '../deps.ts';
import { isAcknowledgement } from './requests.ts';

const incidentsSchema = z
  .array(z.object({ _id: z.string(), acknowledged: z.boolean().nullish() }).catch({ _id: '', acknowledged: null }))
  .nullable();

/** A console, with the credential whose secret is named. The only thing it ever writes is whether an incident is acknowledged. */
export function computeVendor(config: ComputeSourceConfiguration, secret: string, deps: VendorDeps): VendorWriter {
  const { http, secrets, now } = deps;
  const clock = (): number => now().getTime();
  const of = { ...config, api: { ...config.api, readSecret: secret } };
  const connection = new Connection({
    vendor: 'prisma-cloud-compute',
    http,
    tokens: computeTokens({ http, secrets, config: of, limits: DEFAULT_LIMITS, now: clock }),
    headers: (token) => ({ authorization: `Bearer ${token}` }),
    now,
  });
  const base = `/api/${config.api.version}`;
  const urlOf = (path: string, query: Readonly<Record<string, string>> = {}): string => {
    const { baseUrl, project } = config.api;
    const parameters = new URLSearchParams({ ...query, ...(project === undefined ? {} : { project }) }).toString();
    return `${baseUrl.replace(/\/+$/, '')}${path}${parameters === '' ? '' : `?${parameters}`}`;
  };
  return {
    vendor: 'prisma-cloud-compute',
    writable: config.api.writeSecret !== undefined,
    base,
    now,
    async find({ id }) {
      const path = `${base}/audits/incidents`;
      const answer = await connection.read({ method: 'GET', path, url: urlOf(path, { id }) });
      const parsed = incidentsSchema.safeParse(parsedOf(answer));
      if (!parsed.success)
        throw new TargetError('unusable', 'the console answered with something that is no list of incidents');
      const found = parsed.data?.find(({ _id }) => _id === id);
      return found && { id, state: found.acknowledged === true ? 'acknowledged' : 'active', notes: [] };
    },
    async send(request, record) {
      if (!isAcknowledgement(request, base))
        throw new TargetError('invalid', `a request ${request.method} ${request.path} of this form is never sent`);
      const { method, path, body } = request;
      await connection.write({ method, path, url: urlOf(path), body: { ...body } }, record);
    },
  };
}
