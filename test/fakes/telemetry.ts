import type { Telemetry } from '../../connectors/runtime/telemetry.ts';

export interface Said {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Remembers what a function said about itself, so that a test can count it and search it for secrets. */
export interface RecordingTelemetry extends Telemetry {
  readonly said: Said[];
  readonly counts: { readonly metric: string; readonly dimensions: Readonly<Record<string, string>> }[];
  /** How often a metric was counted, with dimensions that include the given ones. */
  counted(metric: string, dimensions?: Readonly<Record<string, string>>): number;
}

export function recordingTelemetry(): RecordingTelemetry {
  const said: Said[] = [];
  const counts: RecordingTelemetry['counts'] = [];
  return {
    said,
    counts,
    info: (event, fields) => void said.push({ level: 'info', event, fields }),
    warn: (event, fields) => void said.push({ level: 'warn', event, fields }),
    error: (event, fields, cause) => void said.push({ level: 'error', event, fields, cause }),
    count: (metric, dimensions = {}) => void counts.push({ metric, dimensions }),
    counted: (metric, dimensions = {}) =>
      counts.filter(
        (count) =>
          count.metric === metric &&
          Object.entries(dimensions).every(([name, value]) => count.dimensions[name] === value),
      ).length,
  };
}
