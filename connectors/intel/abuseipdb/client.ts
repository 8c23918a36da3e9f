import { jsonOf, UnusableAnswerError } from '../../http/request.ts';
import { apiKeySchema, type IntelDeps, once } from '../http.ts';
import { type Answer, DAY, HOUR, type IntelSource } from '../port.ts';
import { opinionOf } from './map.ts';
import { checkSchema } from './schema.ts';

interface AbuseIpDbConfiguration {
  readonly baseUrl: string;
  readonly secret: string;
  readonly callsPerMinute: number;
  readonly callsPerDay: number;
}

/** AbuseIPDB API v2, `check` only. */
export function abuseIpDbSource({ http, secrets, now }: IntelDeps, config: AbuseIpDbConfiguration): IntelSource {
  return {
    name: 'abuseipdb',
    accepts: ({ kind }) => kind === 'ip',
    batch: 1,
    most: 5,
    allowances: [
      { calls: config.callsPerMinute, seconds: 60 },
      { calls: config.callsPerDay, seconds: DAY },
    ],
    lifetimeSeconds: () => 6 * HOUR,
    async ask(subjects, { timeoutMs }) {
      const { apiKey } = await secrets.get(config.secret, apiKeySchema);
      return await Promise.all(
        subjects.map(async ({ value }): Promise<Answer> => {
          const answer = await once(
            http,
            {
              method: 'GET',
              url: `${config.baseUrl}/api/v2/check?ipAddress=${encodeURIComponent(value)}&maxAgeInDays=90`,
              headers: { key: apiKey, accept: 'application/json' },
            },
            { timeoutMs },
          );
          const parsed = checkSchema.safeParse(jsonOf(answer));
          if (!parsed.success) throw new UnusableAnswerError('the answer holds no abuse score');
          return opinionOf(parsed.data, now());
        }),
      );
    },
  };
}
