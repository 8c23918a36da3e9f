import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { type Telemetry, telemetryFor } from './telemetry.ts';

/**
 * The shape of every handler: composition happens once per execution environment at the first call (`compose`), each
 * call parses its event from `unknown` itself and does one thing. Events are never logged.
 */
export function lambda<Deps, Result>(
  service: string,
  compose: (telemetry: Telemetry) => Deps,
  handle: (deps: Deps, event: unknown, context: Context) => Promise<Result>,
) {
  const { telemetry, logger, metrics } = telemetryFor(service);
  let deps: { readonly value: Deps } | undefined;
  return middy<unknown, Result>()
    .use(injectLambdaContext(logger, { clearState: true }))
    .use(logMetrics(metrics))
    .handler(async (event, context) => {
      deps ??= { value: compose(telemetry) };
      return await handle(deps.value, event, context);
    });
}
