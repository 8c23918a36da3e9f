import { sha256Hex } from '../../../domain/json/canonical.ts';
import { type HttpDeps, type HttpLimits, RefusedError } from '../../http/request.ts';
import { withCredential } from '../../publication/credential.ts';
import { DestinationRefusedError } from '../../publication/destination.ts';
import { sendOnce } from '../../publication/send-once.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type CardWords, cardMessage } from './card.ts';
import { teamsSecretSchema } from './schema.ts';

export interface TeamsDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly settings: { readonly secret: string };
  readonly limits?: HttpLimits;
}

/** A Workflows webhook: takes a card, gives no id back, and changes nothing afterwards. */
export function teams(deps: TeamsDeps) {
  return {
    /** Posts once. @throws DestinationRefusedError, DestinationUnavailableError */
    async post(words: CardWords): Promise<{ readonly requestSha256: string; readonly status: number }> {
      const body = cardMessage(words);
      return await withCredential(
        deps.secrets,
        { name: deps.settings.secret, schema: teamsSecretSchema },
        async ({ url }) => {
          const { status } = await send(deps, url, body);
          return { requestSha256: sha256Hex(body), status };
        },
      );
    },
  };
}
export type Teams = ReturnType<typeof teams>;

async function send(deps: TeamsDeps, url: string, body: string) {
  try {
    return await sendOnce(
      deps.http,
      { method: 'POST', url, headers: { 'content-type': 'application/json; charset=utf-8' }, body },
      deps.limits,
    );
  } catch (error) {
    // A flow that was deleted or whose address was renewed; the answer may name the address, so it is not kept.
    if (error instanceof DestinationRefusedError || (error instanceof RefusedError && error.status === 404)) {
      throw new DestinationRefusedError(
        `the Workflows webhook refused the card; check secret ${deps.settings.secret} and the flow`,
      );
    }
    throw error;
  }
}
