import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
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
  // Not the library's own middleware: it warns on each call that counted nothing, which is most of them.
  const publish = (): void => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  let deps: { readonly value: Deps } | undefined;
  return middy<unknown, Result>()
    .use(injectLambdaContext(logger, { clearState: true }))
    .use({ after: publish, onError: publish })
    .handler(async (event, context) => {
      deps ??= { value: compose(telemetry) };
      return await handle(deps.value, event, context);
    });
}
