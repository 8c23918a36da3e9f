/** One plain sentence about a failure, for people; the error itself is shown with PARAPET_DEBUG=1. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return `It failed: ${String(error)}`;
  const code = codeOf(error);
  if (error.name === 'SetupError') return error.message;
  if (error.name === 'CredentialsProviderError') {
    return 'No AWS credentials were found: sign in (aws sso login), name a profile in AWS_PROFILE, or start the laptop run with npm start.';
  }
  if (/region is missing/i.test(error.message)) {
    return 'No AWS region is set: give --region, set AWS_REGION, or start the laptop run with npm start.';
  }
  if (/ExpiredToken|UnrecognizedClient|InvalidClientTokenId/.test(error.name)) {
    return 'The AWS credentials are expired or not valid: sign in again.';
  }
  if (/AccessDenied|NotAuthorized|Forbidden/.test(error.name)) {
    return `AWS refused: ${firstLine(error.message)}`;
  }
  if (/ValidationError/.test(error.name) && /does not exist/.test(error.message)) {
    return `${firstLine(error.message)}: check --stack and --region, or start the laptop run with npm start.`;
  }
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT') {
    return `The other side cannot be reached (${code}): check the network, or start the laptop run again with npm start.`;
  }
  return firstLine(error.message) || error.name;
}

function codeOf(error: Error): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.trim() ?? '';
}
