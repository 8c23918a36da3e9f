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

const none = () => async (): Promise<never> => {
  throw new NoProviderError(
    'this way to credentials is left out of the bundles of Lambda functions (infra/no-provider.ts)',
  );
};

export const fromSSO = none;
export const fromIni = none;
export const fromProcess = none;
export const fromTokenFile = none;
