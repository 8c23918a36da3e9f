import { realHttp } from '../http/request.ts';
import { functionCredentials } from '../runtime/credentials.ts';
import { MissingSettingError } from '../runtime/environment.ts';
import { lambdaLookUp } from './client.ts';
import type { LookUp } from './port.ts';

/** The function of that name, or none. Address and region are where Lambda and the SDK put them. @throws MissingSettingError */
export function lookUpIn(
  functionName: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): LookUp | undefined {
  if (functionName === undefined) return undefined;
  const { AWS_REGION: region, AWS_ENDPOINT_URL_LAMBDA: own, AWS_ENDPOINT_URL: all } = environment;
  if (!region) throw new MissingSettingError('AWS_REGION is not set; a function of Lambda has it');
  return lambdaLookUp(
    {
      http: realHttp,
      credentials: () => functionCredentials(environment),
      region,
      endpoint: own || all || undefined,
      now: () => new Date(),
    },
    functionName,
  );
}
