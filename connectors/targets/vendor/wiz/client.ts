import * as z from 'zod';
import type { WizSourceConfiguration } from '../../../../domain/config/schema.ts';
import { wizTokens } from '../../../cwpp/wiz/token.ts';
import { DEFAULT_LIMITS, type HttpAnswer, UnusableAnswerError } from '../../../http/request.ts';
import { TargetError } from '../../errors.ts';
import type { VendorWriter } from '../api.ts';
import { Connection } from '../connection.ts';
import type { VendorDeps } from '../deps.ts';
import { dataOf, refusalIn } from './answer.ts';
import { ISSUE, ISSUE_TYPE, nameOf } from './operations.ts';
import { bodyToSend } from './requests.ts';

const issueSchema = z.object({
  id: z.string(),
  status: z.string(),
  // A list may come as null (reference 2).
  notes: z.array(z.object({ id: z.string(), text: z.string().nullish() })).nullish(),
  entitySnapshot: z.object({ id: z.string().nullish(), type: z.string().nullish() }).nullish(),
});
const typeSchema = z.object({ type: z.string().nullish() });

/** A tenant, with the service account whose secret is named. It writes the four mutations of `requests.ts` and nothing else. */
export function wizVendor(config: WizSourceConfiguration, secret: string, deps: VendorDeps): VendorWriter {
  const { http, secrets, now } = deps;
  const { api } = config;
  const connection = new Connection({
    vendor: 'wiz',
    http,
    tokens: wizTokens({
      http,
      secrets,
      api: { ...api, readSecret: secret },
      limits: DEFAULT_LIMITS,
      now: () => now().getTime(),
    }),
    headers: (token) => ({ authorization: `Bearer ${token}`, 'user-agent': 'parapet' }),
    now,
    refusalIn,
  });
  const base = new URL(api.endpoint).pathname;
  const call = { method: 'POST', path: base, url: api.endpoint } as const;
  const query = async (document: string, id: string): Promise<unknown> => {
    const body = { operationName: nameOf(document), query: document, variables: { id } };
    return usable(await connection.read({ ...call, body }));
  };
  return {
    vendor: 'wiz',
    writable: api.writeSecret !== undefined,
    base,
    now,
    async find({ id }, wanted = {}) {
      const found = await orNothing(query(ISSUE, id), 'not-found');
      if (found === undefined) return undefined;
      const issue = issueSchema.safeParse(found);
      if (!issue.success || issue.data.id.toLowerCase() !== id.toLowerCase())
        throw new TargetError('unusable', `Wiz answered with something that is not issue ${id}`);
      // A tenant that has no types is of an age that refuses the field.
      const type = wanted.type
        ? typeSchema.safeParse(await orNothing(query(ISSUE_TYPE, id), 'invalid')).data?.type
        : null;
      const { status, notes, entitySnapshot } = issue.data;
      const resource = entitySnapshot?.id ? { id: entitySnapshot.id, type: entitySnapshot.type ?? '' } : undefined;
      return {
        id,
        state: status.toLowerCase(),
        notes: (notes ?? []).map((note) => ({ id: note.id, text: note.text ?? '' })),
        ...(type ? { type } : {}),
        ...(resource && { resource }),
      };
    },
    async send(request, record) {
      const body = bodyToSend(request, base);
      if (body === undefined)
        throw new TargetError('invalid', `a request ${request.method} ${request.path} of this form is never sent`);
      usable(await connection.write({ ...call, body }, record));
    },
  };
}

function usable(answer: HttpAnswer): unknown {
  try {
    return dataOf(answer);
  } catch (error) {
    if (error instanceof UnusableAnswerError) throw new TargetError('unusable', error.message, { cause: error });
    throw error;
  }
}

async function orNothing(asked: Promise<unknown>, kind: TargetError['kind']): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TargetError && error.kind === kind) return undefined;
    throw error;
  }
}
