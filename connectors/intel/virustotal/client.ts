import { UnusableAnswerError } from '../../http/request.ts';
import { apiKeySchema, type IntelDeps, jsonUnlessUnknown } from '../http.ts';
import { type Answer, DAY, HOUR, type IntelSource, NOT_KNOWN, type Subject } from '../port.ts';
import { opinionOf } from './map.ts';
import { objectSchema } from './schema.ts';

interface VirusTotalConfiguration {
  readonly baseUrl: string;
  readonly secret: string;
  readonly callsPerMinute: number;
  readonly callsPerDay: number;
}

/** VirusTotal API v3, look-ups only: nothing is ever uploaded, because what is uploaded is shared. */
export function virusTotalSource({ http, secrets, now }: IntelDeps, config: VirusTotalConfiguration): IntelSource {
  return {
    name: 'virustotal',
    accepts: ({ kind }) => kind !== 'cve',
    batch: 1,
    most: 4,
    allowances: [
      { calls: config.callsPerMinute, seconds: 60 },
      { calls: config.callsPerDay, seconds: DAY },
    ],
    lifetimeSeconds,
    async ask(subjects, { timeoutMs }) {
      const { apiKey } = await secrets.get(config.secret, apiKeySchema);
      return await Promise.all(
        subjects.map(async (subject): Promise<Answer> => {
          const body = await jsonUnlessUnknown(
            http,
            {
              method: 'GET',
              url: `${config.baseUrl}/api/v3/${pathOf(subject)}`,
              headers: { 'x-apikey': apiKey, accept: 'application/json' },
            },
            { timeoutMs },
          );
          if (body === undefined || subject.kind === 'cve') return NOT_KNOWN;
          const parsed = objectSchema.safeParse(body);
          if (!parsed.success) throw new UnusableAnswerError('the answer is no object of VirusTotal');
          return opinionOf(parsed.data, subject.kind, now());
        }),
      );
    },
  };
}

function pathOf({ kind, value }: Subject): string {
  const id = encodeURIComponent(value);
  if (kind === 'hash') return `files/${id}`;
  return kind === 'ip' ? `ip_addresses/${id}` : `domains/${id}`;
}

function lifetimeSeconds(answer: Answer, { kind }: Subject): number {
  if (answer.kind !== 'opinion' || answer.opinion.verdict === 'unknown') return 6 * HOUR;
  if (kind !== 'hash') return 12 * HOUR;
  return answer.opinion.verdict === 'malicious' ? 7 * DAY : DAY;
}
