import type { HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { TableAccess } from '../../store/dynamodb/client.ts';

/** What a connection to a vendor needs of the world besides the configuration. */
export interface VendorDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly now: () => Date;
  /** Absent: this process counts calls for itself alone. */
  readonly incidentsTable?: TableAccess | undefined;
}
