import { UnusableAnswerError } from '../../http/request.ts';
import { apiKeySchema, type IntelDeps, jsonUnlessUnknown } from '../http.ts';
import { type Answer, DAY, type IntelSource, NOT_KNOWN } from '../port.ts';
import { opinionOf } from './map.ts';
import { communitySchema } from './schema.ts';

interface GreyNoiseConfiguration {
  readonly baseUrl: string;
  readonly secret: string;
  readonly callsPerMinute: number;
  readonly callsPerDay: number;
}

/** GreyNoise's community API: IPv4 only, and 404 for an address it has not seen. */
export function greyNoiseSource({ http, secrets }: IntelDeps, config: GreyNoiseConfiguration): IntelSource {
  return {
    name: 'greynoise',
    accepts: ({ kind, value }) => kind === 'ip' && !value.includes(':'),
    batch: 1,
    most: 3,
    allowances: [
      { calls: config.callsPerMinute, seconds: 60 },
      { calls: config.callsPerDay, seconds: DAY },
    ],
    lifetimeSeconds: () => DAY,
    async ask(subjects, { timeoutMs }) {
      const { apiKey } = await secrets.get(config.secret, apiKeySchema);
      return await Promise.all(
        subjects.map(async ({ value, ourSide }): Promise<Answer> => {
          const body = await jsonUnlessUnknown(
            http,
            {
              method: 'GET',
              url: `${config.baseUrl}/v3/community/${encodeURIComponent(value)}`,
              headers: { key: apiKey, accept: 'application/json' },
            },
            { timeoutMs },
          );
          if (body === undefined) return NOT_KNOWN;
          const parsed = communitySchema.safeParse(body);
          if (!parsed.success) throw new UnusableAnswerError('the answer is none of GreyNoise');
          return opinionOf(parsed.data, ourSide);
        }),
      );
    },
  };
}
