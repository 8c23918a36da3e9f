import * as z from 'zod';
import type { PrismaCloudSourceConfiguration } from '../../../../domain/config/schema.ts';
import { prismaCloudTokens } from '../../../cwpp/prisma-cloud/token.ts';
import { DEFAULT_LIMITS } from '../../../http/request.ts';
import { TargetError } from '../../errors.ts';
import type { VendorWriter } from '../api.ts';
import { Connection, parsedOf } from '../connection.ts';
import type { VendorDeps } from '../deps.ts';
import { bodyToSend } from './requests.ts';

const alertSchema = z.object({ id: z.string(), status: z.string() });

/** A tenant, with the credential whose secret is named. It writes whether one alert is dismissed, and nothing else. */
export function prismaCloudVendor(
  config: PrismaCloudSourceConfiguration,
  secret: string,
  deps: VendorDeps,
): VendorWriter {
  const { http, secrets, now } = deps;
  const of = { ...config, api: { ...config.api, readSecret: secret } };
  const connection = new Connection({
    vendor: 'prisma-cloud',
    http,
    tokens: prismaCloudTokens({ http, secrets, config: of, limits: DEFAULT_LIMITS, now: () => now().getTime() }),
    headers: (token) => ({ 'x-redlock-auth': token }),
    now,
  });
  const urlOf = (path: string): string => `${config.api.baseUrl.replace(/\/+$/, '')}${path}`;
  return {
    vendor: 'prisma-cloud',
    writable: config.api.writeSecret !== undefined,
    base: '',
    now,
    async find({ id }) {
      const path = `/alert/${encodeURIComponent(id)}`;
      const answer = await connection.read({ method: 'GET', path, url: urlOf(path) }).catch((error: unknown) => {
        if (error instanceof TargetError && error.kind === 'not-found') return undefined;
        throw error;
      });
      if (answer === undefined) return undefined;
      const alert = alertSchema.safeParse(parsedOf(answer));
      // The answer to another question is none to this one.
      if (!alert.success || alert.data.id !== id)
        throw new TargetError('unusable', `Prisma Cloud answered with something that is not alert ${id}`);
      return { id, state: alert.data.status.toLowerCase(), notes: [] };
    },
    async send(request, record) {
      const body = bodyToSend(request);
      if (body === undefined)
        throw new TargetError('invalid', `a request ${request.method} ${request.path} of this form is never sent`);
      const { method, path } = request;
      // It answers 404 when the alert is not in the state the change starts from.
      await connection.write({ method, path, url: urlOf(path), body, kinds: { 404: 'conflict' } }, record);
    },
  };
}
