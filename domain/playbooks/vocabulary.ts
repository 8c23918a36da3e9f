/** Policies of Prisma Cloud about buckets that anybody can reach, by their names. */
export const OPEN_BUCKET_POLICIES = [
  'AWS S3 bucket publicly readable',
  'AWS S3 bucket publicly writable',
  'AWS S3 buckets are accessible to public',
] as const;

export const BUCKET_ARN = /^arn:aws:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
