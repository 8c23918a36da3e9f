import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

/** Path style where an endpoint is given (an emulator): a bucket's own host name does not resolve there. */
export function s3Client(config: S3ClientConfig = {}, environment: NodeJS.ProcessEnv = process.env): S3Client {
  const emulated = environment['AWS_ENDPOINT_URL'] ?? environment['AWS_ENDPOINT_URL_S3'];
  return new S3Client({ ...(emulated ? { forcePathStyle: true } : {}), ...config });
}
