import * as z from 'zod';
import { type HttpAnswer, RefusedError, UnusableAnswerError } from '../../../http/request.ts';
import { parsedOf } from '../connection.ts';

const problemSchema = z.object({
  message: z.string().nullish(),
  extensions: z.object({ code: z.string().nullish() }).nullish(),
});
const bodySchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(problemSchema.catch({})).nullish(),
});

/** GraphQL refuses with status 200; this is what the refusal would be called over plain HTTP. */
const STATUSES: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  FORBIDDEN_IP: 403,
  NOT_FOUND: 404,
  RATE_LIMIT_EXCEEDED: 429,
  INTERNAL: 500,
  BAD_USER_INPUT: 400,
};

/**
 * The refusal an answer holds. An error beside data means that something was done and something was not: that is no refusal, and
 * `dataOf` says so.
 */
export function refusalIn(answer: HttpAnswer): RefusedError | undefined {
  const body = bodySchema.safeParse(parsedOf(answer)).data;
  const [first] = body?.errors ?? [];
  if (first === undefined || hasData(body?.data)) return undefined;
  const code = first.extensions?.code ?? 'INTERNAL';
  const said = first.message ?? '';
  // An id that is not there is an input fault by code, and named by its sentence (reference 2).
  const status = /\bid must be a valid\b/.test(said) ? 404 : (STATUSES[code] ?? 400);
  return new RefusedError(`Wiz answered ${code}`, { status, excerpt: said.slice(0, 500) });
}

/** The one field that was asked for. @throws UnusableAnswerError for an answer without data, or one that was carried out in part */
export function dataOf(answer: HttpAnswer): unknown {
  const body = bodySchema.safeParse(parsedOf(answer)).data;
  const value = Object.values(body?.data ?? {}).find((one) => one !== null && one !== undefined);
  if (value === undefined) throw new UnusableAnswerError('Wiz answered without data');
  const [first] = body?.errors ?? [];
  if (first !== undefined)
    throw new UnusableAnswerError(
      `Wiz answered with data and an error: ${(first.message ?? 'without words').slice(0, 200)}`,
    );
  return value;
}

function hasData(data: Readonly<Record<string, unknown>> | null | undefined): boolean {
  return Object.values(data ?? {}).some((value) => value !== null && value !== undefined);
}
