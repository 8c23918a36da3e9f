import { UnusableAnswerError } from '../../http/request.ts';
import { apiKeySchema, type IntelDeps, jsonUnlessUnknown } from '../http.ts';
import { type Answer, DAY, HOUR, type IntelSource, NOT_KNOWN, type Subject } from '../port.ts';
import { opinionOf } from './map.ts';
import { generalSchema } from './schema.ts';

interface OtxConfiguration {
  readonly baseUrl: string;
  readonly secret: string;
  readonly callsPerMinute: number;
  readonly callsPerDay: number;
}

/** AlienVault OTX (LevelBlue), section `general`. */
export function otxSource({ http, secrets, now }: IntelDeps, config: OtxConfiguration): IntelSource {
  return {
    name: 'otx',
    accepts: ({ kind }) => kind !== 'cve',
    batch: 1,
    most: 5,
    allowances: [
      { calls: config.callsPerMinute, seconds: 60 },
      { calls: config.callsPerDay, seconds: DAY },
    ],
    lifetimeSeconds: () => 12 * HOUR,
    async ask(subjects, { timeoutMs }) {
      const { apiKey } = await secrets.get(config.secret, apiKeySchema);
      return await Promise.all(
        subjects.map(async (subject): Promise<Answer> => {
          const body = await jsonUnlessUnknown(
            http,
            {
              method: 'GET',
              url: `${config.baseUrl}/api/v1/indicators/${typeOf(subject)}/${encodeURIComponent(subject.value)}/general`,
              headers: { 'x-otx-api-key': apiKey, accept: 'application/json' },
            },
            { timeoutMs, maxAnswerBytes: 4_000_000 },
          );
          if (body === undefined) return NOT_KNOWN;
          const parsed = generalSchema.safeParse(body);
          if (!parsed.success) throw new UnusableAnswerError('the answer is none of OTX');
          return opinionOf(parsed.data, now());
        }),
      );
    },
  };
}

function typeOf({ kind, value }: Subject): string {
  if (kind === 'hash') return 'file';
  if (kind === 'domain') return 'domain';
  return value.includes(':') ? 'IPv6' : 'IPv4';
}
