import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** What functions may say about themselves. Never bodies, never credentials, never task tokens: ids, counts and reasons. */
export interface Telemetry {
  info(event: string, fields: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
  error(event: string, fields: Readonly<Record<string, unknown>>, cause?: unknown): void;
  /** Adds to a CloudWatch count in namespace Parapet; `dimensions` must have few values. */
  count(metric: string, dimensions?: Readonly<Record<string, string>>): void;
}

/** Keys whose values never reach a log, wherever they are nested. */
const SECRET_KEYS = /token|secret|password|authorization|cookie|apikey|credential/i;
/** Shapes of credentials that may hide in harmless-looking keys. */
const SECRET_VALUES =
  /xox[abprs]-[\w-]+|gh[pousr]_\w{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\b(?:Bearer|Basic) +[\w.+/=-]{8,}|k8s-aws-v1\.[\w-]+|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+|\b[0-9a-fA-F]{80,}\b/g;

export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(SECRET_VALUES, '[secret]');
  if (depth > 12 || value === null || typeof value !== 'object') return value;
  if (value instanceof Error) return value;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, SECRET_KEYS.test(key) ? '[secret]' : redact(member, depth + 1)]),
  );
}

export function telemetryFor(service: string): {
  readonly telemetry: Telemetry;
  readonly logger: Logger;
  readonly metrics: Metrics;
} {
  const logger = new Logger({
    serviceName: service,
    jsonReplacerFn: (key, value) => (SECRET_KEYS.test(key) ? '[secret]' : redact(value)),
  });
  const metrics = new Metrics({ namespace: 'Parapet', serviceName: service });
  // One for all: it sends each metric at once and forgets its dimensions, and making a new one per count costs a tenth of an alert.
  const alone = metrics.singleMetric();
  const telemetry: Telemetry = {
    info: (event, fields) => logger.info(event, { ...fields }),
    warn: (event, fields) => logger.warn(event, { ...fields }),
    error: (event, fields, cause) =>
      logger.error(event, { ...fields, ...(cause instanceof Error ? { error: cause } : {}) }),
    count(metric, dimensions) {
      // A metric with dimensions of its own is emitted apart, so that they do not spread to the others.
      const target = dimensions ? alone : metrics;
      for (const [name, value] of Object.entries(dimensions ?? {})) target.addDimension(name, value);
      target.addMetric(metric, MetricUnit.Count, 1);
    },
  };
  return { telemetry, logger, metrics };
}
