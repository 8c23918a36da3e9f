/**
 * Stands in the bundles for the SDK's credential providers that read a person's profile, an SSO session, a process or a token
 * file (infra/bundle.ts, decision 0005). A function of Lambda has its credentials in the environment, or from the address
 * SnapStart gives; there these providers could only say what this one says: not me, try the next.
 */
class NoProviderError extends Error {
  override readonly name = 'CredentialsProviderError';
  /** Read by the SDK's chain. */
  readonly tryNextLink = true;
}

const MESSAGE = 'this way to credentials is left out of the bundles of Lambda functions (infra/no-provider.ts)';

const none = () => async (): Promise<never> => {
  throw new NoProviderError(MESSAGE);
};

/** The client by which tokens of an SSO session are renewed. */
export class SSOOIDCClient {
  constructor() {
    throw new NoProviderError(MESSAGE);
  }
}

export const fromSSO = none;
export const fromIni = none;
export const fromProcess = none;
export const fromTokenFile = none;
