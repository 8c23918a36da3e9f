import type { AwsCredentials } from '../aws/signature.ts';
import { MissingSettingError } from './environment.ts';

/** The function's own credentials, which Lambda puts into its environment. @throws MissingSettingError outside of Lambda */
export async function functionCredentials(environment: NodeJS.ProcessEnv = process.env): Promise<AwsCredentials> {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment;
  if (!accessKeyId || !secretAccessKey)
    throw new MissingSettingError('the environment holds no credentials of AWS; a function of Lambda has them');
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
