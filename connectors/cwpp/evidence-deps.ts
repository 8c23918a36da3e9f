import type { AwsCredentials } from '../aws/signature.ts';
import type { HttpDeps } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { TableAccess } from '../store/dynamodb/client.ts';

/** What a source's folder may use of the outside. */
export interface EvidenceDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly now: () => Date;
  /** The function's own credentials, for sources that are services of AWS. */
  readonly aws?: (() => Promise<AwsCredentials>) | undefined;
  /** Where a source counts its calls and keeps answers for minutes, when that must hold over all functions. */
  readonly incidentsTable?: TableAccess | undefined;
}
