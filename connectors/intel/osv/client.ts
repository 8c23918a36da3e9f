import { UnusableAnswerError } from '../../http/request.ts';
import { type IntelDeps, jsonUnlessUnknown } from '../http.ts';
import { type Answer, DAY, HOUR, type IntelSource, NOTHING_KNOWN } from '../port.ts';
import { advisoryOf, fixesOf } from './map.ts';
import { type OsvRecord, recordSchema } from './schema.ts';

/** The OSV database: which version of which package holds the fix. No key. */
export function osvSource({ http }: Pick<IntelDeps, 'http'>, { baseUrl }: { readonly baseUrl: string }): IntelSource {
  async function record(id: string, timeoutMs: number): Promise<OsvRecord | undefined> {
    const body = await jsonUnlessUnknown(
      http,
      { method: 'GET', url: `${baseUrl}/v1/vulns/${encodeURIComponent(id)}`, headers: { accept: 'application/json' } },
      { timeoutMs, maxAnswerBytes: 4_000_000 },
    );
    if (body === undefined) return undefined;
    const parsed = recordSchema.safeParse(body);
    if (!parsed.success) throw new UnusableAnswerError('the answer is no OSV record');
    return parsed.data;
  }

  return {
    name: 'osv',
    accepts: ({ kind }) => kind === 'cve',
    batch: 1,
    most: 10,
    allowances: [{ calls: 300, seconds: 60 }],
    lifetimeSeconds: (answer) => (answer === NOTHING_KNOWN ? 6 * HOUR : DAY),
    async ask(subjects, { timeoutMs }) {
      return await Promise.all(
        subjects.map(async ({ value }): Promise<Answer> => {
          const own = await record(value, timeoutMs);
          if (own === undefined) return NOTHING_KNOWN;
          const fixes = fixesOf(own);
          const advisory = fixes.length > 0 || own.withdrawn !== undefined ? undefined : advisoryOf(own);
          const other = advisory === undefined ? undefined : await record(advisory, timeoutMs);
          return { kind: 'knowledge', knowledge: { fixedIn: other === undefined ? fixes : fixesOf(other) } };
        }),
      );
    },
  };
}
