import * as z from 'zod';
import type { LaceworkSourceConfiguration } from '../../../../domain/config/schema.ts';
import { CallBudgetError, memoryBudget } from '../../../cwpp/lacework/budget.ts';
import { dynamoBudget } from '../../../cwpp/lacework/budget-dynamodb.ts';
import { tenantOfAddress } from '../../../cwpp/lacework/identity.ts';
import { laceworkTokens } from '../../../cwpp/lacework/token.ts';
import { DEFAULT_LIMITS } from '../../../http/request.ts';
import { TargetError } from '../../errors.ts';
import type { VendorNote, VendorWriter } from '../api.ts';
import { Connection, type Meter, parsedOf } from '../connection.ts';
import type { VendorDeps } from '../deps.ts';
import { callToSend } from './requests.ts';

const BASE = '/api/v2';
/** All scopes of an alert count as one functionality (reference 0.5, inference); so are those of an answer taken to count. */
const DETAILS = 'Alerts/{id}';
/** Where a 429 does not say for how long. */
const BLOCK_MS = 60_000;

const alertSchema = z.object({
  data: z.object({ alertId: z.union([z.number(), z.string()]).transform(String), status: z.string() }),
});
const timelineSchema = z.object({
  data: z.array(
    z.object({
      id: z.union([z.number(), z.string()]).transform(String).catch(''),
      message: z.object({ value: z.string().nullish() }).nullish(),
    }),
  ),
});

/** An account, with the key whose secret is named. It comments on alerts and closes them, and writes nothing else. */
export function laceworkVendor(
  config: LaceworkSourceConfiguration,
  use: { readonly secret: string; readonly writes: boolean },
  deps: VendorDeps,
): VendorWriter {
  const { http, secrets, now } = deps;
  const { api } = config;
  const clock = (): number => now().getTime();
  const connection = new Connection({
    vendor: 'lacework',
    http,
    tokens: laceworkTokens({
      http,
      secrets,
      config: { ...config, api: { ...api, readSecret: use.secret } },
      limits: DEFAULT_LIMITS,
      now: clock,
    }),
    headers: (token) => ({
      authorization: `Bearer ${token}`,
      ...(api.subAccount === undefined ? {} : { 'account-name': api.subAccount }),
    }),
    now,
    meter: meterOf(config, use.writes, deps),
  });
  const urlOf = (path: string): string => `${api.baseUrl.replace(/\/+$/, '')}${path}`;
  const scope = async (id: string, name: 'Details' | 'Timeline'): Promise<unknown> => {
    const path = `${BASE}/Alerts/${encodeURIComponent(id)}`;
    try {
      const answer = await connection.read({
        method: 'GET',
        path,
        url: `${urlOf(path)}?scope=${name}`,
        functionality: DETAILS,
      });
      return answer.status === 204 ? undefined : (parsedOf(answer) ?? null);
    } catch (error) {
      if (error instanceof TargetError && error.kind === 'not-found') return undefined;
      throw error;
    }
  };
  /** Not every alert has every scope: one without a timeline has no comment either. */
  const notes = async (id: string): Promise<readonly VendorNote[]> => {
    const found = await scope(id, 'Timeline');
    if (found === undefined) return [];
    const timeline = timelineSchema.safeParse(found);
    if (!timeline.success) throw new TargetError('unusable', `Lacework answered with something that is no timeline`);
    return timeline.data.data.map((entry) => ({ id: entry.id, text: entry.message?.value ?? '' }));
  };
  return {
    vendor: 'lacework',
    writable: api.writeSecret !== undefined,
    base: BASE,
    now,
    async find({ id }, wanted = {}) {
      const found = await scope(id, 'Details');
      if (found === undefined) return undefined;
      const alert = alertSchema.safeParse(found);
      if (!alert.success || alert.data.data.alertId !== id)
        throw new TargetError('unusable', `Lacework answered with something that is not alert ${id}`);
      return { id, state: alert.data.data.status.toLowerCase(), notes: wanted.notes ? await notes(id) : [] };
    },
    async send(request, record) {
      const call = callToSend(request, BASE);
      if (call === undefined)
        throw new TargetError('invalid', `a request ${request.method} ${request.path} of this form is never sent`);
      const { method, path } = request;
      await connection.write(
        { method, path, url: urlOf(path), body: call.body, functionality: `${DETAILS}/${call.verb}` },
        record,
      );
    },
  };
}

/** The vendor counts by user: what writes is another one than what reads, with calls of its own. */
function meterOf({ api }: LaceworkSourceConfiguration, writes: boolean, deps: VendorDeps): Meter {
  const now = (): number => deps.now().getTime();
  const { callsPerHour } = api;
  const account = api.subAccount ?? tenantOfAddress(api.baseUrl) ?? 'account';
  const budget =
    deps.incidentsTable === undefined
      ? memoryBudget({ callsPerHour, now })
      : dynamoBudget(deps.incidentsTable, { account: writes ? `${account}/write` : account, callsPerHour, now });
  return {
    async take(functionality) {
      try {
        // What a person approved, and the proof of it, stand behind nothing.
        await budget.take(functionality, 'confirmation');
      } catch (error) {
        // As the vendor's own 429: nothing was sent.
        if (error instanceof CallBudgetError)
          throw new TargetError('unreachable', error.message, { status: 429, cause: error });
        throw error;
      }
    },
    refused: (functionality, waitMs) => budget.refused(functionality, waitMs ?? BLOCK_MS),
  };
}
